"""Laws of the two views of an order: neither loses what was told, and each makes the same order again."""

import json
from datetime import datetime

import msgspec
from hypothesis import given
from whole_orders import whole_orders

from builders import SHOP, an_order
from till.orders.wire.answer import show
from till.orders.wire.event import documented_event, tell

# What is each order's own; and what depends on refunds, which answers do not carry.
OWN = {"id", "orderId", "number", "name", "version", "updatedAt", "updatedTime", "allowedActions"}
INNER = {"orderId", "fulfillmentOrderId"}
# What only one view has, beside the names of times, the sets of money and the two forms of terms and cuts.
IN_ANSWERS = {"orderId", "allowedActions", "warnings"}
IN_EVENTS = {"refunds", "shopCurrency"}
TERMS = {"paymentTerms", "morePaymentTerms"}


def answer(order):
    return json.loads(msgspec.json.encode(show(order, SHOP)))


def event(order):
    return json.loads(tell(order, SHOP, show(order, SHOP)))["order"]


def but_own(value, gone=OWN):
    """`value` without what is the order's own."""
    if isinstance(value, dict):
        return {name: but_own(each, INNER) for name, each in value.items() if name not in gone}
    return [but_own(each, INNER) for each in value] if isinstance(value, list) else value


@given(whole_orders())
def test_an_answer_sent_as_a_new_order_is_answered_the_same(sent):
    first = answer(an_order(**sent))
    assert but_own(answer(an_order(**first))) == but_own(first)


def retold(order):
    """The event without what it cannot say twice: of a cancelled order nothing stands, yet is refundable."""
    told = but_own(event(order))
    inner = [unit["lineItem"] for refund in told["refunds"] for unit in refund["refundLineItems"]]
    for line in (*told["lineItems"], *inner) if order.cancelled_at else ():
        line.pop("refundableQuantity")
    return told


@given(whole_orders())
def test_an_event_sent_as_a_new_order_is_told_the_same(sent):
    order = an_order(**sent)
    assert retold(an_order(**event(order))) == retold(order)


@given(whole_orders())
def test_an_event_as_the_samples_print_it_makes_the_same_order(sent):
    order = an_order(**sent)
    printed = json.loads(documented_event(tell(order, SHOP, show(order, SHOP))))["order"]
    assert retold(an_order(**printed)) == retold(order)


def plain(value):
    """A value as both spellings of it say: a time is its moment, a number its value."""
    if isinstance(value, str):
        for read in (float, datetime.fromisoformat):
            try:
                return read(value)
            except ValueError:
                continue
    return value


def compare(sent, seen, at=""):
    """Every value that was sent is shown."""
    if isinstance(sent, dict):
        for name, value in sent.items():
            compare(value, seen[name], f"{at}.{name}")
    elif isinstance(sent, list):
        assert len(sent) == len(seen), at
        for index, value in enumerate(sent):
            compare(value, seen[index], f"{at}[{index}]")
    else:
        assert plain(sent) == plain(seen), at


# What is completed or has another form in answers: a percentage, derived parts, what moved, one name of two.
COMPLETED = {"discountCodes", "discountApplications", "taxLines", "lineItems", "transactions", "refunds"}


@given(whole_orders())
def test_what_was_sent_is_shown(sent):
    shown = answer(an_order(**sent))
    shown["paymentTerms"] = [shown["paymentTerms"], *shown["morePaymentTerms"]][: len(sent["paymentTerms"])]
    skipped = COMPLETED | {name for name in ("email", "closedAt") if sent[name] is None}
    compare({name: value for name, value in sent.items() if name not in skipped}, shown)
    for name in ("discountApplications", "taxLines"):
        compare(sent[name], shown[name][: len(sent[name])], name)
    for line, seen in zip(sent["lineItems"], shown["lineItems"], strict=True):
        derived = {name for name in ("taxLines", "discountAllocations") if not line[name]}
        compare({name: value for name, value in line.items() if name not in derived}, seen)


def renamed(name):
    return f"{name.removesuffix('At')}Time" if name.endswith("At") else name


def both(seen, told, at="", *, skip=()):
    """Hold what an answer shows against what an event tells."""
    if isinstance(seen, dict) and told is not None:
        for name, value in seen.items():
            if name not in skip:
                both(value, told[renamed(name)], f"{at}.{name}")
    elif isinstance(seen, list):
        assert len(seen) == len(told), at
        for one, other in zip(seen, told, strict=True):
            both(one, other, at)
    else:
        assert seen == told, at


@given(whole_orders())
def test_both_views_show_all_of_one_order(sent):
    order = an_order(**sent)
    seen, told = answer(order), event(order)
    names = {renamed(name) for name in set(seen) - IN_ANSWERS - TERMS}
    sets = {name for name in told if name.endswith("Set")}
    assert names == set(told) - IN_EVENTS - TERMS - sets
    lines = {"lineItems", "fulfillments", "customer"}
    both(seen, told, skip=IN_ANSWERS | TERMS | lines)
    for line, other in zip(seen["lineItems"], told["lineItems"], strict=True):
        both(line, other, skip={"discountAllocations"})
        assert [cut["amount"] for cut in line["discountAllocations"]] == (
            [other["discountAllocations"]["amount"]] if other["discountAllocations"] else []
        )
    for one, other in zip(seen["fulfillments"], told["fulfillments"], strict=True):
        both(one, other, skip={"id", "cancelledAt", "lineItems"})
        both(one["lineItems"], other["lineItems"])
    if seen["customer"] is not None:
        both(seen["customer"], told["customer"])
    assert [each for each in (seen["paymentTerms"], *seen["morePaymentTerms"]) if each] == told[
        "paymentTerms"
    ]
