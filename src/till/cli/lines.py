"""Orders in a file, one JSON object a line: read one at a time, each an order or the reason why not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from till.dialect.body import parse_json, read
from till.errors import Invalid, Refusal, TooLarge
from till.money import spell
from till.orders.order import Order
from till.orders.totals import mismatches, totals
from till.orders.wire.fields import OrderRequest
from till.orders.wire.request import to_order
from till.shop import Shop, Totals


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file: an order, or a refusal."""

    number: int
    order: Order | None = None
    refusal: Refusal | None = None


def lines_of(file: BinaryIO, read_order: Callable[[bytes], Order], longest: int) -> Iterator[Line]:
    """The lines that are not empty; never more than one of them is held."""
    number = 0
    while text := file.readline(longest + 1):
        number += 1
        if len(text) > longest and not text.endswith(b"\n"):
            _skip_line(file, longest)
            yield Line(number, refusal=TooLarge(f"The line is longer than {longest:,} bytes."))
        elif text.strip():
            yield _line(number, text, read_order)


def _skip_line(file: BinaryIO, step: int) -> None:
    while (rest := file.readline(step)) and not rest.endswith(b"\n"):
        pass


def _line(number: int, text: bytes, read_order: Callable[[bytes], Order]) -> Line:
    try:
        return Line(number, order=read_order(text))
    except Refusal as refusal:
        return Line(number, refusal=refusal)


def order_of(text: bytes, *, shop: Shop, mint: Callable[[], int], at: int) -> Order:
    """The order that `POST /orders` would make of this object, bare or in its envelope."""
    value = parse_json(text)
    if not isinstance(value, dict) or value.keys() != {"order"}:
        value = {"order": value}
    order = to_order(read(OrderRequest, value, "").order, shop=shop, number=0, mint=mint, at=at)
    wrong = mismatches(order, totals(order)) if shop.settings.totals is Totals.STRICT else ()
    if wrong:
        raise Invalid(
            "The totals do not add up, and this shop takes only those that do.",
            fields={
                f"order.{each.field}": [f"comes to {spell(each.computed, order.currency)}"] for each in wrong
            },
        )
    return order
