"""The filter language: what it understands, what it means, and that it never fails in any other way."""

import json
from itertools import combinations

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from till.caller import Protected
from till.shop import Fidelity
from till.webhooks.filters import BadFilter, compiled
from till.webhooks.forms import TEST, Form, Seen, hidden_of, shown
from till.webhooks.subscription import Options

ORDER = {
    "name": "#1001",
    "totalPrice": "129.00",
    "totalWeight": 1800,
    "currency": "USD",
    "financialStatus": "paid",
    "taxesIncluded": False,
    "note": 'Leave it "here", please',
    "createdTime": "2026-03-14T11:09:26-04:00",
    "cancelledTime": None,
    "customer": {"email": "Ada@example.com", "firstName": ""},
    "lineItems": [{"sku": "LAMP-W", "quantity": 2}, {"sku": "BULB", "quantity": 10}],
    "refunds": [],
}


def meets(text, thing=None):
    return compiled(text).matches({"order": ORDER if thing is None else thing})


@pytest.mark.parametrize(
    "text",
    [
        "totalPrice:>100",
        "totalPrice:129",
        "totalPrice:129.0",
        "totalPrice:>=129.00 AND totalPrice:<=129",
        "totalWeight:<2000",
        "financialStatus:paid",
        "financialStatus:PAID",
        'financialStatus:"paid"',
        "financialStatus:paid totalPrice:>100",
        "financialStatus:pending OR totalPrice:>100",
        "financialStatus:pending AND currency:EUR OR currency:USD",
        "currency:USD AND (financialStatus:pending OR financialStatus:paid)",
        "NOT currency:EUR",
        "NOT (currency:EUR OR currency:GBP)",
        "NOT NOT currency:USD",
        "customer.email:ada@*",
        "customer.email:*",
        "NOT cancelledTime:*",
        "NOT nothing.at.all:*",
        "NOT refunds.amount:>0",
        "lineItems.sku:BULB",
        "lineItems.quantity:>5 AND lineItems.sku:LAMP-W",
        "taxesIncluded:false",
        'note:"Leave it \\"here\\", please"',
        "name:#1001",
        "createdTime:>2026-03-14T15:00:00Z",
        "createdTime:<=2026-03-14T15:09:26Z",
        '  currency:USD  AND totalPrice:>"100" ',
    ],
)
def test_an_order_that_meets_the_filter(text):
    assert meets(text)
    assert not meets(f"NOT ({text})")


@pytest.mark.parametrize(
    "text",
    [
        "totalPrice:>129",
        "totalPrice:>=129.01",
        "financialStatus:pai",
        'customer.email:"ada@*"',
        "cancelledTime:*",
        "cancelledTime:<2030-01-01T00:00:00Z",
        "currency:EUR AND currency:USD",
        "currency:>5",
        "nothing:x",
        "lineItems.sku:LAMP",
        "createdTime:>2026-03-14T16:00:00Z",
    ],
)
def test_an_order_that_does_not(text):
    assert not meets(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "totalPrice",
        "totalPrice:",
        ":5",
        "totalPrice:>",
        "totalPrice:>lots",
        "totalPrice:>NaN",
        "createdTime:>2026-03-14T11:09:26",
        "(currency:USD",
        "currency:USD)",
        "()",
        "currency:USD AND",
        "OR currency:USD",
        "AND",
        "NOT",
        'note:"open',
        "a..b:1",
        "a.:1",
        "-a:1",
        "NOT " * 30 + "a:1",
        "(" * 30 + "a:1" + ")" * 30,
        "a:1 " * 300,
    ],
)
def test_what_is_no_filter_is_refused_by_its_field(text):
    with pytest.raises(BadFilter) as refused:
        compiled(text)
    assert list(refused.value.fields) == ["webhook.filter"]
    assert refused.value.message.startswith("The filter ")


WORDS = st.sampled_from(
    ["AND", "OR", "NOT", "(", ")", "a:1", "b.c:>2", 'd:"x y"', "e:*", "f:te*", ":", '"', "<", "a", " ", "\\"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcdef"), inner, max_size=3),
    max_leaves=12,
)


@given(st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=12).map(" ".join)), JSON)
@example("a:1e999999999", 1)
@example("a:>0e1000000", {"a": "1e999999"})
@example("a:>sNaN", None)
@example("a:>٣", {"a": "٣"})
@example("\0", None)
def test_nothing_but_a_bad_filter_is_ever_raised(text, thing):
    try:
        found = compiled(text)
    except BadFilter:
        return
    assert found.matches({"order": thing}) in (True, False)


TERMS = st.sampled_from(
    ["totalPrice:>100", "currency:EUR", "lineItems.sku:BULB", "cancelledTime:*", "name:x*", "totalWeight:<9"]
)
CONDITIONS = st.recursive(
    TERMS,
    lambda inner: st.one_of(
        inner.map(lambda each: f"NOT ({each})"),
        st.tuples(inner, st.sampled_from([" AND ", " OR ", " "]), inner).map(
            lambda each: f"({each[0]}){each[1]}({each[2]})"
        ),
    ),
    max_leaves=6,
)


@given(CONDITIONS, CONDITIONS, CONDITIONS)
def test_the_laws_of_and_or_and_not_hold(a, b, c):
    assert meets(f"NOT (({a}) OR ({b}))") == meets(f"NOT ({a}) AND NOT ({b})")
    assert meets(f"NOT (({a}) AND ({b}))") == meets(f"(NOT ({a})) OR (NOT ({b}))")
    assert meets(f"({a}) ({b})") == meets(f"({b}) AND ({a})")
    assert meets(f"({a}) OR ({b}) AND ({c})") == meets(f"({a}) OR (({b}) AND ({c}))")
    assert meets(a) is not meets(f"NOT ({a})")
    assert compiled(f"({a})").paths == compiled(a).paths


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        (("name",), {"name": "#1001"}),
        (("customer.email",), {"customer": {"email": "Ada@example.com"}}),
        (("customer", "customer.email"), {"customer": ORDER["customer"]}),
        (("lineItems.sku",), {"lineItems": [{"sku": "LAMP-W"}, {"sku": "BULB"}]}),
        (("cancelledTime.at", "refunds.id"), {"cancelledTime": None, "refunds": []}),
        (("nothing",), {}),
    ],
)
def test_a_payload_is_cut_to_its_fields(fields, kept):
    payload = json.dumps({"order": ORDER}).encode()

    def render(*_):
        raise AssertionError("nothing is hidden, so that nothing is rendered")

    assert json.loads(shown(payload, Form(fields=fields), render)) == {"order": kept}


def test_the_name_of_a_form_is_that_of_what_it_shows():
    assert Form().digest == Form(fields=Options().fields).digest == ""
    assert Form(fields=("a", "b")).digest == Form(fields=("b", "a")).digest
    assert Form(fields=("a",)).digest != Form(fields=("a", "b")).digest


def test_what_many_see_of_one_event_is_made_once():
    """A hundred subscribers with filters and fields cost as many readings as there are ways to see it."""
    made = []

    def render(payload, fidelity, hidden):
        made.append((fidelity, hidden))
        return payload.replace(b"ada", b"") if hidden else payload

    payload = b'{"order":{"id":"1","email":"ada","lineItems":[{"sku":"A","price":"1"}]}}'
    seen, mail = Seen(payload, render), frozenset({Protected.EMAIL})
    for _ in range(3):
        for price in range(30):
            assert seen.meets(f"lineItems.price:<{price + 2}", Form(fields=("id",)))
            assert seen.meets("email:ada", Form(fields=("email",)))
            assert not seen.meets("email:ada", Form(hidden=mail, fields=("email",)))
        for fields, told in (
            (("id",), {"id": "1"}),
            (("email", "lineItems.sku"), {"email": "", "lineItems": [{"sku": "A"}]}),
        ):
            for fidelity in Fidelity:
                form = Form(fidelity=fidelity, hidden=mail, fields=fields)
                assert msgspec.json.decode(seen.shown(form)) == {"order": told}
                assert seen.shown(form) is seen.shown(form)
    assert sorted(made) == sorted((fidelity, mail) for fidelity in Fidelity)


@pytest.mark.parametrize("count", range(len(Protected) + 1))
def test_the_name_of_a_form_tells_what_it_hides(count):
    for hidden in map(frozenset, combinations(Protected, count)):
        for fidelity in Fidelity:
            name = Form(fidelity=fidelity, hidden=hidden, fields=("id",)).digest
            assert hidden_of(name) == hidden_of(f"test-{name}") == hidden
            assert hidden_of(f"test-orders/paid-{name}") == hidden
            assert not name.startswith(TEST)
    assert hidden_of("") == hidden_of("test-") == frozenset()
