"""The compliance topics (genstore.md §8.3): what apps are told of wishes about personal data.

Their payloads are published nowhere. Those here say what Shopify's say (semantics.md §4.3), in the style
of Genstore's own: one wrapper in the singular, names in camel case, ids as strings.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from till.caller import Protected
from till.dialect.scalars import documented
from till.shop import Fidelity, Shop
from till.webhooks.topic import Topic

CUSTOMERS = frozenset({"read_customers", "write_customers"})
SHOPS = frozenset({"read_shops", "write_shops"})
DATA_REQUEST, REDACT, SHOP_REDACT = "customers/data_request", "customers/redact", "shop/redact"
DOMAIN = "genmystore.com"
PERSONAL = {"email": Protected.EMAIL, "phone": Protected.PHONE}


def _is_wish(old: object | None, new: object) -> bool:
    """Never true of a change: these are told when somebody asks for it."""
    del old, new
    return False


TOPICS: tuple[Topic[Any], ...] = (
    Topic(DATA_REQUEST, CUSTOMERS, _is_wish),
    Topic(REDACT, CUSTOMERS, _is_wish),
    Topic(SHOP_REDACT, SHOPS, _is_wish),
)
TOPIC = {topic.name: topic for topic in TOPICS}


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a wish is about; e-mail and telephone number are null once they were erased."""

    id: str
    email: str | None = None
    phone: str | None = None


def data_request(shop: Shop, person: Person, orders: Iterable[int], *, request_id: int) -> bytes:
    """What `customers/data_request` tells: whose data of which orders is to be handed over."""
    told = {
        **_of_person(shop, person),
        "ordersRequested": [str(each) for each in orders],
        "dataRequest": {"id": str(request_id)},
    }
    return msgspec.json.encode({"customerDataRequest": told})


def customer_redact(shop: Shop, person: Person, orders: Iterable[int]) -> bytes:
    """What `customers/redact` tells: whose data, and that of which orders, is to be forgotten."""
    told = {**_of_person(shop, person), "ordersToRedact": [str(each) for each in orders]}
    return msgspec.json.encode({"customerRedact": told})


def shop_redact(shop: Shop, *, installation_id: int | None = None) -> bytes:
    """What `shop/redact` tells: that all data of the shop is to be forgotten.

    Told to an app that has gone it names the installation, so that what comes late is never taken for a
    word about the one after it (rulings.md §7.3).
    """
    whose = {} if installation_id is None else {"installationId": str(installation_id)}
    return msgspec.json.encode({"shopRedact": _of_shop(shop) | whose})


def render(typed: bytes, fidelity: Fidelity, hidden: frozenset[Protected]) -> bytes:
    """A payload as somebody sees it, null where something was not granted (rulings.md §6.4)."""
    told = msgspec.json.decode(typed)
    for thing in told.values():
        gone = {name: None for name, kind in PERSONAL.items() if kind in hidden}
        if "customer" in thing:
            thing["customer"] |= gone
    return msgspec.json.encode(documented(told) if fidelity is Fidelity.DOCUMENTED else told)


def without_person(payload: bytes) -> bytes:
    """The same in either profile, without e-mail and telephone number."""
    told = msgspec.json.decode(payload)
    for thing in told.values():
        if isinstance(thing.get("customer"), dict):
            nothing = "null" if isinstance(thing.get("shopId"), str) else None
            thing["customer"] |= {name: nothing for name in PERSONAL if name in thing["customer"]}
    return msgspec.json.encode(told)


def _of_shop(shop: Shop) -> dict[str, Any]:
    return {"shopId": shop.id, "shopDomain": f"{shop.handle}.{DOMAIN}"}


def _of_person(shop: Shop, person: Person) -> dict[str, Any]:
    return {**_of_shop(shop), "customer": msgspec.to_builtins(person)}
