"""Moving money for an order: hold, take, let go (semantics.md §2.1, §2.2; genstore.md §9.3)."""

from collections.abc import Callable

from msgspec.structs import replace

from till.orders import ledger
from till.orders.movements import Transaction
from till.orders.order import NOT_YET_PAID, Order
from till.orders.refused import OrderCancelled, Refused, WhyNot, must, spelled
from till.orders.totals import totals
from till.orders.words import TransactionKind as Kind
from till.orders.words import TransactionStatus
from till.value import Value

Mint = Callable[[], int]
MANUAL = "manual"
LAPSED = "authorization lapsed"


class NothingOutstanding(Refused):
    """All that is to be paid was paid, or is held."""

    says = "Order {order} has nothing outstanding: there is nothing to be paid."


class AmountTooLarge(Refused):
    """More than is outstanding, held or due."""

    says = "Order {order} takes at most {most} by this {kind}: give that much or less."


class VoidsAll(Refused):
    """A void lets go of all that is held, not of a part."""

    says = "A void lets go of all that an authorization of order {order} holds, {most}: leave the amount out."


class NoAmount(Refused):
    """To move nothing is no transaction."""

    says = "A {kind} needs an amount greater than zero: order {order} takes at most {most}."


class NothingAuthorized(Refused):
    """No money is held that could be taken or let go."""

    says = "Order {order} holds no open authorization: there is nothing to capture or to void."


class NothingDue(Refused):
    """Nothing is left to pay, so that what is held cannot be taken."""

    says = "Order {order} has nothing due: void its authorization instead of capturing it."


class WhichAuthorization(Refused):
    """Several authorizations are open, and none was named."""

    says = "Order {order} holds several open authorizations: name one of {known} as parentId."


class NotAnAuthorization(Refused):
    """The transaction that was named as parent is no open authorization."""

    says = "Order {order} holds no open authorization {parent}: name one of {known} as parentId."


class RefundsGoElsewhere(Refused):
    """Money is given back by a refund, not by a transaction alone."""

    says = "A refund of order {order} is made by POST /refunds, where it is checked and told."


class Booking(Value, kw_only=True, frozen=True):
    """A transaction that is asked for; what is None is taken from the order."""

    kind: Kind
    amount: int | None = None
    parent_id: str | None = None
    gateway: str | None = None
    authorization: str | None = None
    channel_trx_no: str | None = None
    status: TransactionStatus = TransactionStatus.SUCCESS
    message: str | None = None
    processed_at: int | None = None


def due(order: Order) -> int:
    """What may still be taken: the current total less what was received and kept."""
    return max(0, totals(order).current_total_price - ledger.net(order.transactions))


def why_not_pay(order: Order) -> WhyNot:
    """What forbids a sale. A free order that nobody called paid may be marked so."""
    if order.cancelled_at is not None:
        return OrderCancelled
    is_free = order.financial_status in NOT_YET_PAID and totals(order).current_total_price == 0
    return None if is_free else why_not_authorize(order)


def why_not_authorize(order: Order) -> WhyNot:
    if order.cancelled_at is not None:
        return OrderCancelled
    return None if min(totals(order).total_outstanding, due(order)) > 0 else NothingOutstanding


def why_not_void(order: Order) -> WhyNot:
    if order.cancelled_at is not None:
        return OrderCancelled
    return None if ledger.capturable(order.transactions) else NothingAuthorized


def why_not_capture(order: Order) -> WhyNot:
    return why_not_void(order) or (None if due(order) > 0 else NothingDue)


WHY_NOT: dict[Kind, Callable[[Order], WhyNot]] = {
    Kind.SALE: why_not_pay,
    Kind.AUTHORIZATION: why_not_authorize,
    Kind.CAPTURE: why_not_capture,
    Kind.VOID: why_not_void,
    Kind.REFUND: lambda _: RefundsGoElsewhere,
}


def book(order: Order, wish: Booking, *, mint: Mint, at: int) -> Order:
    """`order` with the transaction that `wish` asks for; a failed one is kept, and moves nothing."""
    must(order, WHY_NOT[wish.kind](order))
    held, most = _limit(order, wish, at=at)
    amount = most if wish.amount is None else wish.amount
    _must_fit(order, wish, amount, most)
    gateway = wish.gateway or (held.gateway if held else next(iter(order.payment_gateway_names), MANUAL))
    booked = Transaction(
        id=str(mint()),
        kind=wish.kind,
        amount=amount,
        gateway=gateway,
        created_at=at,
        parent_id=held.id if held else None,
        status=wish.status,
        processed_at=wish.processed_at,
        authorization=wish.authorization or (held.authorization if held else None),
        channel_trx_no=wish.channel_trx_no,
        message=wish.message,
    )
    moved = wish.status is TransactionStatus.SUCCESS
    names = order.payment_gateway_names
    return replace(
        order,
        transactions=(*order.transactions, booked),
        payment_gateway_names=names if gateway in names or not moved else (*names, gateway),
        stated=order.stated.after_money() if moved else order.stated,
    ).changed(at)


def _limit(order: Order, wish: Booking, *, at: int) -> tuple[Transaction | None, int]:
    """The authorization that is meant, if any, and how much may move."""
    if wish.kind not in (Kind.CAPTURE, Kind.VOID):
        return None, min(totals(order).total_outstanding, due(order))
    held, left = _meant(order, wish.parent_id, at=at)
    return held, left if wish.kind is Kind.VOID else min(left, due(order))


def _meant(order: Order, parent_id: str | None, *, at: int) -> tuple[Transaction, int]:
    """The open authorization that is meant; one whose week is over counts no more, timer or not."""
    opened = [
        (held, left) for held, left in ledger.capturable(order.transactions) if ledger.lapses_at(held) > at
    ]
    if not opened:
        raise NothingAuthorized(order)
    known = ", ".join(held.id for held, _ in opened)
    if parent_id is None:
        if len(opened) > 1:
            raise WhichAuthorization(
                order, known=known, fields={"transaction.parentId": ["is required: several are open"]}
            )
        return opened[0]
    for held, left in opened:
        if held.id == parent_id:
            return held, left
    raise NotAnAuthorization(
        order, known=known, parent=parent_id, fields={"transaction.parentId": ["is no open authorization"]}
    )


def _must_fit(order: Order, wish: Booking, amount: int, most: int) -> None:
    most_told = spelled(order, most)
    if wish.kind is Kind.VOID and amount != most:
        raise VoidsAll(order, most=most_told, fields={"transaction.amount": [f"must be {most_told}"]})
    if amount > most:
        raise AmountTooLarge(
            order,
            most=most_told,
            kind=wish.kind,
            fields={"transaction.amount": [f"must be at most {most_told}"]},
        )
    if amount == 0 and most > 0:
        raise NoAmount(
            order,
            most=most_told,
            kind=wish.kind,
            fields={"transaction.amount": ["must be greater than zero"]},
        )


def lapse(order: Order, *, mint: Mint, at: int) -> Order:
    """Let go of the authorizations that are older than a week; the same order where there is none."""
    gone = tuple(
        void(held, left, mint=mint, at=at, message=LAPSED)
        for held, left in ledger.capturable(order.transactions)
        if ledger.lapses_at(held) <= at
    )
    if not gone:
        return order
    return replace(
        order, transactions=(*order.transactions, *gone), stated=order.stated.after_money()
    ).changed(at)


def void(held: Transaction, left: int, *, mint: Mint, at: int, message: str | None = None) -> Transaction:
    """What lets go of the `left` that is still held."""
    return Transaction(
        id=str(mint()),
        kind=Kind.VOID,
        amount=left,
        gateway=held.gateway,
        created_at=at,
        parent_id=held.id,
        authorization=held.authorization,
        message=message,
    )


def voids(order: Order, *, mint: Mint, at: int) -> tuple[Transaction, ...]:
    """What lets go of all money that is held but not taken."""
    return tuple(void(held, left, mint=mint, at=at) for held, left in ledger.capturable(order.transactions))
