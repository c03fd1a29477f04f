"""Public ids: 53 bits, ordered by time, minted without any shared sequence (rulings.md §2.4).

41 bits of milliseconds since 2024, 5 bits of node, 7 bits of sequence: 32 nodes, each 128 ids a
millisecond. A JavaScript reader loses nothing, for every id is below 2**53.
"""

import os
import random
import threading
import time
from collections.abc import Callable
from functools import lru_cache

from till.errors import Unavailable

EPOCH_MS = 1_704_067_200_000  # 2024-01-01T00:00:00Z
NODES = 32
PER_MS = 128
BORROW_MS = 1_000


def milliseconds() -> int:
    return time.time_ns() // 1_000_000


class Minter:
    """Mints ids for one node; never goes back, whatever the clock does.

    When the clock stands still or steps back, ids are borrowed from the coming milliseconds, at
    most a second ahead; past that the minter waits. Safe to use from several threads. Where its
    node is only lent to it, it mints nothing from the millisecond `until` on.
    """

    def __init__(self, node: int, clock: Callable[[], int] = milliseconds) -> None:
        if not 0 <= node < NODES:
            raise ValueError(f"node {node} is not in 0..{NODES - 1}")
        self.node = node
        self.until: int | None = None
        self.last = 0
        self._clock = clock
        self._lock = threading.Lock()

    def __call__(self) -> int:
        with self._lock:
            now = self._clock() - EPOCH_MS
            tick = max(self.last + 1, now * PER_MS)
            while tick // PER_MS > now + BORROW_MS:
                time.sleep(0.001)
                now = self._clock() - EPOCH_MS
            if self.until is not None and tick // PER_MS + EPOCH_MS >= self.until:
                raise Unavailable("No ids can be given out until the database answers again.")
            self.last = tick
            ms, sequence = divmod(tick, PER_MS)
            return (ms * NODES + self.node) * PER_MS + sequence

    def hold(self, node: int, *, until: int, after: int = 0) -> None:
        """Mint as `node` from now on, with no stamp before the millisecond `after`."""
        with self._lock:
            self.node, self.until = node, until
            self.last = max(self.last, (after - EPOCH_MS) * PER_MS - 1)

    def stop(self) -> int:
        """Mint no more, and answer the first millisecond of which no id was given out."""
        with self._lock:
            self.until = 0
            return self.last // PER_MS + EPOCH_MS + 1


def uuid7() -> bytes:
    """Make a UUIDv7 (RFC 9562 §6.2, method 3): milliseconds, their 4,096th parts, then 62 random bits.

    So those that one process makes one after the other are in order, in the same millisecond too.
    """
    ms, nanoseconds = divmod(time.time_ns(), 1_000_000)
    rest = bytearray(random_bytes(8))
    rest[0] = rest[0] & 0x3F | 0x80
    return (
        ms.to_bytes(6, "big") + (0x7000 | nanoseconds * 4_096 // 1_000_000).to_bytes(2, "big") + bytes(rest)
    )


def random_bytes(count: int) -> bytes:
    """Bytes that are unlikely to come again, for what must be unique but is no secret.

    Asking the system for each would let go of the interpreter's lock, and waiting to have it back
    costs a busy server more than all else about an id.
    """
    return _source(os.getpid()).randbytes(count)


@lru_cache(maxsize=1)
def _source(_process: int) -> random.Random:
    """One source a process, seeded by the system, so that a fork does not repeat its parent."""
    return random.Random(os.urandom(32))  # noqa: S311 - not for secrets
