"""What holds for every filter: odd input, foreign arguments, text that is no HTML, and no end of it."""

import re
import time
from pathlib import Path

import pytest
from filtering import NOON, PLAIN, rendered, thing
from liquid.exceptions import LiquidError
from liquid.undefined import Undefined

from growing import is_linear
from till.liquid.context import ThemeContext
from till.liquid.filters import all_filters
from till.liquid.limits import Limits
from till.liquid.registers import Registers
from till.liquid.run import Run

OURS = sorted(all_filters())
EVERY = sorted(PLAIN.filters)
HERE = Path(__file__).parent
PAYLOAD = "<script>\"'&"
HOSTILE = thing(
    "thing",
    **dict.fromkeys(
        [
            "title",
            "url",
            "src",
            "alt",
            "id",
            "handle",
            "vendor",
            "type",
            "value",
            "name",
            "weight",
            "unit",
            "address1",
            "family",
            "host",
            "external_id",
            "media_type",
            "first_name",
            "reference_unit",
            "iso_code",
            "symbol",
        ],
        PAYLOAD,
    ),
)
# These hand on text, a number, a value or a path, not HTML: what they write is escaped by the next filter or
# by the author, as on the platform.
TEXT = frozenset(
    [
        "asset_img_url",
        "asset_url",
        "brightness_difference",
        "camelize",
        "collection_img_url",
        "color_brightness",
        "color_contrast",
        "color_darken",
        "color_desaturate",
        "color_difference",
        "color_extract",
        "color_lighten",
        "color_mix",
        "color_modify",
        "color_saturate",
        "color_to_hex",
        "color_to_hsl",
        "color_to_oklch",
        "color_to_rgb",
        "date",
        "external_video_url",
        "file_img_url",
        "file_url",
        "font_modify",
        "font_url",
        "global_asset_url",
        "handle",
        "handleize",
        "hex_to_rgba",
        "hmac_sha1",
        "hmac_sha256",
        "image_url",
        "img_url",
        "item_count_for_variant",
        "line_items_for",
        "md5",
        "metafield_text",
        "money_amount",
        "payment_type_img_url",
        "pluralize",
        "product_img_url",
        "article_img_url",
        "sha1",
        "sha256",
        "shopify_asset_url",
        "uniq",
        "sort_by",
        "url_escape",
        "url_for_type",
        "url_for_vendor",
        "url_param_escape",
        "weight_with_unit",
        "within",
    ]
)
ODD = [
    None,
    True,
    False,
    0,
    -1,
    10**40,
    2.5,
    float("inf"),
    float("nan"),
    "",
    "x",
    "\x00\ud800",
    "1e999999999",
    "9" * 5000,
    "%" * 3000,
    "http://[::1",
    "now",
    [],
    [1, "a", None, [2]],
    [[[]]],
    {},
    {"title": "t", 5: None},
    range(3),
    range(10**12),
    Undefined("nothing"),
    thing("product"),
    HOSTILE,
    thing("metafield", type="rating", value=None),
    thing("form", errors=thing("e")),
]


def context():
    template = PLAIN.from_string("", name="snippets/x.liquid")
    return ThemeContext(template, run=Run(PLAIN, Registers(now=NOON), Limits(), {}), globals={})


def call(name, value, /, *given, **named):
    function = PLAIN.filters[name]
    if function.with_context:
        named["context"] = context()
    if function.with_environment:
        named["environment"] = PLAIN
    return function(value, *given, **named)


def told(name, value, *given):
    """What a filter made, or the sentence that it refused with."""
    try:
        return call(name, value, *given)
    except LiquidError as error:
        said = str(error.message)
    assert said.startswith((f"{name}: ", f"{name} "))
    assert len(said) < 500
    return said


@pytest.mark.parametrize("name", EVERY)
def test_odd_input_ends_in_a_value_or_in_a_fault(name):
    begun = time.process_time()
    for value in ODD:
        for given in (
            [],
            ["x"],
            [None],
            [10**40],
            [["a"]],
            [HOSTILE],
            ["x", "y"],
            ["red", -5],
            [float("nan")],
        ):
            made = told(name, value, *given)
            assert not isinstance(made, str) or len(made) < 2_000_000
    assert time.process_time() - begun < 5


@pytest.mark.parametrize("name", OURS)
def test_arguments_of_other_names_are_refused_or_ignored(name):
    for named in ({"contxt": 1}, {"value": "<b>"}, {"x" * 3000: "y"}, {"on<load": "y"}, {"class": HOSTILE}):
        try:
            made = call(name, "x", **named)
        except LiquidError:
            continue
        assert "<b>" not in str(made)
        assert "on<load" not in str(made)


@pytest.mark.parametrize("name", sorted(set(OURS) - TEXT))
def test_what_is_written_into_html_is_escaped(name):
    for value in (PAYLOAD, HOSTILE, [PAYLOAD]):
        for given in ([], [PAYLOAD], [PAYLOAD, PAYLOAD], ["weight", PAYLOAD], [HOSTILE]):
            for named in ({}, {"class": PAYLOAD}, {"field": "title"}, {"alt": PAYLOAD}, {"as": PAYLOAD}):
                try:
                    made = call(name, value, *given, **named)
                except LiquidError:
                    continue
                assert "<script>" not in str(made), (value, given, named)


def test_filters_that_write_no_html_are_all_ours():
    assert set(OURS) >= TEXT


@pytest.mark.parametrize("name", OURS)
def test_each_filter_has_cases_of_its_own(name):
    cases = "".join(
        path.read_text(encoding="utf-8") for path in HERE.glob("test_filters_*.py") if "odd" not in path.name
    )
    assert re.search(rf"\| {name}\b|hmac_\" \+ name|\"{name}\"", cases)


def test_a_filter_that_fails_names_itself_and_its_line_and_the_page_goes_on():
    made, faults = rendered("a\n{{ 'x' | color_darken: 3 }}b{{ 'x' | sort_by }}c\n{{ 'x' | nofilter }}")
    assert made.startswith("a\nbc\n")
    said = [(fault.line, fault.message.partition(":")[0]) for fault in faults if fault.kind == "bad_argument"]
    assert said == [(2, "color_darken"), (2, "sort_by")]


def test_an_object_is_one_item_to_the_filters_of_lists():
    tea = thing("product", title="Tea", price=5)
    twice = [tea, thing("product", price=5), thing("product", price=6)]
    mixed = [1, True, 1, "1", [1], {"a": 1}, {"a": 1}, "1", True]
    page = {"tea": tea, "all": [tea], "twice": twice, "mixed": mixed}
    for source, want in (
        ("tea | map: 'title' | join", "Tea"),
        ("tea | where: 'title', 'Tea' | size", "1"),
        ("tea | sum: 'price'", "5"),
        ("all | find: 'price', 5 | json", '{"title":"Tea","price":5}'),
        ("all | has: 'title', 'Tea'", "true"),
        ("all | reject: 'title' | size", "0"),
        ("all | find_index: 'price', 5", "0"),
        ("all | uniq | size", "1"),
        ("twice | uniq: 'price' | size", "2"),
        ("mixed | uniq | json", '[1,true,"1",{"a":1}]'),
    ):
        assert rendered("{{ " + source + " }}", **page) == (want, [])


@pytest.mark.parametrize(
    ("source", "want"),
    [
        ("true | append: '!'", "true!"),
        ("'a' | append: false | prepend: true", "trueafalse"),
        ("'a' | append: nil | prepend: gap", "a"),
        ("'true' | replace: true, 'x' | remove: false", "x"),
        ("'abc' | replace: 'b', nil", "ac"),
        ("false | upcase", "FALSE"),
        ("list | append: ''", '[1, true, nil, "a\\"", [2]]'),
        ("pairs | append: ''", '{"a"=>nil}'),
        ("(1..3) | append: ''", "1..3"),
        ("list | join: '-'", '1-true--a"-[2]'),
        ("true | join: ','", "true"),
        ("list | join: nil", '1truea"[2]'),
        ("list", '1truea"2'),
        ("'abcdefgh' | truncate: 5", "ab..."),
        ("'a&b' | escape | escape", "a&amp;b"),
    ],
)
def test_no_word_of_python_is_shown(source, want):
    page = {"list": [1, True, None, 'a"', [2]], "pairs": {"a": None}, "gap": None}
    assert rendered("{{ " + source + " }}", **page) == (want, [])
    assert rendered("{% echo " + source + " %}", **page) == (want, [])


def test_equal_items_of_a_long_list_are_found_at_once():
    assert len(call("uniq", [number % 5000 for number in range(100_000)])) == 5000
    assert is_linear(lambda given: call("uniq", given), lambda size: [n // 2 for n in range(size)], 64_000)
    with pytest.raises(LiquidError, match="cannot be compared"):
        call("uniq", [{"a": number} for number in range(5000)])
    with pytest.raises(LiquidError, match="uniq: cannot read the property 'a' of '1'"):
        call("uniq", [1, 2], "a")
