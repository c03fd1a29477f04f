"""Which moves are open for an order now, and why the others are not (one row a move)."""

from collections.abc import Callable

from till.orders.cancel import why_not_cancel
from till.orders.life import why_not_close, why_not_confirm, why_not_delete, why_not_reopen
from till.orders.order import Order
from till.orders.pay import why_not_authorize, why_not_capture, why_not_pay, why_not_void
from till.orders.refund import why_not_refund
from till.orders.refused import WhyNot
from till.orders.returns import why_not_return
from till.orders.ship import why_not_cancel_shipment, why_not_ship, why_not_track
from till.orders.words import Action

MOVES: dict[Action, Callable[[Order], WhyNot]] = {
    Action.EDIT: lambda _: None,
    Action.CONFIRM: why_not_confirm,
    Action.AUTHORIZE: why_not_authorize,
    Action.PAY: why_not_pay,
    Action.CAPTURE: why_not_capture,
    Action.VOID: why_not_void,
    Action.SHIP: why_not_ship,
    Action.UPDATE_TRACKING: why_not_track,
    Action.CANCEL_SHIPMENT: why_not_cancel_shipment,
    Action.RETURN: why_not_return,
    Action.REFUND: why_not_refund,
    Action.CLOSE: why_not_close,
    Action.REOPEN: why_not_reopen,
    Action.DELETE: why_not_delete,
}


def refusals(order: Order, *, strict: bool) -> dict[Action, WhyNot]:
    """Each move with what forbids it, None where it is open; `strict` is the shop's cancel policy."""
    found = {action: why(order) for action, why in MOVES.items()}
    found[Action.CANCEL] = why_not_cancel(order, strict=strict)
    return found
