"""What was parsed once is not parsed again, whichever theme has it; what is kept is bounded."""

import time

from liquid import parser

from theming import page, told
from till.liquid.parsed import Memory, Parsed


def test_a_file_is_parsed_once_for_all_themes_that_have_it(monkeypatch):
    parsed = []
    real = parser.Parser.parse
    monkeypatch.setattr(parser.Parser, "parse", lambda self, stream: parsed.append(1) or real(self, stream))
    files = {
        "templates/index.liquid": "{{ 'once' | upcas }} {% render 'a' %}",
        "snippets/a.liquid": "once, 1",
    }
    first = page(files)
    assert len(parsed) >= 2
    parsed.clear()
    second = page(files)
    assert parsed == []
    assert (second.body, told(second)) == (first.body, told(first))
    page(files | {"snippets/a.liquid": "once, 2"})
    assert len(parsed) == 1


def test_strict_and_lax_are_kept_apart():
    source = "{% if things | size > 1 %}kept apart{% endif %}"
    assert told(page({"templates/index.liquid": source}, shown={"things": [1]})) == []
    assert told(page({"templates/index.liquid": source}, shown={"things": [1]}, strict=True)) != []
    assert told(page({"templates/index.liquid": source}, shown={"things": [1]})) == []


def test_the_oldest_are_forgotten():
    memory = Memory(10)
    for name in "abc":
        memory.keep(1, name, "1234", Parsed([], []))
        assert memory.get(1, "a", "1234") is not None
    assert [memory.get(1, name, "1234") is not None for name in "abc"] == [True, False, True]
    memory.keep(1, "long", "x" * 11, Parsed([], []))
    assert memory.get(1, "long", "x" * 11) is None
    assert memory.get(2, "a", "1234") is None


def test_a_word_as_long_as_a_file_may_be_is_looked_at_once():
    files = {"snippets/long.liquid": "a" * 250_000 + " name: "}
    began = time.process_time()
    assert told(page(files | {"templates/index.liquid": "{{ name }}{{ nane }}"})) != []
    assert time.process_time() - began < 2
