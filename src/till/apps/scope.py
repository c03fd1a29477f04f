"""The scopes there are (genstore.md §3.2); write implies read."""

from till.dialect.body import nearest
from till.errors import Invalid

ALL_ORDERS = "read_all_orders"
AREAS = (
    "orders",
    "products",
    "themes",
    "apps",
    "shops",
    "customers",
    "fulfillments",
    "discounts",
    "gift_card",
    "content",
    "translate",
    "materials",
)
SCOPES = (*(f"{mode}_{area}" for area in AREAS for mode in ("read", "write")), ALL_ORDERS)


class UnknownScope(Invalid):
    """No such scope."""


def parse(text: str) -> frozenset[str]:
    """The scopes of a comma-separated list; `UnknownScope` names the first that is none."""
    found = [word.strip() for word in text.strip("[]").split(",") if word.strip()]
    for word in found:
        if word not in SCOPES:
            near = nearest(word, list(SCOPES))
            raise UnknownScope(f"{word!r} is no scope{near}.", fields={"scopes": [f"{word!r} is no scope"]})
    return frozenset(found)


def reach(scopes: frozenset[str]) -> frozenset[str]:
    """All that `scopes` let an app do, in scopes: who may change a thing may see it."""
    return scopes | {each.replace("write_", "read_", 1) for each in scopes}


def spell(scopes: frozenset[str]) -> str:
    """Scopes as Genstore writes them: sorted, with commas between."""
    return ",".join(sorted(scopes))
