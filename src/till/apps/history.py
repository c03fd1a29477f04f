"""What became of an app in a shop, and by whom: one row an act, never changed."""

from msgspec import Struct

from till.clock import iso
from till.db.port import Row, Tx
from till.ids import uuid7

ADD = """
    INSERT INTO app_history (shop_id, id, client_id, installation_id, kind, at, by, reason, note)
    VALUES (:shop_id, :id, :client_id, :installation_id, :kind, :at, :by, :reason, :note)
"""
COLUMNS = "shop_id, id, client_id, installation_id, kind, at, by, reason, note"
OF_SHOP = f"""
    SELECT {COLUMNS} FROM app_history WHERE shop_id = :shop_id ORDER BY id DESC LIMIT :limit
"""
OF_APP = f"""
    SELECT {COLUMNS} FROM app_history WHERE shop_id = :shop_id AND client_id = :client_id
    ORDER BY id DESC LIMIT :limit
"""
MOST = 500
LONGEST = 1_000
# Who does something, where it is neither a person nor a timer.
BY_COMMAND = "cli"
BY_APP = "app"


class Act(Struct, frozen=True, kw_only=True):
    """`kind` is installed, granted, uninstalled or redacted; `by` is cli, app, till or person:ID.

    `reason` is one of `REASONS` or the app's own wish, `note` what was said beside it.
    """

    shop_id: int
    client_id: str
    installation_id: int
    kind: str
    at: int
    by: str
    reason: str | None = None
    note: str | None = None

    @property
    def when(self) -> str:
        return iso(self.at, "UTC")


# Why merchants say that they part with an app; the platform asks, but publishes no list.
REASONS = {
    "not_needed": "I no longer need it",
    "too_expensive": "It costs too much",
    "missing_feature": "It lacks something I need",
    "not_working": "It does not work",
    "replaced": "I use another app instead",
    "other": "Another reason",
}


async def add(tx: Tx, act: Act) -> None:
    """Write down one act."""
    await tx.execute(
        ADD,
        shop_id=act.shop_id,
        id=uuid7(),
        client_id=act.client_id,
        installation_id=act.installation_id,
        kind=act.kind,
        at=act.at,
        by=act.by,
        reason=act.reason,
        note=None if act.note is None else act.note[:LONGEST],
    )


async def acts(tx: Tx, *, shop_id: int, client_id: str | None = None) -> list[Act]:
    """The last acts in a shop, newest first; of one app where it is named."""
    if client_id is None:
        return [_act(row) for row in await tx.fetch(OF_SHOP, shop_id=shop_id, limit=MOST)]
    rows = await tx.fetch(OF_APP, shop_id=shop_id, client_id=client_id, limit=MOST)
    return [_act(row) for row in rows]


def _act(row: Row) -> Act:
    shop_id, _, client_id, installation_id, kind, at, by, reason, note = row
    return Act(
        shop_id=shop_id,
        client_id=client_id,
        installation_id=installation_id,
        kind=kind,
        at=at,
        by=by,
        reason=reason,
        note=note,
    )
