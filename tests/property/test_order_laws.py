"""Laws of orders: totals are sums, statuses follow the ledger, and topics tell exactly what became true."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from builders import MINT, NOON, a_line, an_order
from till.errors import Refusal
from till.money import spell
from till.orders import ledger
from till.orders.cancel import Cancellation, PaidAndFulfilled, UnknownPayment, cancel
from till.orders.edit import Edit, edit
from till.orders.topics import TOPICS, is_cancelled, is_fulfilled, was_paid, was_shipped_in_part
from till.orders.totals import mismatches, totals
from till.orders.words import CancelReason, FinancialStatus, FulfillmentStatus
from till.webhooks.topic import told

cents = st.integers(0, 10**7).map(lambda minor: spell(minor, "USD"))
lines = st.lists(
    st.builds(
        lambda price, quantity, less: a_line(price=price, quantity=quantity, totalDiscount=less),
        cents,
        st.integers(1, 500),
        st.one_of(st.just("0.00"), cents),
    ),
    min_size=1,
    max_size=6,
)
codes = st.lists(
    st.one_of(
        st.builds(lambda amount: {"code": "F", "amount": amount}, cents),
        st.builds(
            lambda rate: {"code": "P", "amount": str(rate), "type": "percentage"},
            st.decimals(0, 100, places=2),
        ),
    ),
    max_size=2,
)
births = st.fixed_dictionaries(
    {"lineItems": lines},
    optional={
        "discountCodes": codes,
        "totalTax": cents,
        "taxesIncluded": st.booleans(),
        "financialStatus": st.sampled_from(FinancialStatus),
        "fulfillmentStatus": st.sampled_from(FulfillmentStatus),
        "totalOutstanding": cents,
        "currentTotalPrice": cents,
    },
)
edits = st.sampled_from(["", "a", "b"]).map(
    lambda note: lambda order: edit(order, edit_of(order, note), at=NOON)
)
cancels = st.tuples(st.booleans(), st.booleans()).map(
    lambda wish: lambda order: cancel(order, cancellation(refund=wish[0]), strict=wish[1], at=NOON)
)


def edit_of(order, note):
    kept = {name: getattr(order, name) for name in Edit.__struct_fields__}
    return Edit(**kept | {"note": note})


def cancellation(*, refund):
    return Cancellation(reason=CancelReason.OTHER, refund=refund, restock=False, mint=MINT)


def names(old, new):
    return [topic.name for topic in told(TOPICS, old, new)]


@given(births)
def test_the_whole_is_the_sum_of_its_parts_where_nothing_is_stated(birth):
    birth = {k: v for k, v in birth.items() if k not in ("totalOutstanding", "currentTotalPrice")}
    order = an_order(**birth)
    shown = totals(order)
    assert shown.total_line_items_price == sum(line.price * line.quantity for line in order.line_items)
    assert shown.subtotal_price == shown.total_line_items_price - shown.total_discounts
    assert 0 <= shown.total_discounts <= shown.total_line_items_price
    tax = 0 if order.taxes_included else shown.total_tax
    assert shown.total_price == shown.subtotal_price + tax
    assert mismatches(order, shown) == ()
    paid = ledger.received(order.transactions) - ledger.refunded(order.transactions)
    held = ledger.authorized(order.transactions)
    assert shown.total_outstanding == max(0, shown.current_total_price - paid - held)


@given(births)
def test_the_status_that_was_stated_is_shown_and_money_never_exceeds_the_total(birth):
    order = an_order(**birth)
    if "financialStatus" in birth:
        assert order.financial_status == birth["financialStatus"]
    taken, back = ledger.received(order.transactions), ledger.refunded(order.transactions)
    assert 0 <= back <= taken <= totals(order).total_price


@given(births, st.lists(st.one_of(edits, cancels), max_size=6))
def test_each_topic_is_told_if_and_only_if_it_came_true(birth, commands):
    new = an_order(**birth)
    heard, old = [names(None, new)], new
    assert heard[0][0] == "orders/create"
    assert "orders/update" not in heard[0]
    for command in commands:
        try:
            new = command(old)
        except Refusal:
            continue
        said = names(old, new)
        assert ("orders/update" in said) == (new != old)
        assert ("orders/update" in said) == bool(said)
        assert new.version == old.version + (new != old)
        assert said.count("refunds/create") == len(new.refunds) - len(old.refunds)
        heard.append(said)
        old = new
    flat = [topic for said in heard for topic in said]
    assert flat.count("orders/create") == 1
    assert flat.count("orders/cancelled") == is_cancelled(new)
    assert flat.count("orders/paid") == was_paid(an_order_like(birth))
    assert flat.count("orders/fulfilled") == is_fulfilled(new)
    assert flat.count("orders/partiallyFulfilled") == was_shipped_in_part(None, new)


def an_order_like(birth):
    """These commands never make an order paid, so it is told paid only if it was born so."""
    return an_order(**birth)


@given(births, st.booleans())
def test_what_is_cancelled_owes_nothing_and_ships_nothing(birth, refund):
    order = an_order(**birth)
    try:
        gone = cancel(order, cancellation(refund=refund), strict=False, at=NOON)
    except UnknownPayment:
        assert refund
        assert not ledger.received(order.transactions)
        return
    except PaidAndFulfilled:
        assert order.fulfillment_status is FulfillmentStatus.FULFILLED
        return
    shown = totals(gone)
    assert shown.total_outstanding == shown.current_total_price == 0
    assert all(gone.fulfillable_quantity(line) == 0 for line in gone.line_items)
    assert ledger.authorized(gone.transactions) == 0
    assert gone.financial_status not in (FinancialStatus.PENDING, FinancialStatus.AUTHORIZED)
    assert was_paid(gone) <= was_paid(order)
    if refund:
        assert ledger.refunded(gone.transactions) == ledger.received(gone.transactions)


@given(births)
def test_an_edit_back_and_forth_leaves_all_but_version_and_time(birth):
    order = an_order(**birth)
    there = edit(order, edit_of(order, "x"), at=NOON)
    back = edit(there, edit_of(there, order.note), at=NOON)
    assert replace(back, version=1, updated_at=order.updated_at) == order
