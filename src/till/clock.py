"""Time as whole microseconds since 1970 in UTC, and its spelling in a zone."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

Clock = Callable[[], int]

SECOND = 1_000_000
DAY = 86_400 * SECOND
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The year 1, and the year 9999 less a day, so that every zone can still show it.
EARLIEST = -62_135_596_800 * SECOND
LATEST = 253_402_214_400 * SECOND


def now() -> int:
    """This moment in microseconds."""
    return time.time_ns() // 1_000


def micros(moment: datetime) -> int:
    """The microseconds of an aware `moment`."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def moment(micros: int, zone: tzinfo = UTC) -> datetime:
    return (EPOCH + timedelta(microseconds=micros)).astimezone(zone)


@lru_cache(maxsize=4096)
def spell(second: int, zone: str) -> str:
    """ISO 8601 in whole seconds with the zone's offset at that moment, e.g. `2008-01-10T11:00:00-05:00`."""
    return moment(second * SECOND, ZoneInfo(zone)).isoformat(timespec="seconds")


def iso(micros: int, zone: str) -> str:
    """`micros` as Genstore writes times in orders (rulings.md §2.3)."""
    return spell(micros // SECOND, zone)
