"""How the queue stands, for the metrics and for the alarms in the log."""

import shutil
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct
from prometheus_client import CollectorRegistry, Gauge

from till.clock import SECOND
from till.db.port import Database, Tx
from till.log import Log

MOST_PENDING = 1_000_000
LEAST_DISK = 0.10
# Below this no write is taken any more, while there is still room to settle what is under way.
DISK_FLOOR = 0.02

# Each of these is answered from the partial index of what is not over.
STANDING = """
    SELECT COALESCE(SUM(CASE WHEN d.state = 0 THEN 1 ELSE 0 END), 0),
        COALESCE(SUM(CASE WHEN d.state = 1 THEN 1 ELSE 0 END), 0),
        MIN(CASE WHEN d.state = 0 AND s.state = 'active' THEN d.run_at END)
    FROM subscriptions s
    JOIN deliveries d ON d.shop_id = s.shop_id AND d.subscription_id = s.id AND d.state <= 1
"""
ENDED = """
    SELECT COUNT(*) FROM subscriptions s
    JOIN deliveries d ON d.shop_id = s.shop_id AND d.subscription_id = s.id AND d.state >= 3
    WHERE d.state = 3
"""


class Standing(Struct, frozen=True):
    """How many deliveries are pending and leased, and how many are kept that were exhausted.

    `late` is for how long the one that is due for longest has been due, in microseconds.
    """

    pending: int
    leased: int
    exhausted: int
    late: int


async def standing(db: Database, *, at: int) -> Standing:
    """How the queue of a database stands at a moment."""

    async def work(tx: Tx) -> Standing:
        pending, leased, due = (await tx.fetch(STANDING))[0]
        exhausted = (await tx.fetch(ENDED))[0][0]
        return Standing(int(pending), int(leased), int(exhausted), max(0, at - due) if due is not None else 0)

    return await db.read(work, heavy=True)


class Figures:
    """Gauges of the queue; and alarms, each told once when it begins and once when it is over."""

    def __init__(self, registry: CollectorRegistry, log: Log) -> None:
        self._log = log
        self._alarms: set[str] = set()
        self._gauges = {
            name: Gauge(f"till_deliveries_{name}", text, registry=registry, multiprocess_mode="mostrecent")
            for name, text in (
                ("pending", "Webhook deliveries that wait for their turn or for a retry."),
                ("leased", "Webhook deliveries that are being sent."),
                ("exhausted", "Webhook deliveries in the log that came to nothing."),
                ("oldest_due_seconds", "How long the delivery that is due for longest has been due."),
                ("breakers", "Subscriptions and hosts that are left alone for now."),
            )
        }

    def note(self, found: Standing, *, breakers: int) -> None:
        """Take over how the queue stands."""
        self._gauges["pending"].set(found.pending)
        self._gauges["leased"].set(found.leased)
        self._gauges["exhausted"].set(found.exhausted)
        self._gauges["oldest_due_seconds"].set(found.late / SECOND)
        self._gauges["breakers"].set(breakers)
        self.alarm("deliveries pile up", on=found.pending >= MOST_PENDING, pending=found.pending)

    def alarm(self, what: str, *, on: bool, **facts: object) -> None:
        """Say once that something is wrong, and once that it is over."""
        if on and what not in self._alarms:
            self._alarms.add(what)
            self._log.now("alarm", alarm=what, **facts)
        elif not on and what in self._alarms:
            self._alarms.discard(what)
            self._log.now("alarm over", alarm=what, **facts)


def free_share(folder: Path) -> float:
    """The share of the disk that is free where a folder lies."""
    used = shutil.disk_usage(folder)
    return used.free / used.total


class Room:
    """Whether there is room on the disk of a SQLite folder; each write of the API asks `is_out`."""

    def __init__(self, folder: Path, figures: Figures, share: Callable[[Path], float] = free_share) -> None:
        self._folder, self._figures, self._share = folder, figures, share
        self.is_out = False

    def look(self) -> None:
        share = self._share(self._folder)
        self.is_out = share < DISK_FLOOR
        self._figures.alarm("disk nearly full", on=share < LEAST_DISK, free=f"{share:.1%}")
