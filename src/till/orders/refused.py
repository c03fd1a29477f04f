"""Refusing a move that an order is not open for: one sentence, one code, and the order as it was."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from till.errors import Invalid
from till.money import spell
from till.orders.order import Order


class Refused(Invalid):
    """The order's state forbids the move.

    `says` is the sentence, with `{order}` for the order's name.
    """

    says: ClassVar[str]

    def __init__(
        self, order: Order, *, fields: Mapping[str, Sequence[str]] | None = None, **more: object
    ) -> None:
        super().__init__(self.says.format(order=order.name, **more), fields=fields)


WhyNot = type[Refused] | None


class OrderCancelled(Refused):
    """A cancelled order is over, but for refunds and returns."""

    says = "Order {order} is cancelled: only refunds and returns are still open for it."


class ReturnInProgress(Refused):
    """Goods are on their way back."""

    says = "Order {order} has a return in progress: decline, cancel or receive it first."


class UnknownLine(Refused):
    """The order has no such line item."""

    says = "Order {order} has no line item {line}: name one of {known}."


class DoubleLine(Refused):
    """One line item is named once."""

    says = "Line item {line} of order {order} is named twice: name it once, with all its units."


def must(order: Order, why: WhyNot) -> None:
    """Raise what forbids the move, if anything does."""
    if why is not None:
        raise why(order)


def spelled(order: Order, amount: int) -> str:
    """An amount of the order as a sentence names it, e.g. `25.00 USD`."""
    return f"{spell(amount, order.currency)} {order.currency}"
