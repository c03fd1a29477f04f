"""A whole shop without people: every order, every customer, and all that was ever told of them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from till.db.port import Database, Dialect, Row, Tx
from till.privacy import person, sweeping, topics, traces
from till.privacy.carrying import Forgetting
from till.privacy.wishes import Wishes
from till.shops.store import Shops

AT_ONCE = 200
ORDERS = "SELECT id FROM orders WHERE shop_id = :shop_id AND id > :after ORDER BY id LIMIT :most"
CHANGES = """
    SELECT number, resource_id FROM changes WHERE shop_id = :shop_id AND number > :after
    ORDER BY number LIMIT :most
"""
# All keys but the ids that everybody calls customers by.
KEYS = """
    SELECT kind, value, number FROM customer_keys k
    WHERE shop_id = :shop_id AND (kind, value) > (:kind, :value) AND (kind <> 'i' OR NOT EXISTS (
        SELECT 1 FROM customers c WHERE c.shop_id = k.shop_id AND c.number = k.number AND {same}))
    ORDER BY kind, value LIMIT :most
"""
SAME = {
    Dialect.SQLITE: "CAST(c.id AS BLOB) = k.value",
    Dialect.POSTGRESQL: "convert_to(c.id, 'UTF8') = k.value",
}
ANSWERS = """
    SELECT installation_id, target, key, body FROM kept_answers
    WHERE shop_id = :shop_id AND (installation_id, target, key) > (:installation_id, :target, :key)
    ORDER BY installation_id, target, key LIMIT :most
"""

# Told: what is being gone through, and how much of it is done.
Watch = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Shopful:
    """All that one shop holds of people, to be forgotten at `at`.

    Each step is a small transaction and may be done again: who was interrupted begins anew.
    """

    db: Database
    shop_id: int
    at: int
    mint: Callable[[], int]
    watch: Watch

    async def forget(self) -> None:
        """Forget everybody, then tell `shop/redact` to all who listen."""
        await self._orders()
        await self._customers()
        await self._keys()
        await self._changes()
        await self._answers()
        await self.db.write(self._end, shop_id=self.shop_id)
        await sweeping.scrub(self.db)

    async def _orders(self) -> None:
        forgetting = Forgetting(shop_id=self.shop_id, at=self.at, mint=self.mint)
        after = done = 0
        while rows := await self.db.read(partial(self._next, ORDERS, after)):
            ids = [row[0] for row in rows]
            await forgetting.orders(self.db, ids)
            after, done = ids[-1], done + len(ids)
            self.watch("orders", done)

    async def _customers(self) -> None:
        after = done = 0
        while numbers := await self.db.read(
            partial(person.numbers_after, after=after, shop_id=self.shop_id, most=AT_ONCE)
        ):
            await self.db.write(partial(self._clear, numbers=numbers), shop_id=self.shop_id)
            after, done = numbers[-1], done + len(numbers)
            self.watch("customers", done)

    async def _clear(self, tx: Tx, *, numbers: list[int]) -> None:
        for number in numbers:
            await person.clear(tx, shop_id=self.shop_id, number=number, at=self.at)

    async def _keys(self) -> None:
        kind, value, done = "", b"", 0
        while rows := await self.db.read(partial(self._next_keys, kind=kind, value=value)):
            await self.db.write(partial(self._remove_keys, rows=rows), shop_id=self.shop_id)
            (kind, value, _), done = rows[-1], done + len(rows)
            self.watch("words that customers are found by", done)

    async def _next_keys(self, tx: Tx, *, kind: str, value: bytes) -> list[Row]:
        sql = KEYS.format(same=SAME[tx.dialect])
        return await tx.fetch(sql, shop_id=self.shop_id, kind=kind, value=value, most=AT_ONCE)

    async def _remove_keys(self, tx: Tx, *, rows: list[Row]) -> None:
        for kind, value, number in rows:
            await tx.execute(person.REMOVE_KEY, shop_id=self.shop_id, kind=kind, value=value, number=number)

    async def _changes(self) -> None:
        after = done = 0
        while rows := await self.db.read(partial(self._next, CHANGES, after)):
            await self.db.write(partial(self._forget_changes, rows=rows), shop_id=self.shop_id)
            after, done = rows[-1][0], done + len(rows)
            self.watch("changes", done)

    async def _forget_changes(self, tx: Tx, *, rows: list[Row]) -> None:
        for number, _ in rows:
            await traces.forget_change(tx, shop_id=self.shop_id, number=number)
        for resource_id in {row[1] for row in rows}:
            await traces.forget_attempts(tx, shop_id=self.shop_id, resource_id=resource_id)

    async def _answers(self) -> None:
        installation_id, target, key, done = 0, "", "", 0
        while rows := await self.db.read(
            partial(self._next_answers, installation_id=installation_id, target=target, key=key)
        ):
            forget = partial(traces.forget_answers, rows=rows, shop_id=self.shop_id)
            await self.db.write(forget, shop_id=self.shop_id)
            (installation_id, target, key, _), done = rows[-1], done + len(rows)
            self.watch("kept answers", done)

    async def _next_answers(self, tx: Tx, *, installation_id: int, target: str, key: str) -> list[Row]:
        place = {"installation_id": installation_id, "target": target, "key": key}
        return await tx.fetch(ANSWERS, shop_id=self.shop_id, most=AT_ONCE, **place)

    async def _end(self, tx: Tx) -> None:
        await Wishes(tx, self.shop_id).forget_reasons()
        await traces.forget_carts(tx, shop_id=self.shop_id)
        await topics.tell_shop_redact(tx, await Shops(tx).get(self.shop_id), at=self.at)

    async def _next(self, statement: str, after: int, tx: Tx) -> list[Row]:
        return await tx.fetch(statement, shop_id=self.shop_id, after=after, most=AT_ONCE)
