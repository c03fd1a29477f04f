"""The pure parts of a storefront: forms, carts and buyers, whatever somebody sends."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.errors import Refusal
from till.storefront import cart
from till.storefront.answers import inside
from till.storefront.cart import CartRefused, Wanted
from till.storefront.forms import nested, number_of, read_form
from till.storefront.ordering import buyer_of, key_of, order_of
from till.storefront.shipped import shipped
from till.storefront.stock import stock_of
from till.storefront.visit import CartState

STOCK = stock_of(shipped().raw, "en", "USD")
IDS = sorted(STOCK.goods)[:6]
THERE = next(each for each in IDS if STOCK.goods[each].is_available)
WISHES = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from(IDS), st.integers(-2, 12_000)),
        st.tuples(st.just("change"), st.sampled_from(IDS), st.integers(-2, 12_000)),
        st.tuples(st.just("update"), st.sampled_from(IDS), st.integers(-2, 12_000)),
        st.tuples(st.just("clear"), st.just(0), st.just(0)),
    ),
    max_size=12,
)


@given(WISHES)
def test_a_cart_never_holds_what_cannot_be_bought(wishes):
    state = CartState()
    for what, variant, units in wishes:
        old = state
        try:
            match what:
                case "add":
                    state = cart.add(state, STOCK, [Wanted(variant_id=variant, quantity=units)])
                case "change":
                    state = cart.change(state, STOCK, key=str(variant), quantity=units)
                case "update":
                    state = cart.update(state, STOCK, updates={str(variant): units})
                case "clear":
                    state = cart.clear(state)
        except CartRefused:
            assert state == old
        for line in state.lines:
            stock = STOCK.goods[line.variant_id].variant.inventory
            assert 1 <= line.quantity <= (9_999 if stock is None else stock)
        assert len({line.key for line in state.lines}) == len(state.lines)


@given(
    st.binary(max_size=400), st.sampled_from(["application/x-www-form-urlencoded", "application/json", ""])
)
def test_any_body_is_read_or_refused(body, kind):
    with contextlib.suppress(Refusal):
        assert isinstance(read_form(body, kind), dict)


@given(st.binary(max_size=400), st.text("abc-=;\"' ", max_size=20))
def test_any_body_of_parts_is_read_or_refused(body, boundary):
    with contextlib.suppress(Refusal):
        assert isinstance(read_form(body, f"multipart/form-data; boundary={boundary}"), dict)


@given(st.lists(st.tuples(st.text("a[]0", max_size=8), st.text(max_size=3)), max_size=6))
def test_any_names_are_taken_apart_or_refused(pairs):
    with contextlib.suppress(Refusal):
        assert isinstance(nested(pairs), dict)


def test_names_with_brackets():
    pairs = [("id", "1"), ("items[0][id]", "2"), ("items[0][properties][a]", "b"), ("u[]", "3"), ("u[]", "4")]
    assert nested(pairs) == {
        "id": "1",
        "items": {"0": {"id": "2", "properties": {"a": "b"}}},
        "u": ["3", "4"],
    }


@pytest.mark.parametrize(
    ("given_as", "read"),
    [
        ("7", 7),
        (" 7 ", 7),
        (-3, -3),
        ("7.0", None),
        ("\N{ARABIC-INDIC DIGIT SEVEN}", None),
        (True, None),
        ([1], None),
        ("9" * 30, None),
    ],
)
def test_whole_numbers(given_as, read):
    assert number_of(given_as) == read


@given(st.text(max_size=30))
def test_nothing_leads_to_another_host(path):
    found = inside(path, "/cart")
    assert found == "/cart" or (found == path and found.startswith("/") and found[1:2] not in ("/", "\\"))


@given(
    st.dictionaries(st.sampled_from(["email", "last_name", "city", "zip", "phone"]), st.text(max_size=300))
)
def test_whatever_a_buyer_writes_is_said_beside_the_field(form):
    buyer = buyer_of(form)
    assert set(buyer.errors) <= set(buyer.values)
    assert {"address1", "country"} <= set(buyer.errors)


def test_a_key_is_of_one_visitor_one_cart_and_one_order():
    state = cart.add(
        CartState(), STOCK, [Wanted(variant_id=next(i for i in IDS if STOCK.goods[i].is_available))]
    )
    keys = {
        key_of("a", state, STOCK),
        key_of("b", state, STOCK),
        key_of("a", cart.update(state, STOCK, note="x"), STOCK),
        key_of("a", CartState(), STOCK),
        key_of("a", CartState(lines=state.lines, turn=1), STOCK),
    }
    assert len(keys) == 5


def test_an_order_names_what_the_catalogue_no_longer_has_nowhere():
    """A cart may be older than the catalogue."""
    state = cart.add(
        CartState(), STOCK, [Wanted(variant_id=next(i for i in IDS if STOCK.goods[i].is_available))]
    )
    older = CartState(lines=(*state.lines, type(state.lines[0])(variant_id=5, quantity=1)))
    buyer = dict.fromkeys(buyer_of({}).values, "x")
    assert len(order_of(older, STOCK, buyer)["order"]["lineItems"]) == 1
