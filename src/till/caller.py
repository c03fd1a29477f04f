"""Who a request was admitted as: an installation of an app in a shop, as its access token proves it."""

from enum import StrEnum

from msgspec import Struct

from till.shop import Fidelity, Shop


class Protected(StrEnum):
    """The kinds of personal data that a partner app must be granted one by one (genstore.md §3.1)."""

    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"
    ADDRESS = "address"


class Caller(Struct, frozen=True, kw_only=True):
    """`whole_app` is an app that asks about itself in all its shops: then `shop` is none, of id 0."""

    shop: Shop
    installation_id: int
    client_id: str
    app_name: str
    scopes: frozenset[str]
    hidden: frozenset[Protected] = frozenset()
    all_orders: bool = True
    fidelity: Fidelity = Fidelity.TYPED
    whole_app: bool = False


def hidden_from(*, partner: bool, granted: frozenset[Protected]) -> frozenset[Protected]:
    """The kinds of data that an installation may not see.

    A merchant's own app sees all; a partner's what it was `granted` (rulings.md §6.4).
    """
    return frozenset(Protected) - granted if partner else frozenset()
