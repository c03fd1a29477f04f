"""An app: a third-party program, known by its client id; and its installation in a shop."""

from msgspec import Struct

from till.caller import Caller, Protected, hidden_from
from till.errors import Invalid
from till.shop import Fidelity, Shop


class App(Struct, frozen=True, kw_only=True):
    """`partner` apps come from outside and are granted protected data apart (rulings.md §6.4)."""

    client_id: str
    name: str
    scopes: frozenset[str]
    partner: bool

    def checked(self) -> "App":
        if not self.name.strip() or len(self.name) > 255:
            raise Invalid(
                "An app needs a name of at most 255 characters.",
                fields={"name": ["must be 1 to 255 characters"]},
            )
        if not self.scopes:
            raise Invalid(
                "An app needs at least one scope, such as read_orders.",
                fields={"scopes": ["must name at least one scope"]},
            )
        return self


class Installation(Struct, frozen=True, kw_only=True):
    """An app in a shop, with what it was granted there."""

    id: int
    shop_id: int
    client_id: str
    scopes: frozenset[str]
    protected: frozenset[Protected] = frozenset()
    fidelity: Fidelity | None = None


def admit(
    installation: Installation, shop: Shop, *, partner: bool, fidelity: Fidelity, app_name: str = ""
) -> Caller:
    """Who an installation is to the API. A merchant's own app sees all; a partner's what it was granted.

    `fidelity` is the server's profile, for installations that have none of their own.
    """
    return Caller(
        shop=shop,
        installation_id=installation.id,
        client_id=installation.client_id,
        app_name=app_name,
        scopes=installation.scopes,
        hidden=hidden_from(partner=partner, granted=installation.protected),
        all_orders=not partner or "read_all_orders" in installation.scopes,
        fidelity=installation.fidelity or fidelity,
    )
