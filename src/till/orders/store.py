"""One shop's orders at rest."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from till.db.port import Dialect, Tx
from till.errors import NotFound
from till.orders import buyers, counts, journal, ledger, part_index, terms
from till.orders.journal import By
from till.orders.life import must_hold, settled
from till.orders.order import Order
from till.orders.query import FOUND_BY_WORDS, Where
from till.orders.state import status_of
from till.orders.topics import TOPICS
from till.orders.view import Stored, decode, rendering_of
from till.orders.wire.answer import OrderOut, show
from till.orders.wire.deleted import tell_deleted
from till.orders.wire.event import render, tell
from till.orders.wire.refunds import tell_refunds
from till.shop import Shop
from till.webhooks import outbox
from till.webhooks.forms import Telling
from till.webhooks.outbox import Numbers
from till.webhooks.topic import Resource, Topic, told

ADD = """
    INSERT INTO orders
        (shop_id, id, number, version, status, created_at, updated_at, processed_at, source_name,
         rendering, body, answer, due_at)
    VALUES
        (:shop_id, :id, :number, :version, :status, :created_at, :updated_at, :processed_at,
         :source_name, :rendering, :body, :answer, :due_at)
"""
SET = """
    UPDATE orders SET version = :version, status = :status, updated_at = :updated_at,
        rendering = :rendering, body = :body, answer = :answer, due_at = :due_at
    WHERE shop_id = :shop_id AND id = :id
"""
REMOVE = "DELETE FROM orders WHERE shop_id = :shop_id AND id = :id"
COLUMNS = "id, created_at, version, rendering, body, answer"
BARE = "id, created_at, version, rendering, CASE WHEN rendering = :fresh THEN NULL ELSE body END, answer"
GET = f"SELECT {COLUMNS} FROM orders WHERE shop_id = :shop_id AND id = :id"
GET_BARE = f"SELECT {BARE} FROM orders WHERE shop_id = :shop_id AND id = :id"
ADD_TERMS = {
    Dialect.SQLITE: "INSERT INTO order_terms (rowid, terms) VALUES (:id, :terms)",
    Dialect.POSTGRESQL: "INSERT INTO order_terms (shop_id, id, terms) VALUES"
    " (:shop_id, :id, array_to_tsvector(string_to_array(:terms, ' ')))",
}
SET_TERMS = {
    Dialect.SQLITE: "INSERT OR REPLACE INTO order_terms (rowid, terms) VALUES (:id, :terms)",
    Dialect.POSTGRESQL: "UPDATE order_terms SET terms ="
    " array_to_tsvector(string_to_array(:terms, ' ')) WHERE shop_id = :shop_id AND id = :id",
}
REMOVE_TERMS = {
    Dialect.SQLITE: "DELETE FROM order_terms WHERE rowid = :id",
    Dialect.POSTGRESQL: "DELETE FROM order_terms WHERE shop_id = :shop_id AND id = :id",
}
# Any of several words; what is found is looked at again, for a word forgets case.
EITHER = {Dialect.SQLITE: ('"', " OR "), Dialect.POSTGRESQL: ("'", " | ")}


class Source(msgspec.Struct, frozen=True):
    """Where an order came from: two orders of one source are the same order told twice."""

    source_name: str | None = None
    source_identifier: str | None = None


class OrderNotFound(NotFound):
    """No such order in this shop, or none that this caller may see."""


@dataclass(frozen=True, slots=True)
class Orders:
    """Every write goes through `add` or `change`, so no event and no count is ever missed."""

    tx: Tx
    shop: Shop

    async def add(self, order: Order, *, by: By) -> "Kept":
        """Store a new order under the shop's next number, with its events."""
        topics = told(TOPICS, None, order)
        numbers = await outbox.take(self.tx, shop_id=self.shop.id, events=len(topics), orders=1)
        order, standing = await buyers.met(self.tx, self.shop, replace(order, number=numbers.order), by)
        shown = show(order, self.shop)
        stored = self._stored(order, shown)
        await self.tx.execute(
            ADD,
            number=order.number,
            created_at=order.created_at,
            processed_at=order.processed_at,
            source_name=order.source_name,
            **self._row(order, stored),
        )
        await self._index(ADD_TERMS, order)
        await counts.add(self.tx, order, shop_id=self.shop.id, by=1)
        await self._tell(None, order, tell(order, self.shop, shown, standing), topics, numbers, by=by)
        return Kept(stored, order)

    async def get(self, order_id: int, *, not_before: int | None = None, bare: bool = False) -> Stored:
        """The order as it is stored; `OrderNotFound` where there is none since `not_before`.

        Where `bare`, its body comes only if its answer is stale.
        """
        fresh = rendering_of(self.shop)
        rows = await self.tx.fetch(GET_BARE if bare else GET, shop_id=self.shop.id, id=order_id, fresh=fresh)
        if not rows or (not_before is not None and rows[0][1] < not_before):
            raise OrderNotFound(f"There is no order {order_id} in this shop.")
        return Stored(*rows[0])

    async def sources(self, identifiers: Iterable[str]) -> set[Source]:
        """The sources of the orders that have one of these source identifiers, in one statement."""
        prefix = terms.shop_prefix(self.shop.id)
        words = {prefix + terms.exact("s", each) for each in identifiers}
        if not words:
            return set()
        quote, either = EITHER[self.tx.dialect]
        match = either.join(f"{quote}{word}{quote}" for word in sorted(words))
        found = f"SELECT body FROM orders WHERE shop_id = :shop_id AND {FOUND_BY_WORDS[self.tx.dialect]}"
        rows = await self.tx.fetch(found, shop_id=self.shop.id, match=match)
        return {msgspec.json.decode(row[0], type=Source) for row in rows}

    async def change(self, old: Order, command: Callable[[Order], Order], *, by: By) -> "Kept":
        """Apply `command` to `old`, just read in this transaction, and store what it makes."""
        new = self.outcome(old, command)
        shown = show(new, self.shop)
        stored = self._stored(new, shown)
        if new == old:
            return Kept(stored, old)
        await self.tx.execute(SET, **self._row(new, stored))
        if terms.searched(new) != terms.searched(old):
            await self._index(SET_TERMS, new)
        if status_of(new) != status_of(old):
            await counts.move(self.tx, old, new, shop_id=self.shop.id)
        topics = told(TOPICS, old, new)
        numbers = await outbox.take(self.tx, shop_id=self.shop.id, events=len(topics))
        standing = await buyers.counted_again(self.tx, self.shop, old, new)
        payload = tell(new, self.shop, shown, standing)
        await self._tell(old, new, payload, topics, numbers, by=by)
        return Kept(stored, new)

    def outcome(self, old: Order, command: Callable[[Order], Order]) -> Order:
        """What `command` makes of `old`, with all that follows of itself in this shop."""
        new = command(old)
        if new == old:
            return new
        must_hold(old, new)
        return settled(old, new, auto_close=self.shop.settings.auto_close)

    async def remove(self, order: Order, *, at: int) -> None:
        """Delete an order for good; a tombstone tells of it (rulings.md §5.4)."""
        own = {"shop_id": self.shop.id, "id": order.id}
        await self.tx.execute(REMOVE, **own)
        await self.tx.execute(REMOVE_TERMS[self.tx.dialect], **own)
        await part_index.remove(self.tx, order, shop_id=self.shop.id)
        await journal.remove(self.tx, shop_id=self.shop.id, order_id=order.id)
        await counts.add(self.tx, order, shop_id=self.shop.id, by=-1)
        await buyers.left(self.tx, self.shop, order, at=at)
        topics = told(TOPICS, order, None)
        numbers = await outbox.take(self.tx, shop_id=self.shop.id, events=len(topics))
        await outbox.record(
            self.tx,
            topics,
            Telling(tell_deleted(order, self.shop, at=at), render),
            numbers=numbers,
            resource=Resource(self.shop.id, order.id, order.version + 1, at),
        )

    async def page(
        self,
        where: Where,
        *,
        key: tuple[int, ...],
        backward: bool,
        ascending: bool,
        limit: int,
        bare: bool = False,
    ) -> list[Stored]:
        """At most `limit` orders from just after `key`, in the order in which they are shown.

        Sorted by (createdAt, id), newest first, or `ascending` by id. Where `bare`, only rows whose
        answer is stale come with their body, for the others are sent as they are stored.
        """
        columns = ("id",) if ascending else ("created_at", "id")
        down = ascending is backward
        params: dict[str, Any] = dict(where.params)
        clause = where.sql
        if key:
            names = [f"key_{index}" for index in range(len(key))]
            params |= dict(zip(names, key, strict=True))
            marks = ", ".join(f":{name}" for name in names)
            clause += f" AND ({', '.join(columns)}) {'<' if down else '>'} ({marks})"
        # An index on updates is of use only if the sort does not claim the one on creation.
        plus = "+" if where.by_update else ""
        sort = ", ".join(f"{plus}{column} {'DESC' if down else 'ASC'}" for column in columns)
        rows = await self.tx.fetch(
            f"SELECT {BARE if bare else COLUMNS} FROM orders WHERE {clause} ORDER BY {sort} LIMIT :limit",
            limit=limit,
            fresh=rendering_of(self.shop),
            **params,
        )
        found = [Stored(*row) for row in rows]
        return found[::-1] if backward else found

    def _stored(self, order: Order, shown: OrderOut) -> Stored:
        return Stored(
            id=order.id,
            created_at=order.created_at,
            version=order.version,
            rendering=rendering_of(self.shop),
            body=msgspec.json.encode(order),
            answer=msgspec.json.encode(shown),
        )

    def _row(self, order: Order, stored: Stored) -> dict[str, Any]:
        return {
            "shop_id": self.shop.id,
            "id": order.id,
            "version": order.version,
            "status": status_of(order),
            "updated_at": order.updated_at,
            "rendering": stored.rendering,
            "body": stored.body,
            "answer": stored.answer,
            "due_at": ledger.due_at(order.transactions),
        }

    async def _index(self, statement: dict[Dialect, str], order: Order) -> None:
        words = " ".join(terms.terms_of(order, self.shop.id))
        # SQLite's statement names no shop: an order's id is unique on the server, its words name the shop.
        await self.tx.execute(statement[self.tx.dialect], shop_id=self.shop.id, id=order.id, terms=words)

    async def _tell(
        self,
        old: Order | None,
        new: Order,
        payload: bytes,
        topics: tuple[Topic[Order], ...],
        numbers: Numbers,
        *,
        by: By,
    ) -> None:
        """Commit the change to the outbox, to the timeline, and its new parts to their index."""
        await outbox.record(
            self.tx,
            topics,
            Telling(payload, render, tell_refunds(old, new, self.shop)),
            numbers=numbers,
            resource=Resource(self.shop.id, new.id, new.version, new.updated_at),
        )
        await part_index.add(self.tx, old, new, shop_id=self.shop.id)
        told_as = {numbers.first_event + index: topic.name for index, topic in enumerate(topics)}
        await journal.add(self.tx, old, new, events=told_as, shop_id=self.shop.id, by=by)


class Kept(Struct, frozen=True):
    """An order as it was just stored, and as its row holds it."""

    stored: Stored
    order: Order


def unpack(stored: Stored) -> Order:
    """The aggregate of a row."""
    return decode(stored.body)
