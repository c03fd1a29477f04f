"""What is done to the demo's orders: the real commands, with what they are given settled beforehand."""

from collections.abc import Callable

from msgspec.structs import replace

from till.orders import ledger, returns
from till.orders.cancel import Cancellation, cancel
from till.orders.edit import Edit, edit
from till.orders.life import close, confirm, reopen
from till.orders.movements import Reason, Tracking, Units
from till.orders.order import Order
from till.orders.pay import Booking, Mint, book, lapse
from till.orders.quote import RefundWish, WantedUnits
from till.orders.refund import annotate, refund, review
from till.orders.returns import AskedUnits, ReturnWish
from till.orders.ship import Shipment, cancel_shipment, ship, track
from till.orders.totals import totals
from till.orders.words import CancelReason, RestockType, TransactionKind, TransactionStatus

Deed = Callable[[Order, Mint, int], Order]
UNTRACKED = Tracking()
Some = tuple[tuple[int, int], ...]  # which line, counted from 0, and how many units of it


def together(*deeds: Deed) -> Deed:
    """Several moves as one change, which is one version."""

    def do(order: Order, mint: Mint, at: int) -> Order:
        changed = order
        for deed in deeds:
            changed = deed(changed, mint, at)
        return replace(changed, version=order.version + 1)

    return do


def take(
    kind: TransactionKind = TransactionKind.SALE,
    *,
    gateway: str | None = None,
    reference: str | None = None,
    share: int = 100,
    status: TransactionStatus = TransactionStatus.SUCCESS,
    message: str | None = None,
) -> Deed:
    """Hold or take `share` per cent of what is outstanding, or fail to, for the reason given."""

    def do(order: Order, mint: Mint, at: int) -> Order:
        wish = Booking(
            kind=kind,
            amount=None if share == 100 else totals(order).total_outstanding * share // 100,
            gateway=gateway,
            channel_trx_no=reference,
            authorization=reference if kind is TransactionKind.AUTHORIZATION else None,
            status=status,
            message=message,
        )
        return book(order, wish, mint=mint, at=at)

    return do


def let_lapse(order: Order, mint: Mint, at: int) -> Order:
    return lapse(order, mint=mint, at=at)


def send(units: Some = (), tracking: Tracking = UNTRACKED) -> Deed:
    """Ship these units, or all that are left."""

    def do(order: Order, mint: Mint, at: int) -> Order:
        some = tuple(
            Units(line_id=order.line_items[index].id, quantity=quantity) for index, quantity in units
        )
        return ship(order, Shipment(units=some, tracking=tracking), mint=mint, at=at)

    return do


def follow(tracking: Tracking) -> Deed:
    """Say how the last parcel is followed."""
    return lambda order, _, at: track(order, order.fulfillments[-1].id, tracking, at=at)


def call_back(order: Order, _: Mint, at: int) -> Order:
    """Cancel the last shipment."""
    return cancel_shipment(order, order.fulfillments[-1].id, at=at)


def give_back(
    *,
    units: Some = (),
    restock: RestockType = RestockType.NO_RESTOCK,
    share: int = 0,
    shipping: bool = False,
    said: tuple[str, str],
    reviewed: bool = True,
) -> Deed:
    """Refund units, shipping, or a `share` in per cent of what was received; `said` is note and reason."""

    def do(order: Order, mint: Mint, at: int) -> Order:
        wish = RefundWish(
            units=tuple(
                WantedUnits(
                    line_id=order.line_items[index].id,
                    quantity=quantity,
                    restock=restock,
                    reason=Reason(text=said[1]),
                )
                for index, quantity in units
            ),
            amount=ledger.net(order.transactions) * share // 100 if share else None,
            all_shipping=shipping,
            note=said[0],
            review=not reviewed,
        )
        return refund(order, wish, mint=mint, at=at)

    return do


def decide(*, approve: bool) -> Deed:
    """Review the last refund."""
    return lambda order, mint, at: review(order, order.refunds[-1].id, approve=approve, mint=mint, at=at)


def annotate_refund(note: str) -> Deed:
    """Write another note to the last refund."""

    def do(order: Order, mint: Mint, at: int) -> Order:
        del mint
        return annotate(order, order.refunds[-1].id, note, at=at)

    return do


def ask_back(units: Some, reason: str) -> Deed:
    """Ask for a return."""

    def do(order: Order, mint: Mint, at: int) -> Order:
        asked = tuple(
            AskedUnits(line_id=order.line_items[index].id, quantity=quantity, reason=Reason(text=reason))
            for index, quantity in units
        )
        return returns.request(order, ReturnWish(units=asked), mint=mint, at=at)

    return do


def let_come(order: Order, _: Mint, at: int) -> Order:
    return returns.approve(order, order.returns[-1].id, at=at)


def refuse(reason: str) -> Deed:
    return lambda order, _, at: returns.decline(order, order.returns[-1].id, reason=reason, at=at)


def call_off(order: Order, _: Mint, at: int) -> Order:
    return returns.call_off(order, order.returns[-1].id, at=at)


def take_in(order: Order, _: Mint, at: int) -> Order:
    """Receive all of the last return, and put it back on the shelf."""
    return returns.receive(order, order.returns[-1].id, (), restock=True, at=at)


def pay_back(order: Order, mint: Mint, at: int) -> Order:
    """Refund what came in with the last return, which closes it."""
    last = order.returns[-1]
    units = tuple(
        WantedUnits(
            line_id=unit.line_id, quantity=unit.received, restock=RestockType.RETURN, reason=unit.reason
        )
        for unit in last.units
    )
    wish = RefundWish(units=units, return_id=last.id, rights_type=2, note=f"Return {last.number}")
    return refund(order, wish, mint=mint, at=at)


def call_halt(reason: CancelReason, *, refund: bool) -> Deed:
    """Cancel the order."""

    def do(order: Order, mint: Mint, at: int) -> Order:
        wish = Cancellation(reason=reason, refund=refund, restock=True, mint=mint)
        return cancel(order, wish, strict=False, at=at)

    return do


def promise(order: Order, _: Mint, at: int) -> Order:
    return confirm(order, at=at)


def put_away(order: Order, _: Mint, at: int) -> Order:
    return close(order, at=at)


def take_out(order: Order, _: Mint, at: int) -> Order:
    return reopen(order, at=at)


def mark(tag: str) -> Deed:
    """Add a tag."""

    def do(order: Order, _: Mint, at: int) -> Order:
        fields = {name: getattr(order, name) for name in Edit.__struct_fields__}
        tags = ", ".join(filter(None, (order.tags, tag)))
        return edit(order, Edit(**fields | {"tags": tags}), at=at)

    return do
