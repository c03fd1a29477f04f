"""Giving back money and units, at once or after a review (semantics.md §2.4, genstore.md §7.12)."""

from msgspec.structs import replace

from till.orders import ledger
from till.orders.movements import Refund, Return, Transaction
from till.orders.order import Order
from till.orders.pay import Mint
from till.orders.quote import Quote, RefundWish, WantedUnits, quote, refunded_of
from till.orders.refused import Refused, WhyNot, must, spelled
from till.orders.ship import derived
from till.orders.words import RefundStatus, ReturnStatus, TransactionKind
from till.orders.worth import shipping_left


class NothingToRefund(Refused):
    """No money was kept, and no unit and no shipping is left that could be given back."""

    says = "Order {order} has nothing left to refund: no money was kept, no unit and no shipping is left."


class EmptyRefund(Refused):
    """The refund names nothing to give back."""

    says = "Say what to refund of order {order}: lineItems, shipping or an amount greater than zero."


class UnknownReturn(Refused):
    """The order has no such return."""

    says = "Order {order} has no return {name}."


class UnknownParent(Refused):
    """The order took no such payment, or less of it is left to give back."""

    says = "Order {order} took no payment {parent} of which {asked} is left: name one of {known} as parentId."


class PaymentsDisagree(Refused):
    """What is to be given back of each payment does not come to the amount of the refund."""

    says = "The transactions come to {told}, but the refund of order {order} to {amount}: make them equal."


class AlreadyReviewed(Refused):
    """A refund is approved or declined once."""

    says = "Refund {refund} of order {order} was decided already."


def why_not_refund(order: Order) -> WhyNot:
    """What forbids a refund of any kind."""
    units = any(order.tallies[line.id].refundable for line in order.line_items)
    back = any(_left(order, each) for each in order.returns)
    money = ledger.net(order.transactions) > 0 or shipping_left(order) > 0
    return None if units or back or money else NothingToRefund


def _left(order: Order, returned: Return) -> int:
    """Units that came in and were not refunded."""
    received = sum(unit.received for unit in returned.units)
    return received - sum(unit.quantity for unit in refunded_of(order, returned))


def refund(order: Order, wish: RefundWish, *, mint: Mint, at: int) -> Order:
    """`order` with the refund that `wish` asks for, done or up for review."""
    made, backs = drafted(order, wish, mint=mint, at=at)
    if wish.review:
        return replace(order, refunds=(*order.refunds, made)).changed(at)
    return _done(replace(order, refunds=(*order.refunds, made)), made, backs, at=at).changed(at)


def drafted(order: Order, wish: RefundWish, *, mint: Mint, at: int) -> tuple[Refund, tuple[Transaction, ...]]:
    """The refund and the transactions that it comes to; refused where it cannot be."""
    must(order, why_not_refund(order))
    if wish.return_id is not None and all(each.id != wish.return_id for each in order.returns):
        raise UnknownReturn(
            order, name=wish.return_id, fields={"refund.returnId": ["is no return of the order"]}
        )
    found = quote(order, wish, mint=mint)
    if not found.units and not found.shipping and not found.amount:
        raise EmptyRefund(order)
    status = RefundStatus.REVIEW if wish.review else RefundStatus.DONE
    backs = _backs(order, wish, found, mint=mint, at=at)
    made = Refund(
        id=str(mint()),
        amount=found.amount,
        created_at=at,
        updated_at=at,
        status=status,
        units=found.units,
        shipping=found.shipping,
        reduction=found.reduction,
        rights_type=wish.rights_type,
        note=wish.note,
        return_id=wish.return_id,
        after_cancel=order.cancelled_at is not None,
        wanted=wish.wanted,
        transaction_ids=() if wish.review else tuple(each.id for each in backs),
        processed_at=None if wish.review else at,
    )
    return made, backs


def _done(order: Order, made: Refund, backs: tuple[Transaction, ...], *, at: int) -> Order:
    """What follows from a refund that counts: money, statuses, and its return closed once all came back."""
    touched = {unit.line_id for unit in made.units if unit.unshipped}
    changed = replace(
        order,
        transactions=(*order.transactions, *backs),
        stated=order.stated.after_money() if backs else replace(order.stated, total_outstanding=None),
    )
    if touched and not made.after_cancel:
        changed = derived(changed, touched)
    returns = tuple(
        _closed(changed, each, at=at) if each.id == made.return_id else each for each in changed.returns
    )
    return replace(changed, returns=returns)


def _closed(order: Order, returned: Return, *, at: int) -> Return:
    if returned.status is ReturnStatus.RECEIVED and not _left(order, returned):
        return replace(returned, status=ReturnStatus.CLOSED, closed_at=at, updated_at=at)
    return returned


def review(order: Order, refund_id: str, *, approve: bool, mint: Mint, at: int) -> Order:
    """`order` with the refund given back as it was filed, or declined."""
    filed = refund_of(order, refund_id)
    if filed.status is not RefundStatus.REVIEW:
        raise AlreadyReviewed(order, refund=refund_id)
    if not approve:
        declined = replace(filed, status=RefundStatus.DECLINED, updated_at=at)
        return replace(order, refunds=_with(order, declined)).changed(at)
    again, backs = drafted(order, _wish(filed), mint=mint, at=at)
    made = replace(again, id=filed.id, created_at=filed.created_at)
    return _done(replace(order, refunds=_with(order, made)), made, backs, at=at).changed(at)


def annotate(order: Order, refund_id: str, note: str | None, *, at: int) -> Order:
    """`order` with another note on a refund; the same order when it is the same note."""
    found = refund_of(order, refund_id)
    if found.note == note:
        return order
    return replace(order, refunds=_with(order, replace(found, note=note, updated_at=at))).changed(at)


def _wish(filed: Refund) -> RefundWish:
    return RefundWish(
        units=tuple(
            WantedUnits(
                line_id=unit.line_id,
                quantity=unit.quantity,
                restock=unit.restock,
                reason=unit.reason,
                location_id=unit.location_id,
            )
            for unit in filed.units
        ),
        shipping=filed.shipping,
        amount=filed.amount,
        note=filed.note,
        rights_type=filed.rights_type,
        wanted=filed.wanted,
        return_id=filed.return_id,
    )


def refund_of(order: Order, refund_id: str) -> Refund:
    return next(each for each in order.refunds if each.id == refund_id)


def _with(order: Order, changed: Refund) -> tuple[Refund, ...]:
    return tuple(changed if each.id == changed.id else each for each in order.refunds)


def _backs(order: Order, wish: RefundWish, found: Quote, *, mint: Mint, at: int) -> tuple[Transaction, ...]:
    """The transactions that give the money back: as asked, else from the oldest payment on."""
    lefts = ledger.refundable(order.transactions)
    if wish.wanted:
        shares = _asked(order, wish, found, {payment.id: (payment, left) for payment, left in lefts})
    else:
        shares = _oldest_first(lefts, found.amount)
    return tuple(
        Transaction(
            id=str(mint()),
            kind=TransactionKind.REFUND,
            amount=amount,
            gateway=payment.gateway,
            created_at=at,
            parent_id=payment.id,
        )
        for payment, amount in shares
    )


def _oldest_first(lefts: tuple[tuple[Transaction, int], ...], amount: int) -> list[tuple[Transaction, int]]:
    shares = []
    for payment, left in lefts:
        share = min(left, amount)
        if share:
            shares.append((payment, share))
        amount -= share
    return shares


def _asked(
    order: Order, wish: RefundWish, found: Quote, lefts: dict[str, tuple[Transaction, int]]
) -> list[tuple[Transaction, int]]:
    told = sum(amount for _, amount in wish.wanted)
    if told != found.amount:
        raise PaymentsDisagree(order, told=spelled(order, told), amount=spelled(order, found.amount))
    shares = []
    for parent_id, amount in wish.wanted:
        payment, left = lefts.pop(parent_id, (None, 0))
        if payment is None or amount > left:
            known = (
                ", ".join(f"{each.id} ({spelled(order, rest)})" for each, rest in lefts.values()) or "none"
            )
            raise UnknownParent(order, parent=parent_id, asked=spelled(order, amount), known=known)
        shares.append((payment, amount))
    return shares
