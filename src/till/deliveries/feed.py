"""The events of a shop in the order of their commits, read from a cursor on (rulings.md §7.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from msgspec import Struct

from till.db.port import Row, Tx
from till.orders.view import WINDOW

# So many numbers are looked through at a time, and so often for a page of which nothing was found yet: a wish
# for what is rare gets an answer at once in all but the longest histories, and holds up nobody.
STRIDE = 5_000
STRIDES = 20
# A page ends before its payloads are more than so many bytes, but has one event at least.
PAGE_BYTES = 1024 * 1024

NEWEST = "SELECT event_number FROM counters WHERE shop_id = :shop_id"
COLUMNS = """
    e.number, e.id, c.id, e.topic, c.resource_id, c.resource_version, c.occurred_at,
        COALESCE(e.payload, c.payload)
"""
JOINED = """
    FROM events e JOIN changes c ON c.shop_id = e.shop_id AND c.number = e.change_number
"""
# What concerns one installation is told to no other, and to none what is older than it may see.
MINE = "(c.installation_id IS NULL OR c.installation_id = :reader) AND c.occurred_at >= :since"
BY_NUMBER = f"SELECT {COLUMNS} {JOINED} WHERE e.shop_id = :shop_id AND e.number = :number AND {MINE}"
NUMBER_OF = """
    SELECT number FROM events WHERE shop_id = :shop_id AND id = :id ORDER BY number DESC LIMIT 1
"""


def seen_since(*, all_orders: bool, at: int) -> int:
    """The moment, in microseconds, before which events are neither shown nor sent again to an installation.

    Without `read_all_orders` it is 60 days before `at` (rulings.md §6.4): what webhooks told since then
    may be read again, what they told before is as far away as the orders of that time.
    """
    return 0 if all_orders else at - WINDOW


async def newest_of(tx: Tx, shop_ids: Sequence[int]) -> dict[int, int]:
    """The number of the last event of each of these shops, of which there is at least one."""
    # Few lengths, so that there are few statements: the last one is named again and again.
    length = 1 << (len(shop_ids) - 1).bit_length()
    padded = [*shop_ids, *([shop_ids[-1]] * (length - len(shop_ids)))]
    rows = await tx.fetch(_newest(length), **{f"shop_{index}": each for index, each in enumerate(padded)})
    return {int(shop_id): int(number) for shop_id, number in rows}


class Event(Struct, frozen=True):
    """One event: `change_id` is shared by all that its change told, `payload` is as it was stored."""

    number: int
    id: bytes
    change_id: bytes
    topic: str
    resource_id: int
    resource_version: int
    occurred_at: int
    payload: bytes


class Page(Struct, frozen=True):
    """What was found looking through all up to the number `upto`; `more` says that others follow."""

    events: list[Event]
    upto: int
    more: bool


@dataclass(frozen=True, slots=True)
class Feed:
    """The events of one shop, as one installation may read them.

    Numbers begin at 1, have no gap, and rise in the order of the commits: whoever has seen all up to
    one will never be told another below it. What occurred before `since` (`seen_since`) is as if it were
    not there, but has its numbers, so that cursors move past it.
    """

    tx: Tx
    shop_id: int
    reader: int
    since: int = 0

    async def newest(self) -> int:
        """The number of the last event, 0 before the first."""
        return int((await self.tx.fetch(NEWEST, shop_id=self.shop_id))[0][0])

    async def page(
        self, after: int, topics: Sequence[str], *, limit: int, resource_id: int | None = None
    ) -> Page:
        """At most `limit` events of `topics` after the number `after`, all or those of one resource.

        There are fewer where their payloads come to `PAGE_BYTES`, or where many of other topics or
        resources lie between them.
        """
        newest = await self.newest()
        page = Page([], after, more=newest > after)
        for _ in range(STRIDES):
            if page.events or not page.more:
                break
            page = await self._stride(page.upto, topics, newest, limit=limit, resource_id=resource_id)
        return page

    async def _stride(
        self, after: int, topics: Sequence[str], newest: int, *, limit: int, resource_id: int | None
    ) -> Page:
        upto = min(newest, after + STRIDE)
        told = {f"topic_{index}": topic for index, topic in enumerate(topics)}
        of_one = {} if resource_id is None else {"resource_id": resource_id}
        rows = await self.tx.fetch(
            _page(len(topics), of_one=bool(of_one)),
            shop_id=self.shop_id,
            after=after,
            upto=upto,
            limit=limit,
            bytes=PAGE_BYTES,
            reader=self.reader,
            since=self.since,
            **told,
            **of_one,
        )
        found = [_event(row) for *row, _ in rows]
        if found and (len(found) == limit or rows[-1][-1] > found[-1].number):
            upto = found[-1].number
        return Page(found, upto, more=upto < newest)

    async def one(self, number: int) -> Event | None:
        """The event of that number, where the reader may see it."""
        rows = await self.tx.fetch(
            BY_NUMBER, shop_id=self.shop_id, number=number, reader=self.reader, since=self.since
        )
        return _event(rows[0]) if rows else None

    async def number_of(self, event_id: bytes) -> int | None:
        """The number of the event with this id; found soon if it is of late."""
        rows = await self.tx.fetch(NUMBER_OF, shop_id=self.shop_id, id=event_id)
        return int(rows[0][0]) if rows else None


@lru_cache(maxsize=16)
def _newest(length: int) -> str:
    listed = ", ".join(f":shop_{index}" for index in range(length))
    return f"SELECT shop_id, event_number FROM counters WHERE shop_id IN ({listed})"


@lru_cache(maxsize=64)
def _page(topics: int, *, of_one: bool) -> str:
    listed = ", ".join(f":topic_{index}" for index in range(topics))
    only = "AND c.resource_id = :resource_id" if of_one else ""
    return f"""
        WITH sized AS (
            SELECT e.number, COALESCE(LENGTH(e.payload), LENGTH(c.payload)) AS size
            {JOINED}
            WHERE e.shop_id = :shop_id AND e.number > :after AND e.number <= :upto
                AND e.topic IN ({listed}) {only} AND {MINE}
            ORDER BY e.number LIMIT :limit
        ), summed AS (
            SELECT number, size, SUM(size) OVER (ORDER BY number) AS total FROM sized
        )
        SELECT {COLUMNS}, (SELECT MAX(number) FROM sized)
        {JOINED}
        WHERE e.shop_id = :shop_id
            AND e.number IN (SELECT number FROM summed WHERE total <= :bytes OR total = size)
        ORDER BY e.number
    """


def _event(row: Row) -> Event:
    number, event_id, change_id, topic, resource_id, resource_version, occurred_at, payload = row
    return Event(
        number=number,
        id=bytes(event_id),
        change_id=bytes(change_id),
        topic=topic,
        resource_id=resource_id,
        resource_version=resource_version,
        occurred_at=occurred_at,
        payload=bytes(payload),
    )
