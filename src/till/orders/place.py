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
from till.orders.words import FulfillmentState, FulfillmentStatus, LineStatus
from till.orders.words import TransactionKind as Kind


def place(order: Order, mint: Mint, *, at: int) -> Order:
    """`order` with the money and the shipments that its stated statuses say there were."""
    shown = totals(order)
    placed = replace(order, payable=shown.total_price)
    if not order.transactions:
        placed = _paid(placed, shown, mint, at=at)
    return settled(None, _shipped(placed, mint), auto_close=False)


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
    return replace(order, transactions=tuple(booked), refunds=(*order.refunds, *_backs(order, booked, mint)))


def _moved(order: Order, shown: Totals) -> list[tuple[Kind, int]]:
    """What must have happened for the stated status to be true; nothing where it tells too little."""
    total, said = shown.total_price, order.stated
    paid = total - min(total, said.total_outstanding or 0)
    left = total if said.current_total_price is None else min(total, said.current_total_price)
    moves: dict[Status | None, list[tuple[Kind, int]]] = {
        Status.PAID: [(Kind.SALE, paid)],
        Status.AUTHORIZED: [(Kind.AUTHORIZATION, total)],
        Status.PARTIALLY_PAID: [(Kind.SALE, paid if paid < total else 0)],
        Status.REFUNDED: [(Kind.SALE, total), (Kind.REFUND, total)],
        Status.PARTIALLY_REFUNDED: [(Kind.SALE, total), (Kind.REFUND, total - left)],
    }
    return [move for move in moves.get(said.financial_status, []) if move[1] > 0]


def _backs(order: Order, booked: Iterable[Transaction], mint: Mint) -> list[Refund]:
    """The refund behind money that went back; a stated current total holds it already."""
    reduces = order.stated.current_total_price is None
    return [
        Refund(
            id=str(mint()),
            amount=each.amount,
            created_at=each.created_at,
            updated_at=each.created_at,
            processed_at=each.created_at,
            reduction=each.amount if reduces else 0,
            transaction_ids=(each.id,),
            born=True,
        )
        for each in ledger.moved(tuple(booked), Kind.REFUND)
    ]


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
    return base - held


def _restocked(line: LineItem) -> LineItem:
    """Nothing is left to ship of what went back on the shelf."""
    if line.stated.fulfillable_quantity is not None:
        return line
    return replace(line, stated=replace(line.stated, fulfillable_quantity=0))
