"""From the body of a PUT or a cancel to a command: only what may change may differ (rulings.md §5)."""

from decimal import Decimal, InvalidOperation
from typing import Any

from msgspec import UNSET
from msgspec.structs import asdict, replace

from till.customers.customer import Address
from till.dialect import readers
from till.dialect.body import MOST_PROBLEMS, Problems, invalid, parse_json, read, read_into, unknown_field
from till.dialect.readers import Unfit
from till.errors import Invalid, Unreadable
from till.orders.edit import Edit
from till.orders.order import Order
from till.orders.wire.answer import ORDER_FIELDS
from till.orders.wire.fields import AddressIn, CancelIn, OrderEdit
from till.orders.wire.request import composed, to_address
from till.orders.words import CancelReason

CHANGEABLE = {
    "note": "note",
    "tags": "tags",
    "email": "email",
    "phone": "phone",
    "buyerAcceptsMarketing": "buyer_accepts_marketing",
}
ADDRESSES = {"shippingAddress": "shipping_address", "billingAddress": "billing_address"}
SERVER_OWNED = {
    "updatedAt",
    "version",
    "number",
    "name",
    "warnings",
    "allowedActions",
    "returnStatus",
    "confirmedAt",
}
IDS = {"id", "orderId"}
TIME = readers.time()


def read_edit(body: Any, order: Order, seen: dict[str, Any]) -> Edit:
    """What `body` changes of `order`, which the caller sees as `seen`.

    A field that equals what the caller sees changes nothing, so whole orders may be sent back;
    any other difference is refused by name.
    """
    sent = _enveloped(body)
    problems: Problems = {}
    wanted: dict[str, Any] = {}
    for name, value in sent.items():
        if len(problems) >= MOST_PROBLEMS:
            break
        if name in SERVER_OWNED:
            continue
        if name in ADDRESSES:
            wanted[name] = _only_changes(value, seen[name])
        elif name in CHANGEABLE:
            if not same_text(value, seen[name]):
                wanted[name] = value
        elif name not in ORDER_FIELDS:
            unknown_field(name, sorted(ORDER_FIELDS), "order", problems)
        elif not same(value, seen[name]):
            problems[f"order.{name}"] = [_why_not(name)]
    found = read_into(OrderEdit, wanted, "order", problems)
    if problems:
        raise invalid(problems)
    return _edit(found, order)


def _enveloped(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict) or not isinstance(body.get("order"), dict):
        raise Invalid('The body must be {"order": {…}}.', fields={"order": ["is required, as an object"]})
    problems: Problems = {}
    for name in body:
        if name != "order":
            unknown_field(name, ["order"], "", problems)
            raise invalid(problems)
    sent: dict[str, Any] = body["order"]
    return sent


def _why_not(name: str) -> str:
    if name in IDS:
        return "names another order than the path"
    return (
        "cannot be changed: an update takes note, tags, email, phone, buyerAcceptsMarketing, "
        "shippingAddress and billingAddress"
    )


def _only_changes(value: Any, seen: Any) -> Any:
    """An address without the keys that are as the caller sees them."""
    if not isinstance(value, dict) or not isinstance(seen, dict):
        return value
    return {name: each for name, each in value.items() if name not in seen or not same_text(each, seen[name])}


def _edit(found: OrderEdit, order: Order) -> Edit:
    values = {
        name: getattr(order, name) if getattr(found, name) is UNSET else getattr(found, name)
        for name in CHANGEABLE.values()
    }
    values["buyer_accepts_marketing"] = bool(values["buyer_accepts_marketing"])
    for name in ADDRESSES.values():
        values[name] = merged(getattr(order, name), getattr(found, name))
    return Edit(**values)


def merged(old: Address | None, sent: AddressIn | Any | None) -> Address | None:
    """`old` with the keys that `sent` gives; all of it gone when null is sent."""
    if sent is UNSET:
        return old
    if sent is None:
        return None
    if old is None:
        return to_address(sent)
    given = {name: value for name, value in asdict(sent).items() if value is not UNSET}
    changed = replace(old, **given)
    if "name" not in given and old.name == composed(old):
        changed = replace(changed, name=composed(changed))
    return changed


def read_cancel(body: Any, path_id: str) -> CancelIn:
    """How to cancel: the body may be unwrapped, wrapped in `order`, or empty."""
    inner, at = body, ""
    if isinstance(body, dict) and len(body) == 1 and isinstance(body.get("order"), dict):
        inner, at = body["order"], "order"
    wish = read(CancelIn, {} if inner is None else inner, at)
    if wish.order_id not in (UNSET, None, path_id):
        raise invalid({"orderId": [f"is not the order of the path, {path_id}"]})
    return wish


def reason_of(wish: CancelIn) -> CancelReason:
    return wish.reason if isinstance(wish.reason, CancelReason) else CancelReason.OTHER


def same_text(sent: Any, seen: Any) -> bool:
    """True when `sent` leaves a text or a flag as it was `seen`; `007` is not `7`."""
    if seen is None or isinstance(seen, bool):
        return same(sent, seen)
    return isinstance(sent, str | int) and not isinstance(sent, bool) and str(sent) == seen


def same(sent: Any, seen: Any) -> bool:
    """True when `sent` is the value that was `seen`, in whatever spelling (rulings.md §2.1)."""
    if isinstance(seen, dict):
        return isinstance(sent, dict) and all(
            name in seen and same(value, seen[name]) for name, value in sent.items()
        )
    if isinstance(seen, list):
        return _same_list(sent, seen)
    if seen is None:
        return sent in (None, "null", "")
    if isinstance(seen, bool):
        return sent is seen or (isinstance(sent, str) and sent.lower() == str(seen).lower())
    if isinstance(sent, bool | dict | list) or sent is None:
        return False
    return str(sent) == str(seen) or _number(sent, seen) or _moment(sent, seen)


def _same_list(sent: Any, seen: list[Any]) -> bool:
    if sent in ("", None, "null"):
        return not seen
    if isinstance(sent, str):
        try:
            sent = parse_json(sent.encode("utf-8", "replace"))
        except Unreadable:
            return False
    return (
        isinstance(sent, list)
        and len(sent) == len(seen)
        and all(same(one, other) for one, other in zip(sent, seen, strict=True))
    )


def _number(sent: Any, seen: Any) -> bool:
    try:
        return Decimal(str(sent)) == Decimal(str(seen))
    except InvalidOperation:
        return False


def _moment(sent: Any, seen: Any) -> bool:
    try:
        return bool(TIME.read(sent) == TIME.read(seen))
    except Unfit:
        return False
