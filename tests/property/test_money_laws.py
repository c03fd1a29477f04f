"""Money is exact: whatever is parsed is spelled again, whatever is spread sums to the whole."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.errors import Invalid
from till.money import DIGITS, LARGEST, BadAmount, digits_of, parse, percent, spell, spread

currencies = st.sampled_from(sorted(DIGITS))


@given(st.integers(-LARGEST, LARGEST), currencies)
def test_what_is_spelled_is_parsed_to_the_same_amount(minor, currency):
    text = spell(minor, currency)
    assert parse(text, currency) == minor
    assert len(text.partition(".")[2]) == DIGITS[currency]


@given(st.decimals(allow_nan=True, allow_infinity=True), currencies)
def test_what_is_parsed_is_exactly_the_amount_or_refused(value, currency):
    try:
        minor = parse(value, currency)
    except BadAmount:
        return
    assert Decimal(minor) == value.scaleb(DIGITS[currency])


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**9), min_size=1, max_size=40))
def test_a_spread_loses_no_cent_and_gives_each_its_share(amount, weights):
    parts = spread(amount, weights)
    assert sum(parts) == amount
    whole = sum(weights)
    if whole:
        for part, weight in zip(parts, weights, strict=True):
            assert 0 <= part - amount * weight // whole <= 1
            assert weight or not part


def test_left_over_cents_go_to_the_first_parts():
    assert spread(1020, [12999, 3998]) == [781, 239]
    assert spread(425, [12999, 3998]) == [326, 99]
    assert spread(1000, [1, 1, 1]) == [334, 333, 333]
    assert spread(5, [0, 0]) == [3, 2]


def test_a_percentage_rounds_halves_up():
    assert percent(Decimal("9.00"), 19900) == 1791
    assert percent(Decimal(50), 1) == 1


@pytest.mark.parametrize("text", ["", "x", "NaN", "Infinity", "1e400", "1e30", "--1", "12.345"])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(BadAmount):
        parse(text, "USD")


def test_an_unknown_currency_is_refused_by_name():
    with pytest.raises(Invalid, match="'ZZZ' is not a currency"):
        digits_of("ZZZ")
