"""The money of an order as a person reads it: what it costs, what came in, what went back."""

from collections.abc import Iterator
from decimal import Decimal

from rich.console import RenderableType
from rich.text import Text

from till.cli.orders.paint import FAINT, head, indented, printable, table, word
from till.cli.orders.words import Json, time_of

REVIEWS = {"0": "awaits review", "1": "done", "2": "declined"}


def amounts(order: Json, transactions: list[Json]) -> Iterator[RenderableType]:
    """From the subtotal to what is outstanding; what is nothing and says nothing is left out."""
    rows: list[tuple[str, str, str]] = [("subtotal", order["subtotalPrice"], _discounts(order))]
    if Decimal(order.get("totalShippingPrice") or 0):
        rows.append(("shipping", order["totalShippingPrice"], ""))
    if Decimal(order["totalTax"]):
        rows.append(("tax", order["totalTax"], "included" if order["taxesIncluded"] else ""))
    rows.append(("total", order["totalPrice"], ""))
    if order["currentTotalPrice"] != order["totalPrice"]:
        rows.append(("total now", order["currentTotalPrice"], "after what was taken off"))
    rows += _moved(transactions)
    rows.append(("outstanding", order["totalOutstanding"], ""))
    yield head(f"Money in {order['currency']}")
    yield indented(table(("", "amount", ""), rows, right=["amount"], headless=True))


def _discounts(order: Json) -> str:
    if not Decimal(order["totalDiscounts"]):
        return ""
    codes = ", ".join(each["code"] for each in order.get("discountCodes") or [])
    return f"after discounts of {order['totalDiscounts']}{f' ({codes})' if codes else ''}"


def _moved(transactions: list[Json]) -> Iterator[tuple[str, str, str]]:
    """What the successful transactions come to."""
    done = [(each, Decimal(each["amount"])) for each in transactions if each["status"] == "success"]
    if not done:
        return
    nothing = done[0][1] * 0  # with the decimals of the currency
    sums = dict.fromkeys(("authorization", "sale", "capture", "void", "refund"), nothing)
    held: dict[str, Decimal] = {}
    for each, amount in done:
        sums[each["kind"]] += amount
        if each["kind"] == "authorization":
            held[each["id"]] = amount
        elif each["kind"] in ("capture", "void") and each.get("parentId") in held:
            held[each["parentId"]] -= amount
    yield "received", str(sums["sale"] + sums["capture"]), ""
    if sums["refund"]:
        yield "refunded", f"-{sums['refund']}", ""
    left = sum(held.values(), nothing)
    if left:
        yield "authorized", str(left), "to be captured or released"


def payments(transactions: list[Json]) -> Iterator[RenderableType]:
    """The section of what was booked, in its order."""
    if not transactions:
        return
    rows = [
        (
            time_of(each.get("processedAt") or each.get("createdAt")),
            each["kind"],
            f"{each['amount']} {each['currency']}",
            word(each["status"]),
            each.get("gateway") or "-",
            " · ".join(filter(None, (each.get("channelTrxNo"), each.get("message")))),
            Text(each["id"] or "", FAINT),
        )
        for each in transactions
    ]
    shown = table(("when", "kind", "amount", "status", "gateway", "reference", "id"), rows, right=["amount"])
    yield head("Payments")
    yield indented(shown)


def refunds(order: Json, made: list[Json]) -> Iterator[RenderableType]:
    """The section of what was given back."""
    if not made:
        return
    yield head("Refunds")
    for each in made:
        status = word(REVIEWS.get(str(each.get("status", 1)), "done"))
        when, line = time_of(each.get("createTime")), refund_line(order, each)
        yield indented(Text.assemble(when, "  ", status, "  ", line, (f"  {each['refundId']}", FAINT)))


def refund_line(order: Json, refund: Json) -> Text:
    """`12.00 USD  1 x Tea, shipping 2.00 · broken`."""
    parts = [units_of(order, refund["lineItems"])]
    shipping = (refund.get("shipping") or {}).get("amount")
    if shipping and Decimal(shipping):
        parts.append(f"shipping {shipping}")
    what = ", ".join(filter(None, parts)) or "money only"
    note = f" · {refund['note']}" if refund.get("note") else ""
    return Text(printable(f"{refund['amount']} {order['currency']}  {what}{note}"))


def units_of(order: Json, units: list[Json]) -> str:
    """`2 x Tea, 1 x Pot`."""
    titles = {line["id"]: line["title"] for line in order["lineItems"]}
    return ", ".join(
        f"{each['quantity']} x {titles.get(each['lineItemId'], each['lineItemId'])}" for each in units
    )
