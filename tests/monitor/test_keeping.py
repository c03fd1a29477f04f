"""Writing down what was counted while the store is away, or its word is lost: everything once."""

import pytest
from monitored import an_entry

from till.clock import DAY
from till.monitor.keeping import Keeper, prune
from till.monitor.lines import unpacked
from till.web.tally import Tally


class Broken:
    """A database that is away, before a write or after its commit, for as long as `state` says so."""

    def __init__(self, db):
        self._db, self.state = db, None

    async def write(self, *args, **more):
        if self.state == "away":
            raise OSError("away")
        await self._db.write(*args, **more)
        if self.state == "unheard":
            raise OSError("the connection was lost after COMMIT")


class Told(list):
    """What a keeper says in the log."""

    def now(self, *_, **more):
        self.append(more)


@pytest.mark.parametrize("state", ["away", "unheard"])
def test_what_was_not_heard_to_be_written_is_counted_once(till, state):
    log, batches = Told(), []
    tally, db = Tally(), Broken(till.parts.db)
    at = till.parts.api._lent.clock()
    keeper = Keeper(db, tally, log, batches.append, lambda: at)
    owner, names = (till.shop.id, till.client_id), iter(range(100))

    def call(times):
        for _ in range(times):
            tally.note(an_entry(owner, at=at, id=f"{next(names):016x}", path="/here"))

    def stands():
        """How often it was called, by the sums and by the log."""
        own = {"s": till.shop.id, "c": till.client_id}
        sums = till.rows(
            "SELECT sum(n) FROM api_counts WHERE shop_id = :s AND client_id = :c AND path = '/here'", **own
        )
        bodies = till.rows("SELECT body FROM request_log WHERE shop_id = :s AND client_id = :c", **own)
        lines = [line.id for (body,) in bodies for line in unpacked(bytes(body)) if line.path == "/here"]
        assert len(lines) == len(set(lines))
        return int(sums[0][0] or 0), len(lines)

    call(2)
    till.run(keeper.settle())
    assert stands() == (2, 2)
    db.state = state
    call(3)
    till.run(keeper.settle())
    call(4)
    till.run(keeper.settle())
    assert len(log) == 2
    assert len(batches) == 1
    db.state = None
    call(5)
    till.run(keeper.settle())
    assert stands() == (14, 14)
    assert sum(n for batch in batches for n, _ in batch.counts.values()) == 14
    assert len(till.rows("SELECT number FROM counted_batches WHERE at = :at", at=at)) == 1
    call(1)
    till.run(keeper.settle())
    assert stands() == (15, 15)
    till.run(prune(till.parts.db, at=at + DAY + 1, days=7))
    assert till.rows("SELECT number FROM counted_batches WHERE at = :at", at=at) == []


def test_what_cannot_be_packed_is_counted_once_more(run):
    tally, log = Tally(), Told()
    keeper = Keeper(None, tally, log, lambda _: pytest.fail("nothing was written down"), lambda: 0)
    tally.note(an_entry(target="\ud800"))
    run(keeper.settle())
    tally.note(an_entry())
    batch = tally.take()
    batch.fold()
    assert log
    assert [n for n, _ in batch.counts.values()] == [2]
    assert len(batch.entries) == 2
