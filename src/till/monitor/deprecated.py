"""Calls that still work, but should be made in another way."""

from till.web.call import CURRENT
from till.web.noting import UNMATCHED

# Paths that Genstore's older pages show, each with the one that took its place (rulings.md §1).
OLDER = {"/webhooks": "/app/webhooks", "/fulfillment": "/fulfillments"}
# Whole ones, of which more than the beginning has changed (genstore.md §7.2).
OLDER_WHOLE = {
    "/decoration/themes": "/themes",
    "/decoration/assets/{themeId}": "/themes/{themeId}/assets",
}


def instead_of(method: str, path: str, version: str) -> str | None:
    """What to call instead, e.g. `GET /api/202412/orders`; None where a call is as it should be."""
    if path == UNMATCHED:
        return None
    if path in OLDER_WHOLE:
        return f"{method} /api/{CURRENT}{OLDER_WHOLE[path]}"
    head = f"/{path.strip('/').partition('/')[0]}"
    newer = OLDER.get(head)
    if newer is None and version == CURRENT:
        return None
    path = path if newer is None else newer + path[len(head) :]
    return f"{method} /api/{CURRENT}{path}"
