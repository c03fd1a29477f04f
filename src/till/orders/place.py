"""The birth of an order: what was stated becomes money and shipments that agree (rulings.md §4.4)."""

from collections.abc import Iterable

from msgspec.structs import replace

from till.orders import ledger
from till.orders.life import settled
from till.orders.movements import FulfilledUnits, Fulfillment, Refund, Transaction
from till.orders.order import Order
from till.orders.parts import LineItem
from till.orders.pay import MANUAL, Mint
from till.orders.totals import Totals, totals
from till.orders.words import FinancialStatus as Status
from till.orders.words import FulfillmentState, FulfillmentStatus, LineStatus, RestockType
from till.orders.words import TransactionKind as Kind

ONCE_PAID = {Status.PAID, Status.PARTIALLY_REFUNDED, Status.REFUNDED}


def place(order: Order, mint: Mint, *, at: int) -> Order:
    """`order` with the money and the shipments that its stated statuses say there were."""
    shown = totals(order)
    # What its channel took off the total before is not to be paid.
    payable = shown.total_price
    if order.stated.current_total_price is not None:
        payable = min(payable, order.stated.current_total_price)
    placed = replace(order, payable=payable)
    if not order.transactions:
        placed = _paid(placed, shown, mint, at=at)
    placed = _shipped(_given_back(placed, mint), mint)
    placed = _shipped_first(placed)
    if placed.financial_status not in ONCE_PAID:
        placed = replace(placed, paid_at=None)  # it is told when it becomes paid
    return settled(None, placed, auto_close=False)


def _paid(order: Order, shown: Totals, mint: Mint, *, at: int) -> Order:
    """What must have been paid for the stated status to be true."""
    booked: list[Transaction] = []
    for kind, amount in _moved(order, shown):
        booked.append(
            Transaction(
                id=str(mint()),
                kind=kind,
                amount=amount,
                gateway=next(iter(order.payment_gateway_names), MANUAL),
                created_at=order.created_at,
                parent_id=booked[0].id if booked else None,
                # Nobody said when the money was held: it lapses counting from now.
                processed_at=at if kind is Kind.AUTHORIZATION else None,
            )
        )
    return replace(order, transactions=tuple(booked))


def _moved(order: Order, shown: Totals) -> list[tuple[Kind, int]]:
    """What must have happened for the stated status to be true; nothing where it tells too little."""
    total, said = shown.total_price, order.stated
    paid = total - min(total, said.total_outstanding or 0)
    back = sum(each.amount for each in _done(order))
    if back and said.financial_status is Status.REFUNDED:
        return [(Kind.SALE, back)]
    if back and said.financial_status is Status.PARTIALLY_REFUNDED:
        return [(Kind.SALE, max(total, back))]
    left = total if said.current_total_price is None else min(total, said.current_total_price)
    moves: dict[Status | None, list[tuple[Kind, int]]] = {
        Status.PAID: [(Kind.SALE, paid)],
        Status.AUTHORIZED: [(Kind.AUTHORIZATION, total)],
        Status.PARTIALLY_PAID: [(Kind.SALE, paid if paid < total else 0)],
        Status.REFUNDED: [(Kind.SALE, total), (Kind.REFUND, total)],
        Status.PARTIALLY_REFUNDED: [(Kind.SALE, total), (Kind.REFUND, total - left)],
    }
    return [move for move in moves.get(said.financial_status, []) if move[1] > 0]


def _done(order: Order) -> list[Refund]:
    """The refunds that gave money back."""
    return [each for each in order.refunds if each.is_done and each.amount]


def _given_back(order: Order, mint: Mint) -> Order:
    """Refunds and the transactions behind them: either is made of the other where it was not told."""
    backs, done = tuple(ledger.moved(order.transactions, Kind.REFUND)), _done(order)
    if not backs and not done:
        return order
    if not done:
        return replace(order, refunds=(*order.refunds, *_behind(order, backs, mint)))
    if not backs:
        backs = _booked_back(order, done, mint)
        order = replace(order, transactions=(*order.transactions, *backs))
    return replace(order, refunds=_linked(order.refunds, backs))


def _behind(order: Order, backs: Iterable[Transaction], mint: Mint) -> list[Refund]:
    """The refunds behind money that went back; a stated current total holds them already."""
    reduces = order.stated.current_total_price is None
    return [
        Refund(
            id=str(mint()),
            amount=each.amount,
            created_at=each.created_at,
            updated_at=each.created_at,
            processed_at=each.processed_at or each.created_at,
            reduction=each.amount if reduces else 0,
            transaction_ids=(each.id,),
            born=True,
        )
        for each in backs
    ]


def _booked_back(order: Order, done: Iterable[Refund], mint: Mint) -> tuple[Transaction, ...]:
    """What gave the refunds back, of the payments oldest first, as far as there was anything to give."""
    found: list[Transaction] = []
    lefts = list(ledger.refundable(order.transactions))[::-1]
    for refund in done:
        due = refund.amount
        while due and lefts:
            payment, left = lefts.pop()
            part = min(due, left)
            due -= part
            if left > part:
                lefts.append((payment, left - part))
            found.append(
                Transaction(
                    id=str(mint()),
                    kind=Kind.REFUND,
                    amount=part,
                    gateway=payment.gateway,
                    created_at=refund.created_at,
                    processed_at=refund.processed_at,
                    parent_id=payment.id,
                )
            )
    return tuple(found)


def _linked(refunds: Iterable[Refund], backs: Iterable[Transaction]) -> tuple[Refund, ...]:
    """Each refund with the transactions that come to its amount, both in the order in which they are told."""
    left, found = list(backs)[::-1], []
    for refund in refunds:
        due, ids = refund.amount if refund.is_done else 0, []
        while due > 0 and left:
            back = left.pop()
            due -= back.amount
            ids.append(back.id)
        found.append(replace(refund, transaction_ids=tuple(ids)))
    return tuple(found)


def _shipped_first(order: Order) -> Order:
    """Say of refunded units which had not been shipped: unless told, shipped ones came back first."""
    if not any(refund.units for refund in order.refunds):
        return order
    out = {line_id: tally.shipped for line_id, tally in order.tallies.items()}
    refunds = []
    for refund in order.refunds:
        units = []
        for each in refund.units:
            back = {
                RestockType.NO_RESTOCK: min(each.quantity, out[each.line_id]),
                RestockType.CANCEL: 0,
                RestockType.RETURN: each.quantity,
            }[each.restock]
            out[each.line_id] = max(0, out[each.line_id] - (back if refund.is_done else 0))
            units.append(replace(each, unshipped=each.quantity - back))
        refunds.append(replace(refund, units=tuple(units)))
    return replace(order, refunds=tuple(refunds))


def _shipped(order: Order, mint: Mint) -> Order:
    """Units for the shipments that came without, and a shipment for what was stated to be fulfilled."""
    gone = {line.id: count for line in order.line_items if (count := _unaccounted(order, line)) > 0}
    if order.stated.fulfillment_status is FulfillmentStatus.RESTOCKED:
        return replace(order, line_items=tuple(_restocked(line) for line in order.line_items))
    if not gone:
        return order
    empty = next((each for each in order.fulfillments if each.is_live and not each.units), None)
    if empty is None and order.fulfillments:
        lines = (replace(line, shipped_elsewhere=gone.get(line.id, 0)) for line in order.line_items)
        return replace(order, line_items=tuple(lines))
    units = tuple(
        FulfilledUnits(id=str(mint()), line_id=line_id, quantity=count) for line_id, count in gone.items()
    )
    if empty is None:
        made = _whole(order, str(mint()), units)
        return replace(order, fulfillments=(made,))
    filled = replace(empty, units=units)
    return replace(
        order, fulfillments=tuple(filled if each is empty else each for each in order.fulfillments)
    )


def _whole(order: Order, fulfillment_id: str, units: tuple[FulfilledUnits, ...]) -> Fulfillment:
    """The shipment of an order that was stated to be fulfilled (semantics.md §1.2, golden G)."""
    return Fulfillment(
        id=fulfillment_id,
        status=FulfillmentState.SUCCESS,
        created_at=order.created_at,
        updated_at=order.created_at,
        number=1,
        units=units,
        born=True,
    )


def _unaccounted(order: Order, line: LineItem) -> int:
    """Units that were stated to be shipped, and are in no shipment."""
    is_shipped = order.stated.fulfillment_status is FulfillmentStatus.FULFILLED
    if not is_shipped and line.stated.fulfillment_status is not LineStatus.FULFILLED:
        return 0
    held = sum(
        unit.quantity
        for each in order.fulfillments
        if each.is_live
        for unit in each.units
        if unit.line_id == line.id
    )
    base = line.quantity if line.stated.current_quantity is None else line.stated.current_quantity
    return base - held - (line.stated.fulfillable_quantity or 0)


def _restocked(line: LineItem) -> LineItem:
    """Nothing is left to ship of what went back on the shelf."""
    if line.stated.fulfillable_quantity is not None:
        return line
    return replace(line, stated=replace(line.stated, fulfillable_quantity=0))
