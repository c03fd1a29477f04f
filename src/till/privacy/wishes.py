"""Wishes about a customer's personal data at rest: that it be erased, or be handed over."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from till.clock import DAY, SECOND
from till.db.port import Row, Tx

# genstore.md §9.5.
BUFFER = 10 * DAY
AFTER_ORDER = 180 * DAY
# What was told of a wish is kept for as long as somebody is owed it, but a day at least and this at most.
TOLD_LEAST = DAY
TOLD_MOST = 30 * DAY
LOOK_AGAIN = 3_600 * SECOND


class Kind(StrEnum):
    ERASURE = "erasure"
    DATA_REQUEST = "data_request"


class Stage(StrEnum):
    """A data request is told at once; an erasure is scheduled until its apps are told."""

    SCHEDULED = "scheduled"
    ERASING = "erasing"
    ERASED = "erased"
    REVOKED = "revoked"
    TOLD = "told"

    @property
    def is_open(self) -> bool:
        return self in (Stage.SCHEDULED, Stage.ERASING)


class Wish(Struct, frozen=True, kw_only=True):
    """Times are microseconds; `customer` is a customer's number, `asked_by` and `revoked_by` client ids.

    The wish is carried out at `due_at`, whatever was bought since where it is `forced`; `next_at` is when
    it is looked at next, None once nothing is left to do. `change_number` is the change that told of it.
    """

    shop_id: int
    id: int
    kind: Kind
    customer: int
    state: Stage
    asked_by: str
    reason: str | None = None
    forced: bool = False
    requested_at: int
    due_at: int
    next_at: int | None
    ended_at: int | None = None
    revoked_by: str | None = None
    change_number: int | None = None


NAMES = Wish.__struct_fields__
COLUMNS = ", ".join(NAMES)
ADD = f"INSERT INTO erasures ({COLUMNS}) VALUES ({', '.join(f':{name}' for name in NAMES)}) RETURNING shop_id"
SET = """
    UPDATE erasures SET state = :state, reason = :reason, forced = :forced, due_at = :due_at,
        next_at = :next_at, ended_at = :ended_at, revoked_by = :revoked_by, change_number = :change_number
    WHERE shop_id = :shop_id AND id = :id
"""
GET = f"SELECT {COLUMNS} FROM erasures WHERE shop_id = :shop_id AND id = :id"
LAST = f"""
    SELECT {COLUMNS} FROM erasures
    WHERE shop_id = :shop_id AND customer = :customer AND kind = 'erasure' ORDER BY id DESC LIMIT 1
"""
ALL = f"SELECT {COLUMNS} FROM erasures WHERE shop_id = :shop_id AND customer = :customer ORDER BY id"
DUE = f"SELECT {COLUMNS} FROM erasures WHERE next_at <= :at ORDER BY next_at, id LIMIT :most"
OF_SHOP = """
    UPDATE erasures SET reason = NULL WHERE shop_id = :shop_id AND reason IS NOT NULL
"""
CHANGED = (
    "state",
    "reason",
    "forced",
    "due_at",
    "next_at",
    "ended_at",
    "revoked_by",
    "change_number",
    "shop_id",
    "id",
)


@dataclass(frozen=True, slots=True)
class Wishes:
    """The wishes about the customers of one shop."""

    tx: Tx
    shop_id: int

    async def add(self, wish: Wish) -> Wish:
        await self.tx.fetch(ADD, **_row(wish))
        return wish

    async def put(self, wish: Wish) -> Wish:
        """Store what became of a wish."""
        row = _row(wish)
        await self.tx.execute(SET, **{name: row[name] for name in CHANGED})
        return wish

    async def get(self, wish_id: int) -> Wish | None:
        rows = await self.tx.fetch(GET, shop_id=self.shop_id, id=wish_id)
        return _wish(rows[0]) if rows else None

    async def last(self, customer: int) -> Wish | None:
        """The last wish that a customer's data be erased."""
        rows = await self.tx.fetch(LAST, shop_id=self.shop_id, customer=customer)
        return _wish(rows[0]) if rows else None

    async def all_of(self, customer: int) -> list[Wish]:
        rows = await self.tx.fetch(ALL, shop_id=self.shop_id, customer=customer)
        return [_wish(row) for row in rows]

    async def forget_reasons(self) -> None:
        """Forget what was written of all wishes."""
        await self.tx.execute(OF_SHOP, shop_id=self.shop_id)


async def due(tx: Tx, *, at: int, most: int) -> list[Wish]:
    """The wishes of all shops that are to be looked at, the oldest first."""
    return [_wish(row) for row in await tx.fetch(DUE, at=at, most=most)]


def due_at(*, requested_at: int, last_order_at: int | None, forced: bool) -> int:
    """When a wish may be carried out (genstore.md §9.5)."""
    if forced:
        return requested_at
    after_order = 0 if last_order_at is None else last_order_at + AFTER_ORDER
    return max(requested_at + BUFFER, after_order)


def _row(wish: Wish) -> dict[str, Any]:
    row = asdict(wish)
    return row | {"kind": wish.kind.value, "state": wish.state.value, "forced": int(wish.forced)}


def _wish(row: Row) -> Wish:
    found = dict(zip(NAMES, row, strict=True))
    found |= {"kind": Kind(found["kind"]), "state": Stage(found["state"]), "forced": bool(found["forced"])}
    return Wish(**found)
