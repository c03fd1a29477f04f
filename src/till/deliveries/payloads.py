"""What each topic tells, by example: for test deliveries, and for the paths that a subscription may name."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import count
from typing import Any

import msgspec

from till.customers import compliance
from till.customers.customer import Standing
from till.dialect.body import nearest, read
from till.orders.order import Order
from till.orders.topics import TOPICS
from till.orders.wire import examples, part_examples
from till.orders.wire.answer import show
from till.orders.wire.deleted import tell_deleted
from till.orders.wire.event import tell
from till.orders.wire.fields import OrderRequest
from till.orders.wire.refunds import tell_refunds
from till.orders.wire.request import to_order
from till.themes import examples as theme_examples
from till.themes.topics import TOPICS as OF_THEMES

SHOP = examples.SHOP
STANDING = Standing(orders_count=1, total_spent=13_032, currency=SHOP.currency)
TAX = [{"title": "VAT", "rate": "19", "price": "1.00"}]
# What till.deliveries.notices tells of a subscription.
NOTICE: dict[str, Any] = {
    "id": 300_157_930_096_875,
    "topic": "orders/paid",
    "address": "https://app.example.com/webhooks",
    "state": "active",
    "reason": "The receiver answered 500.",
    "failures": 50,
    "failingSince": "2026-03-14T11:09:26-04:00",
    "lastSuccessAt": "2026-03-14T11:08:57-04:00",
}
NOTICE_MORE: dict[str, dict[str, Any]] = {
    "webhook/failing": {"percent": 50},
    "webhook/disabled": {"state": "disabled"},
    "webhook/exhausted": {
        "exhausted": 1,
        "deliveries": [
            {
                "id": "0195963c-1f70-7c44-a1b2-5d3e8f90a1b2",
                "topic": "orders/paid",
                "resourceId": 300_157_930_096_874,
                "state": "exhausted",
                "reason": "The receiver answered 500.",
            }
        ],
    },
}
REFUNDS, DELETED = "refunds/create", "orders/delete"


@lru_cache(maxsize=1)
def _whole() -> Order:
    """An order of which as much is told as can be."""
    address: dict[str, Any] = examples.WHOLE["shippingAddress"]
    order = examples.WHOLE | {
        "billingAddress": address,
        "taxLines": TAX,
        "shippingLines": [{"title": "Post", "price": "5.00", "taxLines": TAX}],
        "lineItems": [examples.WHOLE["lineItems"][0] | {"taxLines": TAX}],
        "paymentTerms": {"amount": "1.00", "currency": SHOP.currency},
        "customer": examples.WHOLE["customer"] | {"defaultAddress": address, "addresses": [address]},
    }
    mint = count(300_157_930_096_874).__next__
    sent = read(OrderRequest, {"order": order}, "")
    return to_order(sent.order, shop=SHOP, number=1001, mint=mint, at=examples.AT)


def _told(order: Order) -> bytes:
    return tell(order, SHOP, show(order, SHOP), STANDING)


def _of_compliance(topic: str) -> bytes:
    ada = compliance.Person(id="207119551", email="ada@example.com", phone="+16135550100")
    if topic == compliance.DATA_REQUEST:
        return compliance.data_request(SHOP, ada, [300_157_930_096_874], request_id=300_157_930_096_877)
    if topic == compliance.REDACT:
        return compliance.customer_redact(SHOP, ada, [300_157_930_096_874])
    return compliance.shop_redact(SHOP)


@lru_cache(maxsize=64)
def examples_of(topic: str) -> tuple[bytes, ...]:
    """Payloads of a topic in the typed profile, the best first."""
    if topic in compliance.TOPIC:
        return (_of_compliance(topic),)
    if topic in {each.name for each in OF_THEMES}:
        return (theme_examples.told(),)
    if topic not in {each.name for each in TOPICS}:
        return (msgspec.json.encode({"webhook": NOTICE | NOTICE_MORE.get(topic, {})}),)
    life = part_examples.life()
    if topic == DELETED:
        return (tell_deleted(_whole(), SHOP, at=examples.AT),)
    if topic == REFUNDS:
        return (tell_refunds(life[2], life[3], SHOP)[REFUNDS],)
    return tuple(_told(order) for order in (_whole(), *life))


@lru_cache(maxsize=64)
def paths_of(topic: str) -> tuple[frozenset[str], frozenset[str]]:
    """The dotted paths that payloads of a topic have, and those of lists whose elements no example shows."""
    known: set[str] = set()
    for example in examples_of(topic):
        for thing in msgspec.json.decode(example).values():
            known |= set(_paths(thing))
    empty = {path.removesuffix("[]") for path in known if path.endswith("[]")}
    plain = {path for path in known if not path.endswith("[]")} | empty
    return frozenset(plain), frozenset(
        path for path in empty if not any(each.startswith(f"{path}.") for each in plain)
    )


def unknown_path(topic: str, paths: tuple[str, ...]) -> tuple[str, str] | None:
    """The first of `paths` that no payload of the topic has, and a hint to the nearest that it has."""
    plain, unshown = paths_of(topic)
    for path in paths:
        if path not in plain and not any(path.startswith(f"{each}.") for each in unshown):
            return path, nearest(path, sorted(plain))
    return None


def _paths(value: Any, at: str = "") -> Iterator[str]:
    """Every path in a thing; that of an empty list ends in brackets."""
    if isinstance(value, dict):
        for name, each in value.items():
            path = f"{at}.{name}" if at else name
            yield path
            yield from _paths(each, path)
    elif isinstance(value, list):
        if not value:
            yield f"{at}[]"
        for each in value:
            yield from _paths(each, at)
