"""Which shops have an app, and what became of it there."""

from collections.abc import Iterable

from msgspec import Struct

from till.db.port import Tx

INSTALLED = """
    SELECT client_id, count(shop_id) FROM installations WHERE uninstalled_at IS NULL GROUP BY client_id
"""
SUBSCRIBED = """
    SELECT i.client_id, u.state, count(*) FROM installations i
    JOIN subscriptions u ON u.shop_id = i.shop_id AND u.installation_id = i.id
    WHERE i.uninstalled_at IS NULL GROUP BY i.client_id, u.state
"""
UNINSTALLED = """
    SELECT client_id, reason, count(shop_id) FROM app_history WHERE kind = 'uninstalled'
    GROUP BY client_id, reason
"""
# An app has a row for each time that it was installed in a shop.
PLACES = """
    SELECT i.shop_id, s.handle, s.timezone, max(i.id), min(i.created_at),
        max(CASE WHEN i.uninstalled_at IS NULL THEN 1 ELSE 0 END)
    FROM installations i JOIN shops s ON s.id = i.shop_id
    WHERE i.client_id = :client_id {shop} GROUP BY i.shop_id, s.handle, s.timezone ORDER BY s.handle
"""
LIVES = """
    SELECT i.shop_id, i.id, i.created_at, i.uninstalled_at FROM installations i
    WHERE i.client_id = :client_id {shop}
"""
TOLD = """
    SELECT h.shop_id, h.installation_id, h.kind, h.at, h.reason FROM app_history h
    WHERE h.client_id = :client_id {shop} AND h.at >= :since AND h.kind <> 'installed'
"""
INSTALL, GRANT, UNINSTALL = "installed", "granted", "uninstalled"


class Place(Struct, frozen=True):
    """A shop that has or had an app; `installation_id` is that of the last time, `since` the first."""

    shop_id: int
    handle: str
    timezone: str
    installation_id: int
    since: int
    is_active: bool


class Act(Struct, frozen=True):
    """What became of an app at a moment in microseconds."""

    shop_id: int
    kind: str
    at: int
    reason: str | None


def of_shop(shop_id: int | None, table: str) -> str:
    """The clause that names the shop, where it is one; else all that the app is in."""
    return "" if shop_id is None else f"AND {table}.shop_id = :shop_id"


def named(client_id: str, shop_id: int | None) -> dict[str, str | int]:
    """The parameters of statements about an app."""
    return {"client_id": client_id} | ({} if shop_id is None else {"shop_id": shop_id})


class Standing(Struct, frozen=True):
    """How apps stand: in how many shops, with how many subscriptions in which state, and why they had to go.

    By client id; subscriptions by their state too, uninstalls by what the merchant said, None for nothing.
    """

    installed: dict[str, int] = {}
    subscriptions: dict[tuple[str, str], int] = {}
    uninstalls: dict[tuple[str, str | None], int] = {}


async def standing(tx: Tx) -> Standing:
    """How all apps stand now."""
    return Standing(
        {client_id: int(n) for client_id, n in await tx.fetch(INSTALLED)},
        {(client_id, state): int(n) for client_id, state, n in await tx.fetch(SUBSCRIBED)},
        {(client_id, reason): int(n) for client_id, reason, n in await tx.fetch(UNINSTALLED)},
    )


async def places(tx: Tx, client_id: str, shop_id: int | None) -> list[Place]:
    """The shops that have or had an app, or the one that is asked for."""
    sql = PLACES.format(shop=of_shop(shop_id, "i"))
    rows = await tx.fetch(sql, **named(client_id, shop_id))
    return [_place(*row) for row in rows]


async def acts(tx: Tx, client_id: str, shop_id: int | None, *, since: int) -> list[Act]:
    """What became of it from a moment on; of what is in no history, no reason is known."""
    own = named(client_id, shop_id)
    found: list[Act] = []
    reasons: dict[int, str | None] = {}
    for place, installation_id, kind, at, reason in await tx.fetch(
        TOLD.format(shop=of_shop(shop_id, "h")), **own, since=since
    ):
        if kind == GRANT:
            found.append(Act(place, kind, at, None))
        elif kind == UNINSTALL:
            reasons[installation_id] = reason
    for place, installation_id, begun, ended in await tx.fetch(
        LIVES.format(shop=of_shop(shop_id, "i")), **own
    ):
        if begun >= since:
            found.append(Act(place, INSTALL, begun, None))
        if ended is not None and ended >= since:
            found.append(Act(place, UNINSTALL, ended, reasons.get(installation_id)))
    return found


def active_at(found: Iterable[Act], *, now: int, at: int) -> int:
    """How many installations were live at a moment, of how many are `now`, and what came since."""
    change = {INSTALL: -1, UNINSTALL: 1}
    return now + sum(change.get(act.kind, 0) for act in found if act.at > at)


def _place(shop_id: int, handle: str, timezone: str, last: int, since: int, live: int) -> Place:
    return Place(shop_id, handle, timezone, last, since, is_active=bool(live))
