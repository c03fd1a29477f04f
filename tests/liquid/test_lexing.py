"""Tokens are those of python-liquid, and come in a time that grows with the file and with nothing else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from liquid import Token
from liquid.builtin.expressions import tokenize
from liquid.exceptions import LiquidError
from liquid.lex import get_lexer

from growing import is_linear
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
    "open outputs": lambda size: "{{" * (size // 2),
    "an output and blanks": lambda size: "{{" + " " * (size - 2),
    "open tags": lambda size: "{%" * (size // 2),
    "tags without a name": lambda size: "{% comment %}" + "{%" * (size // 2 - 20) + "%}{% endcomment %}",
    "outputs in a comment": lambda size: "{% comment %}" + "{{" * (size // 2 - 20) + "{% endcomment %}",
    "raw in a comment": lambda size: "{% comment %}" + "{% raw %}" * (size // 9) + "{% endcomment %}",
    "doc in a comment": lambda size: "{% comment %}" + "{% doc %}" * (size // 9) + "{% endcomment %}",
}
LONG = {
    "open brackets": lambda size: "(" * size,
    "open names": lambda size: '["a" ' * (size // 5),
    "a range at the end": lambda size: "(" * (size - 3) + "1..2",
    "open squares": lambda size: "[" * size,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_cutting_a_file_grows_with_it(name):
    assert is_linear(lambda text: read(tokens, text), HOSTILE[name], LARGEST)


@pytest.mark.parametrize("name", LONG)
def test_cutting_an_expression_grows_with_it(name):
    assert is_linear(lambda text: list(words(text, Token("expression", "", 0, ""))), LONG[name], LARGEST)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fine\n" + HOSTILE["open outputs"](LARGEST), "snippets/a.liquid:2: {{ is never closed by }}"),
        ("fine\n\n{{ a\n b", "snippets/a.liquid:3: {{ is never closed by }}"),
        ("{{ a }}\n{% if a", "snippets/a.liquid:2: {% is never closed by %}"),
        ("\n{% 'x' %}", "snippets/a.liquid:2: this tag has no name"),
    ],
)
def test_what_is_left_open_is_said_with_its_line(text, said):
    assert [str(fault) for fault in parse({"snippets/a.liquid": text})] == [said]


def test_blocks_that_nest_too_deep_are_not_searched_again_and_again():
    found = []

    def work(text):
        found[:] = parse({"snippets/a.liquid": text})

    assert is_linear(work, lambda size: "{% if a %}" * (size // 10), LARGEST)
    assert {fault.kind for fault in found} == {"limit", "syntax"}
