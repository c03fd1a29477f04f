"""Finds what a command names: an order, its lines, its shipments and its returns."""

from collections.abc import Sequence
from typing import Any

from till.cli.orders.words import Json, plain
from till.cli.outcome import Exit, stop
from till.cli.remote import Remote

# Till's ids have 16 digits, an order's number has fewer.
SHORTEST_ID = 14


def order_of(remote: Remote, named: str) -> Json:
    """The order of that number or id; ends the command where the shop has none."""
    name = named.strip()
    if is_id(name):
        return _order(remote.get(f"/orders/{name}")["order"])
    if not name.removeprefix("#"):
        stop("An order is named by its number, such as 1043, or by its id.", Exit.USAGE)
    name = f"#{name.removeprefix('#')}"
    found = remote.get("/orders", name=name, limit=2)["orders"]
    if not found:
        stop(f"There is no order {name} in this shop, or none that this token may see.")
    return _order(found[0])


def _order(answer: Json) -> Json:
    order: Json = plain(answer)
    return order


def is_id(name: str) -> bool:
    """True for what names a thing by its id rather than by its name."""
    return name.isascii() and name.isdigit() and len(name) >= SHORTEST_ID


def part_of(remote: Remote, named: str, kind: str, *, mark: str) -> str:
    """The id of an order's shipment (`1043.1`, `kind` fulfillments) or return (`1043-R1`, returns).

    An order alone names its only part of that kind.
    """
    if is_id(named) and mark not in named:
        return named
    number, parted, _ = named.removeprefix("#").partition(mark)
    order = order_of(remote, number)
    parts = remote.get(f"/orders/{order['id']}/{kind}")[kind]
    name = f"#{named.removeprefix('#')}"
    fit = [each for each in parts if each["name"] == name or (not parted and _is_live(each))]
    names = ", ".join(each["name"] for each in parts) or "none"
    if not fit:
        stop(f"Order {order['name']} has no such thing among its {kind}: {names}.")
    if len(fit) > 1:
        stop(f"Order {order['name']} has several {kind}: name one of {names}.", Exit.USAGE)
    return str(fit[0]["id"])


def _is_live(part: Json) -> bool:
    return part["status"] not in ("cancelled", "declined", "closed")


def lines_of(order: Json, wanted: list[str] | None) -> list[tuple[Json, int | None]]:
    """Each named line of the order, and how many units of it were named; None is all that there are."""
    picked: list[tuple[Json, int | None]] = []
    for text in wanted or []:
        name, parted, units = text.rpartition("=")
        if not parted:
            name, units = units, ""
        elif not units.isdecimal() or int(units) < 1:
            stop(f"--line {text}: {units!r} is no number of units; give LINE=QTY, such as 1=2.", Exit.USAGE)
        line = _line(order, name)
        if any(line is each for each, _ in picked):
            stop(f"--line {text}: that line was named before.", Exit.USAGE)
        picked.append((line, int(units) if units else None))
    return picked


def _line(order: Json, name: str) -> Json:
    """The line of that id, else of that SKU, else at that place."""
    lines: list[Json] = order["lineItems"]
    for key in ("id", "sku"):
        fit = [line for line in lines if line[key] == name]
        if len(fit) > 1:
            ids = ", ".join(line["id"] for line in fit)
            stop(f"--line {name}: several lines have that {key}; name one by its id: {ids}.", Exit.USAGE)
        if fit:
            return fit[0]
    if not name.isdecimal() or not 1 <= int(name) <= len(lines):
        known = ", ".join(f"{place} {line['title']}" for place, line in enumerate(lines, 1))
        stop(f"--line {name}: order {order['name']} has no such line; it has {known}.", Exit.USAGE)
    return lines[int(name) - 1]


def as_items(picked: Sequence[tuple[Json, int | None]], **more: Any) -> list[Json]:
    """Picked lines as the API takes them; where no units were named, it takes all that are left."""
    return [
        {"lineItemId": line["id"]} | ({} if units is None else {"quantity": units}) | more
        for line, units in picked
    ]
