"""What the booked transactions of an order amount to; only successful ones count."""

from collections.abc import Iterable

from till.clock import DAY
from till.orders.movements import Transaction
from till.orders.words import TransactionKind as Kind
from till.orders.words import TransactionStatus

HELD_FOR = 7 * DAY  # an authorization lapses after that (genstore.md §9.3)
Ledger = tuple[Transaction, ...]


def moved(ledger: Ledger, *kinds: Kind) -> Iterable[Transaction]:
    """The transactions of these kinds that succeeded."""
    return (each for each in ledger if each.kind in kinds and each.status is TransactionStatus.SUCCESS)


def payments(ledger: Ledger) -> Iterable[Transaction]:
    """The transactions that took money."""
    return moved(ledger, Kind.SALE, Kind.CAPTURE)


def received(ledger: Ledger) -> int:
    """What was taken: sales and captures."""
    return sum(each.amount for each in payments(ledger))


def refunded(ledger: Ledger) -> int:
    return sum(each.amount for each in moved(ledger, Kind.REFUND))


def net(ledger: Ledger) -> int:
    """What was received and not given back."""
    return received(ledger) - refunded(ledger)


def capturable(ledger: Ledger) -> tuple[tuple[Transaction, int], ...]:
    """Each authorization of which something can still be taken, and how much that is."""
    if not any(each.kind is Kind.AUTHORIZATION for each in ledger):
        return ()
    taken: dict[str | None, int] = {}
    for each in moved(ledger, Kind.CAPTURE, Kind.VOID):
        taken[each.parent_id] = taken.get(each.parent_id, 0) + each.amount
    lefts = ((each, each.amount - taken.get(each.id, 0)) for each in moved(ledger, Kind.AUTHORIZATION))
    return tuple((held, left) for held, left in lefts if left > 0)


def authorized(ledger: Ledger) -> int:
    """What is held and untouched; once a part was captured, the rest covers nothing (semantics.md §2.2)."""
    return sum(left for held, left in capturable(ledger) if left == held.amount)


def was_held(ledger: Ledger) -> bool:
    """True when money was held for the order at some time."""
    return any(True for _ in moved(ledger, Kind.AUTHORIZATION))


def refundable(ledger: Ledger) -> tuple[tuple[Transaction, int], ...]:
    """Each payment of which something is left to give back, oldest first, and how much that is."""
    back: dict[str | None, int] = {}
    for each in moved(ledger, Kind.REFUND):
        back[each.parent_id] = back.get(each.parent_id, 0) + each.amount
    lefts = ((each, each.amount - back.get(each.id, 0)) for each in payments(ledger))
    return tuple((payment, left) for payment, left in lefts if left > 0)


def due_at(ledger: Ledger) -> int | None:
    """When the first open authorization lapses."""
    return min((lapses_at(held) for held, _ in capturable(ledger)), default=None)


def lapses_at(held: Transaction) -> int:
    return (held.processed_at or held.created_at) + HELD_FOR
