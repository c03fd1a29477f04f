"""What the API's words are called on the command line, and how its values are read for people."""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

PAYMENT = {
    "pending": "unpaid",
    "authorized": "authorized",
    "partially_paid": "partially paid",
    "paid": "paid",
    "partially_refunded": "partially refunded",
    "refunded": "refunded",
    "voided": "voided",
}
SHIPPING = {None: "unshipped", "partial": "partially shipped", "fulfilled": "shipped"}
# The command behind each of the API's actions, where it is not called the same.
COMMANDS = {
    "edit": "update",
    "authorize": "pay --authorize",
    "update_tracking": "track",
    "cancel_shipment": "unship",
}


def payment_of(order: Json) -> str:
    """How far the order is paid, in words."""
    status = str(order.get("financialStatus"))
    return PAYMENT.get(status, status.replace("_", " "))


def shipping_of(order: Json) -> str:
    """How far it is shipped, in words."""
    status = order.get("fulfillmentStatus")
    return SHIPPING.get(status, str(status))


def state_of(order: Json) -> str:
    """Where it is in its life: open, closed or cancelled."""
    if order.get("cancelledAt"):
        return "cancelled"
    return "closed" if order.get("closedAt") else "open"


def open_now(order: Json) -> list[str]:
    """The commands that this order is open to, as far as the server says so."""
    return [command_of(action) for action in (order.get("allowedActions") or {}).get("open", [])]


def instead(order: Json) -> str:
    """What can be done with an order that refused a move."""
    return f"Open to order {order.get('name')} now: {', '.join(open_now(order)) or 'nothing'}."


def refused_now(order: Json) -> Iterator[tuple[str, str]]:
    """The commands that it is not open to, each with its reason."""
    for action, code in (order.get("allowedActions") or {}).get("refused", {}).items():
        yield command_of(action), str(code).replace("_", " ")


def command_of(action: str) -> str:
    """The command that does this action."""
    return COMMANDS.get(action, action)


def time_of(text: str | None) -> str:
    """A time to the minute, in the zone that the server writes it in: `2026-03-12 14:02`."""
    return f"{text[:10]} {text[11:16]}" if text else ""


def person_of(order: Json) -> str:
    """Whose order it is: a name, else an e-mail address, else a telephone number."""
    customer, address = order.get("customer") or {}, order.get("shippingAddress") or {}
    name = " ".join(filter(None, (customer.get("firstName"), customer.get("lastName"))))
    mail = order.get("email") or customer.get("email")
    return name or address.get("name") or mail or order.get("phone") or ""


def plain(value: Any) -> Any:
    """JSON without the word `null`, which a server that does not know typed answers writes as a string."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return None if value == "null" else value
