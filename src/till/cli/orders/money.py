"""The money of an order as a person reads it: what it costs, what came in, what went back."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from till.cli.orders.paint import FAINT, head, indented, table, word
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
    done = [each for each in transactions if each["status"] == "success"]
    used = {each.get("parentId") for each in done if each["kind"] in ("capture", "void")}
    if not done:
        return
    yield "received", _sum(each for each in done if each["kind"] in ("sale", "capture")), ""
    if any(each["kind"] == "refund" for each in done):
        yield "refunded", f"-{_sum(each for each in done if each['kind'] == 'refund')}", ""
    held = [each for each in done if each["kind"] == "authorization" and each["id"] not in used]
    if held:
        yield "authorized", _sum(held), "to be captured"


def _sum(transactions: Iterable[Json]) -> str:
    found = [Decimal(each["amount"]) for each in transactions]
    return str(sum(found[1:], found[0])) if found else "0"


def transactions_table(transactions: list[Json]) -> Table:
    """What was booked, in its order."""
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
    return table(("when", "kind", "amount", "status", "gateway", "reference", "id"), rows, right=["amount"])


def payments(transactions: list[Json]) -> Iterator[RenderableType]:
    """The section of what was booked."""
    if transactions:
        yield head("Payments")
        yield indented(transactions_table(transactions))


def refunds(order: Json, made: list[Json]) -> Iterator[RenderableType]:
    """The section of what was given back."""
    if not made:
        return
    yield head("Refunds")
    for each in made:
        yield indented(refund_line(order, each))


def refund_line(order: Json, refund: Json) -> Text:
    """`2026-03-12 14:02  12.00 USD  done  1 x Tea, shipping 2.00 · broken  (id)`."""
    parts = [units_of(order, refund["lineItems"])]
    shipping = (refund.get("shipping") or {}).get("amount")
    if shipping and Decimal(shipping):
        parts.append(f"shipping {shipping}")
    what = ", ".join(filter(None, parts)) or "money only"
    return Text.assemble(
        f"{time_of(refund.get('createTime'))}  {refund['amount']} {order['currency']}  ",
        word(REVIEWS.get(str(refund.get("status", 1)), "done")),
        f"  {what}",
        f" · {refund['note']}" if refund.get("note") else "",
        (f"  {refund.get('refundId') or ''}", FAINT),
    )


def units_of(order: Json, units: list[Json]) -> str:
    """`2 x Tea, 1 x Pot`."""
    titles = {line["id"]: line["title"] for line in order["lineItems"]}
    return ", ".join(
        f"{each['quantity']} x {titles.get(each['lineItemId'], each['lineItemId'])}" for each in units
    )
