"""One order as a person reads it: how it stands, its lines, its money, and what was done with it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from till.cli.orders import money
from till.cli.orders.paint import FAINT, OPEN, STRONG, head, indented, printable, table, word
from till.cli.orders.words import (
    Json,
    open_now,
    payment_of,
    person_of,
    plain,
    refused_now,
    shipping_of,
    state_of,
    time_of,
)
from till.cli.remote import Remote


@dataclass(frozen=True, slots=True)
class Dossier:
    """An order with all that hangs on it; a part that the server does not have is empty."""

    order: Json
    transactions: list[Json] = field(default_factory=list)
    fulfillments: list[Json] = field(default_factory=list)
    refunds: list[Json] = field(default_factory=list)
    returns: list[Json] = field(default_factory=list)
    timeline: list[Json] = field(default_factory=list)


def gather(remote: Remote, order: Json) -> Dossier:
    """Read what hangs on the order, each kind from its own path."""

    def part(kind: str) -> list[Json]:
        found = remote.find(f"/orders/{order['id']}/{kind}")
        listed: list[Json] = plain((found or {}).get(kind, []))
        return listed

    return Dossier(
        order,
        transactions=part("transactions"),
        fulfillments=part("fulfillments") or order["fulfillments"],
        refunds=part("refunds"),
        returns=part("returns"),
        timeline=part("timeline"),
    )


def draw(dossier: Dossier) -> Iterator[RenderableType]:
    """The whole order, section by section."""
    order = dossier.order
    yield title(order)
    yield facts(order)
    yield from warnings(order)
    yield from lines(order, dossier.fulfillments)
    yield from money.amounts(order, dossier.transactions)
    yield from money.payments(dossier.transactions)
    yield from shipments(order, dossier.fulfillments)
    yield from money.refunds(order, dossier.refunds)
    yield from returns(order, dossier.returns)
    yield from addresses(order)
    if dossier.timeline:
        yield head("Timeline")
        yield indented(timeline_table(dossier.timeline))
    yield from actions(order)


def title(order: Json) -> Text:
    """`#1043  paid · unshipped · open  46.00 USD`."""
    badges = [word(payment_of(order)), word(shipping_of(order)), word(state_of(order))]
    if order.get("returnStatus"):
        badges.append(word(f"return {order['returnStatus']}"))
    return Text.assemble(
        (order["name"], STRONG),
        "  ",
        Text(" · ").join(badges),
        f"  {order['totalPrice']} {order['currency']}",
    )


def facts(order: Json) -> Table:
    """Who, when, from where; what is not known is left out."""
    identifier = order.get("sourceIdentifier")
    customer = dict.fromkeys([person_of(order), order.get("email"), order.get("phone")])
    cancelled = time_of(order.get("cancelledAt"))
    told = {
        "id": f"{order['id']}, version {order['version']}",
        "created": time_of(order["createdAt"]),
        "updated": time_of(order["updatedAt"]),
        "confirmed": time_of(order.get("confirmedAt")),
        "closed": time_of(order.get("closedAt")),
        "cancelled": cancelled and f"{cancelled}, reason: {order.get('cancelReason') or 'other'}",
        "channel": " ".join(filter(None, (order.get("sourceName"), identifier and f"({identifier})"))),
        "customer": " · ".join(filter(None, customer)),
        "tags": order.get("tags"),
        "note": order.get("note"),
    }
    return table(
        ("", ""), [(Text(name, FAINT), value) for name, value in told.items() if value], headless=True
    )


def warnings(order: Json) -> Iterator[Text]:
    """What a person should look at."""
    for each in order.get("warnings") or []:
        yield Text(f"! {printable(each['message'])}", OPEN)


def lines(order: Json, fulfillments: list[Json]) -> Iterator[RenderableType]:
    """Each line with what was ordered of it, what stands, what went out and what is to go."""
    shipped = _shipped(fulfillments)
    yield head("Lines")
    heads = ("#", "item", "sku", "price", "ordered", "now", "shipped", "to ship", "total")
    rows = [_line(place, line, shipped) for place, line in enumerate(order["lineItems"], 1)]
    yield indented(table(heads, rows, right=[each for each in heads if each not in ("item", "sku")]))


def _line(place: int, line: Json, shipped: dict[str, int]) -> tuple[str, ...]:
    total = Decimal(line["price"]) * int(line["quantity"]) - Decimal(line["totalDiscount"])
    return (
        str(place),
        " / ".join(filter(None, (line["title"], line.get("variantTitle")))),
        line.get("sku") or "-",
        line["price"],
        str(line["quantity"]),
        str(line["currentQuantity"]),
        str(shipped.get(line["id"], _told_shipped(line))),
        str(line["fulfillableQuantity"]),
        str(total),
    )


def _shipped(fulfillments: list[Json]) -> dict[str, int]:
    """How many units of each line went out, by the line's id."""
    found: dict[str, int] = {}
    for shipment in fulfillments:
        if shipment["status"] == "success":
            for each in shipment.get("lineItems") or []:
                found[each["lineItemId"]] = found.get(each["lineItemId"], 0) + int(each["quantity"])
    return found


def _told_shipped(line: Json) -> int:
    """The same where no shipment says which units it held: as the line's own status tells it."""
    if line.get("fulfillmentStatus") == "fulfilled":
        return int(line["quantity"])
    if line.get("fulfillmentStatus") == "partial":
        return int(line["currentQuantity"]) - int(line["fulfillableQuantity"])
    return 0


def shipments(order: Json, fulfillments: list[Json]) -> Iterator[RenderableType]:
    """The section of what went out, and how it is followed."""
    if not fulfillments:
        return
    yield head("Shipments")
    rows = [
        (
            each.get("name") or each["fulfillId"],
            time_of(each["createdAt"]),
            word(each["status"]),
            money.units_of(order, each.get("lineItems") or []),
            " ".join(filter(None, (each.get("trackingCompany"), each.get("trackingNumber")))),
            each.get("trackingUrl") or "",
        )
        for each in fulfillments
    ]
    yield indented(table(("name", "when", "status", "units", "tracking", "follow"), rows))


def returns(order: Json, made: list[Json]) -> Iterator[RenderableType]:
    """The section of what comes back."""
    if not made:
        return
    yield head("Returns")
    yield indented(returns_table(order, made))


def returns_table(order: Json, made: list[Json]) -> Table:
    """Each return with its units and how many of them are in."""
    rows = [
        (
            each["name"],
            time_of(each["createdAt"]),
            word(each["status"]),
            money.units_of(order, each["lineItems"]),
            str(sum(int(line.get("receivedQuantity") or 0) for line in each["lineItems"])),
            ", ".join(dict.fromkeys(filter(None, (line.get("reason") for line in each["lineItems"])))),
            " · ".join(filter(None, (each.get("note"), each.get("declineReason")))),
        )
        for each in made
    ]
    return table(("name", "when", "status", "units", "received", "reason", "note"), rows, right=["received"])


def addresses(order: Json) -> Iterator[RenderableType]:
    """Where it goes, and where the bill goes if that is elsewhere."""
    ship, bill = order.get("shippingAddress"), order.get("billingAddress")
    for name, address in (("Ship to", ship), ("Bill to", bill if bill != ship else None)):
        if address:
            yield head(name)
            for line in _address(address):
                yield indented(Text(printable(line)))


def _address(address: Json) -> Iterator[str]:
    town = " ".join(filter(None, (address.get("zip"), address.get("city"), address.get("provinceCode"))))
    for line in (
        address.get("name"),
        address.get("company"),
        address.get("address1"),
        address.get("address2"),
        town,
        address.get("country") or address.get("countryCode"),
        address.get("phone"),
    ):
        if line:
            yield line


def timeline_table(entries: list[Json]) -> Table:
    """What happened, oldest first, and who did it."""
    rows = [
        (
            time_of(each["at"]),
            Text(each["kind"].replace("_", " "), FAINT),
            f"{'[pinned] ' if each.get('pinned') else ''}{each['text']}",
            Text(printable((each.get("by") or {}).get("name") or (each.get("by") or {}).get("type")), FAINT),
        )
        for each in entries
    ]
    return table(("when", "kind", "what", "by"), rows, headless=True)


def actions(order: Json) -> Iterator[RenderableType]:
    """What can be done now, and why the rest cannot."""
    commands = open_now(order)
    if not order.get("allowedActions"):
        return
    yield head("What can be done now")
    yield indented(Text(", ".join(commands) or "nothing"))
    refused = ", ".join(f"{command} ({why})" for command, why in refused_now(order))
    if refused:
        yield indented(Text(f"not: {refused}", FAINT))
