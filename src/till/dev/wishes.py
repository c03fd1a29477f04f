"""What the routes of development mode are sent: the clock's next moment, and the weather."""

import re
from decimal import Decimal
from typing import Annotated, Any

from msgspec import UNSET, Struct, UnsetType

from till import clock
from till.clock import DAY, SECOND
from till.deliveries.catalog import KINDS
from till.deliveries.chaos import Chaos
from till.dialect import lists, readers
from till.dialect.body import nearest
from till.dialect.readers import Reader, Unfit
from till.errors import Invalid

DURATION = re.compile(r"([0-9]{1,9})(s|m|h|d)")
UNITS = {"s": SECOND, "m": 60 * SECOND, "h": 3_600 * SECOND, "d": DAY}


def duration() -> Reader:
    """A time span such as 90s, 15m, 4h or 2d, in microseconds."""

    def read(value: Any) -> int:
        found = DURATION.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise Unfit("must be a time span such as 90s, 15m, 4h or 2d")
        return int(found[1]) * UNITS[found[2]]

    return Reader(read, {"type": "string", "pattern": DURATION.pattern}, nullable=False)


def _share() -> Reader:
    amount = readers.amount(nullable=False)

    def read(value: Any) -> float:
        found = amount.read(value)
        if found > 1:
            raise Unfit("must be a share from 0 to 1, such as 0.3")
        return float(found)

    return Reader(read, amount.schema, nullable=False)


def _seconds() -> Reader:
    amount = readers.amount(nullable=False)

    def read(value: Any) -> float:
        found: Decimal = amount.read(value)
        if found > 60:
            raise Unfit("must be at most 60 seconds")
        return float(found)

    return Reader(read, amount.schema, nullable=False)


Share = Annotated[float | UnsetType, _share()]


class ClockRequest(Struct, kw_only=True, frozen=True, rename="camel", omit_defaults=True):
    """One of them: by how much to advance the clock, the moment to set it to, or back to the real time."""

    advance: Annotated[int | UnsetType, duration()] = UNSET
    to: Annotated[int | UnsetType, readers.time(nullable=False)] = UNSET
    reset: Annotated[bool | UnsetType, readers.flag(nullable=False)] = UNSET

    def checked(self) -> "ClockRequest":
        """This wish, if it is one; `Invalid` otherwise."""
        if sum(each is not UNSET and each is not False for each in (self.advance, self.to, self.reset)) != 1:
            raise Invalid(
                'Say one thing: {"advance": "4h"}, {"to": "2026-03-01T12:00:00Z"} or {"reset": true}.',
                fields={name: ["is one of three ways to set the clock"] for name in ("advance", "to")},
            )
        return self


class ChaosRequest(Struct, kw_only=True, frozen=True, rename="camel", omit_defaults=True):
    """The weather: shares from 0 to 1, 0 where nothing is said."""

    fail: Share = UNSET
    slow: Share = UNSET
    slow_seconds: Annotated[float | UnsetType, _seconds()] = UNSET
    duplicate: Share = UNSET
    reorder: Share = UNSET
    seed: Annotated[int | UnsetType, readers.whole(0, 2**53, nullable=False)] = UNSET
    topics: Annotated[tuple[str, ...] | UnsetType, lists.words(64, 64)] = UNSET

    def chaos(self) -> Chaos:
        """The weather that is wished for; `Invalid` names a topic that there is not."""
        given = {
            name: value for name in self.__struct_fields__ if (value := getattr(self, name)) is not UNSET
        }
        for topic in given.get("topics", ()):
            if topic not in KINDS:
                near = nearest(topic, list(KINDS))
                raise Invalid(
                    f"{topic!r} is no topic{near}.",
                    fields={"topics": [f"has {topic!r}, which is none{near}"]},
                )
        return Chaos(**given)


def spell(at: int) -> str:
    """A moment of the server's clock in UTC, to the microsecond."""
    return clock.moment(at).isoformat().replace("+00:00", "Z")
