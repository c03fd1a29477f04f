"""Tokens are those of python-liquid, and come in a time that grows with the file and with nothing else."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from liquid import Token
from liquid.builtin.expressions import tokenize
from liquid.exceptions import LiquidError
from liquid.lex import get_lexer

from theming import faulty
from till.liquid.lexing import tokens, words
from till.liquid.parsing import parse

LARGEST = 256 * 1024
PIECES = """{{~}}~{%~%}~-~ ~\n~a~raw~endraw~comment~endcomment~doc~enddoc~{~}~%~#~{% raw %}~{% endraw -%}~\x1c
~{%- comment -%}~{% endcomment -%}~{{ a }}~{{- a -}}~{% if x -%}~{%- endif %}~'~{% doc %}~{%- enddoc -%}"""
PARTS = "(~)~..~.~a~'~\"~[~]~1~-~=~!~<~|~:~,~ ~in~and~not~b-c~?~\n~@~['a']~[ 1 ]~(1..a)~contains~12.5"


def texts(pieces, most):
    return st.lists(st.sampled_from(pieces.split("~")), max_size=most).map("".join)


def read(work, *given):
    """What comes of it; None where it is refused."""
    try:
        return [(token.kind, token.value, token.start_index) for token in work(*given)]
    except LiquidError:
        return None


@settings(max_examples=1_500)
@given(texts(PIECES, 16))
def test_a_file_is_cut_as_python_liquid_cuts_it(text):
    # Its pattern takes the last line break of a file for an end, and loses it behind `-%}`.
    text = text.rstrip("\n")
    assert read(tokens, text) == read(get_lexer(), text)


@settings(max_examples=1_000)
@given(texts(PARTS, 16))
def test_an_expression_is_cut_as_python_liquid_cuts_it(text):
    parent = Token("expression", text, 7, text)
    assert read(words, text, parent) == read(tokenize, text, parent)


def test_the_last_line_break_stays_behind_a_tag_that_trims():
    assert faulty("{% if true %}a{% endif -%}\n b\n")[0] == "ab\n"


HOSTILE = {
    "open outputs": "{{" * (LARGEST // 2),
    "an output and blanks": "{{" + " " * (LARGEST - 2),
    "open tags": "{%" * (LARGEST // 2),
    "tags without a name": "{% comment %}" + "{%" * (LARGEST // 2 - 20) + "%}{% endcomment %}",
    "outputs in a comment": "{% comment %}" + "{{" * (LARGEST // 2 - 20) + "{% endcomment %}",
    "raw in a comment": "{% comment %}" + "{% raw %}" * 29_000 + "{% endcomment %}",
    "doc in a comment": "{% comment %}" + "{% doc %}" * 29_000 + "{% endcomment %}",
}
LONG = {
    "open brackets": "(" * LARGEST,
    "open names": '["a" ' * (LARGEST // 5),
    "a range at the end": "(" * (LARGEST - 3) + "1..2",
    "open squares": "[" * LARGEST,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_is_cut_within_a_second(name):
    began = time.process_time()
    read(tokens, HOSTILE[name])
    assert time.process_time() - began < 1


@pytest.mark.parametrize("name", LONG)
def test_an_expression_is_cut_within_a_second(name):
    began = time.process_time()
    list(words(LONG[name], Token("expression", "", 0, "")))
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fine\n" + HOSTILE["open outputs"], "snippets/a.liquid:2: {{ is never closed by }}"),
        ("fine\n\n{{ a\n b", "snippets/a.liquid:3: {{ is never closed by }}"),
        ("{{ a }}\n{% if a", "snippets/a.liquid:2: {% is never closed by %}"),
        ("\n{% 'x' %}", "snippets/a.liquid:2: this tag has no name"),
    ],
)
def test_what_is_left_open_is_said_with_its_line(text, said):
    assert [str(fault) for fault in parse({"snippets/a.liquid": text})] == [said]


def test_blocks_that_nest_too_deep_are_not_searched_again_and_again():
    began = time.process_time()
    faults = parse({"snippets/a.liquid": "{% if a %}" * (LARGEST // 10)})
    assert time.process_time() - began < 4
    assert {fault.kind for fault in faults} == {"limit", "syntax"}
