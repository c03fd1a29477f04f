"""Records what the server's own handlers ask of the store, on a real database of which nothing is kept."""

import contextlib
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from bench.marks import ID, MARKS, MINTED, SHOP, Marks, Statement
from bench.moves import MOVES
from till.caller import Caller
from till.db.open import open_database
from till.db.port import Database, Row, Tx
from till.dialect.pages import PageTokens
from till.shop import Fidelity
from till.slices import ENDPOINTS
from till.web.call import Call, Request
from till.web.endpoint import Router
from till.web.reading import parse, query, read_body

COUNT_FROM = """
    INSERT INTO counters (shop_id, order_number, event_number) VALUES (:shop_id, :orders, :events)
    ON CONFLICT (shop_id) DO UPDATE
        SET order_number = excluded.order_number, event_number = excluded.event_number
"""
ROUTER = Router(ENDPOINTS)
PAGES = PageTokens(bytes(32))


class Undone(Exception):
    """Ends the recording, and with it the transaction, so that nothing of it stays."""

    def __init__(self, said: list[list[Statement]]) -> None:
        super().__init__("this was only recorded")
        self.said = said


class Recorder(Tx):
    """Hands on to a transaction what it is asked, and keeps it."""

    def __init__(self, tx: Tx) -> None:
        self.dialect = tx.dialect
        self.said: list[Statement] = []
        self._tx = tx

    async def fetch(self, sql: str, **params: Any) -> list[Row]:
        rows = await self._tx.fetch(sql, **params)
        self.said.append(Statement(sql, params, rows))
        return rows

    async def execute(self, sql: str, **params: Any) -> None:
        self.said.append(Statement(sql, params))
        await self._tx.execute(sql, **params)


@contextlib.asynccontextmanager
async def scratch(url: str | None) -> AsyncIterator[Database]:
    """A database to record on: an empty one on SQLite, or the one at `url`."""
    with tempfile.TemporaryDirectory() as folder:
        db = await open_database(folder=Path(folder), url=url)
        try:
            yield db
        finally:
            await db.close()


async def recorded(
    db: Database, body: bytes, *moves: str, marks: Marks = MARKS
) -> tuple[list[Statement], ...]:
    """The statements that create the order of `body`, then those of each of the `moves` on it.

    All that differs from order to order is as `marks` say: the counters of the shop stand just before
    them, and every id that is minted follows the order's.
    """
    asked = [("/orders", body), *(MOVES[name].of(marks.id) for name in moves)]

    async def work(tx: Tx) -> None:
        mint = iter(range(marks.id, marks.id + MINTED)).__next__
        said = []
        before = {"orders": marks.number - 1, "events": marks.event - 1}
        await tx.execute(COUNT_FROM, shop_id=marks.shop_id, **before)
        for path, sent in asked:
            recorder = Recorder(tx)
            await _ask(recorder, path, sent, marks, mint)
            said.append(recorder.said)
        raise Undone(said)

    try:
        await db.write(work, shop_id=marks.shop_id)
    except Undone as undone:
        return tuple(undone.said)
    raise AssertionError  # the work always ends so


async def _ask(tx: Tx, path: str, body: bytes, marks: Marks, mint: Callable[[], int]) -> None:
    """Do what the server does between the reading of a request and its answer."""
    endpoint, params = ROUTER.find("POST", path)
    caller = Caller(
        shop=replace(SHOP, id=marks.shop_id),
        installation_id=ID,
        client_id="bench",
        app_name="bench",
        scopes=endpoint.scopes,
    )
    request = Request(id="", method="POST", path=path, query="", headers={}, body=body)
    call = Call(
        tx=tx,
        caller=caller,
        request=request,
        at=marks.at,
        mint=mint,
        pages=PAGES,
        fidelity=Fidelity.TYPED,
        check_address=str,
        delivered_kept=0,
    )
    sent = parse(endpoint, request)
    sent = sent if endpoint.raw else read_body(endpoint, sent)
    await endpoint.handler(call, body=sent, **query(endpoint, request), **params)
