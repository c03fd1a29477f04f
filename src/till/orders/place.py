"""The birth of an order: what was stated becomes money, so status and ledger agree (rulings.md §4.4)."""

from collections.abc import Callable

from msgspec.structs import replace

from till.orders.order import Order
from till.orders.parts import Transaction
from till.orders.totals import Totals, totals
from till.orders.words import FinancialStatus as Status
from till.orders.words import TransactionKind as Kind

Mint = Callable[[], int]
MANUAL = "manual"


def place(order: Order, mint: Mint) -> Order:
    """`order` with the money that its stated status says has moved."""
    shown = totals(order)
    booked: list[Transaction] = []
    for kind, amount in _moved(order, shown):
        parent = booked[0].id if booked else None
        booked.append(
            Transaction(
                id=str(mint()),
                kind=kind,
                amount=amount,
                gateway=next(iter(order.payment_gateway_names), MANUAL),
                created_at=order.created_at,
                parent_id=parent,
            )
        )
    return replace(order, payable=shown.total_price, transactions=tuple(booked))


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
