"""Which process mints ids as which node: a short lease, renewed while the process lives."""

import asyncio
import contextlib
import logging
import os
import secrets
import socket
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Self

from till.clock import SECOND, now
from till.db.port import Database, Dialect, StoreUnavailable, Tx
from till.errors import Unavailable
from till.ids import BORROW_MS, NODES, Minter

LEASE = 20 * SECOND
RENEW_SECONDS = 5.0
WAIT_SECONDS = 0.5
MS = 1_000

HELD = "SELECT node, holder, until FROM nodes"
LOCK = "LOCK TABLE nodes IN EXCLUSIVE MODE"
TAKE = """INSERT INTO nodes (node, holder, until) VALUES (:node, :holder, :until)
    ON CONFLICT (node) DO UPDATE SET holder = excluded.holder, until = excluded.until"""
RENEW = """UPDATE nodes SET until = :until WHERE node = :node AND holder = :holder
    RETURNING node"""
RELEASE = "UPDATE nodes SET until = :until, holder = '' WHERE node = :node AND holder = :holder"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """A node, the moment to which it is lent, and the first millisecond that is free in it."""

    node: int
    until: int
    after: int


class NodeLease:
    """One of the 32 nodes for this process, which `minter` mints as; renewed until it is released.

    No two holders of a node can mint the same id, for the stamps of one end before those of the
    next begin. A minter stamps nothing from its `until` on, nor anything more than a second ahead
    of its clock. The next holder stamps nothing before the former `until`; only where the former
    is known to be dead on this very machine, whose clock both used, does it begin earlier: a
    second past now, which is the most that the dead one may have borrowed.
    """

    def __init__(self, db: Database, taken: Taken, holder: str) -> None:
        self.minter = Minter(taken.node)
        self._db = db
        self._holder = holder
        self._hold(taken)
        self._renewing = asyncio.create_task(self.renew())

    @classmethod
    async def take(cls, db: Database, *, patience: float = LEASE / SECOND) -> Self:
        """Take a free node, waiting for as long as a dead holder's lease may last."""
        holder = f"{machine()}/{os.getpid()}/{secrets.token_hex(4)}"
        until = now() + int(patience * SECOND)
        while (taken := await take(db, holder)) is None:
            if now() > until:
                raise StoreUnavailable(f"All {NODES} nodes of this database are taken: stop one.")
            log.warning("all %d nodes of this database are taken; waiting for one", NODES)
            await asyncio.sleep(WAIT_SECONDS)
        return cls(db, taken, holder)

    async def renew(self) -> None:
        """Keep the node, or take another if it was lost, for ever."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            # Without the database the minter stops by itself at the end of its lease.
            try:
                await self._renew()
            except Exception as error:  # noqa: BLE001 - whatever it was, the next try may do better
                log.warning("the node of this process could not be renewed: %s", error)

    async def release(self) -> None:
        """Mint no more, and let the next have the node."""
        self._renewing.cancel()
        await asyncio.gather(self._renewing, return_exceptions=True)
        node, until = self.minter.node, self.minter.stop() * MS

        async def leave(tx: Tx) -> None:
            await tx.execute(RELEASE, node=node, holder=self._holder, until=until)

        with contextlib.suppress(Unavailable):  # then it ends by itself
            await self._db.write(leave)

    async def _renew(self) -> None:
        node, until = self.minter.node, now() + LEASE

        async def extend(tx: Tx) -> bool:
            return bool(await tx.fetch(RENEW, node=node, holder=self._holder, until=until))

        if await self._db.write(extend):
            self.minter.hold(node, until=until // MS)
        elif taken := await take(self._db, self._holder):
            self._hold(taken)

    def _hold(self, taken: Taken) -> None:
        self.minter.hold(taken.node, until=taken.until // MS, after=taken.after)


async def take(db: Database, holder: str) -> Taken | None:
    async def work(tx: Tx) -> Taken | None:
        if tx.dialect is Dialect.POSTGRESQL:
            await tx.execute(LOCK)
        held = {node: (other, until) for node, other, until in await tx.fetch(HELD)}
        free = best(held, now())
        if free is not None:
            await tx.execute(TAKE, node=free.node, holder=holder, until=free.until)
        return free

    return await db.write(work)


def best(held: dict[int, tuple[str, int]], at: int) -> Taken | None:
    """Choose the node that has been free for longest; a dead holder's only when no other is."""
    until = at + LEASE
    never = [Taken(node, until, 0) for node in range(NODES) if node not in held]
    ended = sorted((end, node) for node, (_, end) in held.items() if end < at)
    dead = sorted((end, node) for node, (holder, end) in held.items() if is_dead(holder, end, at))
    free = (
        *never,
        *(Taken(node, until, end // MS) for end, node in ended),
        *(Taken(node, until, min(end // MS, at // MS + BORROW_MS + 1)) for end, node in dead),
    )
    return next(iter(free), None)


def is_dead(holder: str, until: int, at: int) -> bool:
    place, _, rest = holder.rpartition("/")[0].rpartition("/")
    # Renewed later than now: the clock was set back, so that now says nothing about his ids.
    if place != machine() or until - LEASE > at or not rest.isdecimal():
        return False
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except OSError:  # it lives, and is another user's
        return False
    return False


@lru_cache(maxsize=1)
def machine() -> str:
    """Name where process ids mean the same as here: this host, this boot, this container."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        container = Path("/proc/self/ns/pid").readlink().name.strip("pid:[]")
    except OSError:
        return f"{socket.gethostname()}/{secrets.token_hex(8)}"  # nowhere else, then
    return f"{socket.gethostname()}/{boot}.{container}"
