"""What the booked transactions of an order amount to."""

from collections.abc import Iterable

from till.orders.parts import Transaction
from till.orders.words import TransactionKind as Kind


def _sum(ledger: Iterable[Transaction], *kinds: Kind) -> int:
    return sum(each.amount for each in ledger if each.kind in kinds)


def received(ledger: Iterable[Transaction]) -> int:
    """What was taken: sales and captures."""
    return _sum(ledger, Kind.SALE, Kind.CAPTURE)


def refunded(ledger: Iterable[Transaction]) -> int:
    return _sum(ledger, Kind.REFUND)


def open_authorizations(ledger: tuple[Transaction, ...]) -> tuple[Transaction, ...]:
    """The authorizations that are neither captured nor voided, even in part (semantics.md §2.2)."""
    answered = {each.parent_id for each in ledger if each.kind in (Kind.CAPTURE, Kind.VOID)}
    return tuple(each for each in ledger if each.kind is Kind.AUTHORIZATION and each.id not in answered)


def authorized(ledger: tuple[Transaction, ...]) -> int:
    """What is held but not taken."""
    return sum(each.amount for each in open_authorizations(ledger))


def refundable(ledger: tuple[Transaction, ...]) -> tuple[tuple[Transaction, int], ...]:
    """Each payment of which something is left, and how much that is."""
    back: dict[str | None, int] = {}
    for each in ledger:
        if each.kind is Kind.REFUND:
            back[each.parent_id] = back.get(each.parent_id, 0) + each.amount
    lefts = (
        (each, each.amount - back.get(each.id, 0))
        for each in ledger
        if each.kind in (Kind.SALE, Kind.CAPTURE)
    )
    return tuple((payment, left) for payment, left in lefts if left > 0)
