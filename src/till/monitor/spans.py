"""Spans of time in steps of an hour or a day, as a time zone has them."""

from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from msgspec import Struct

from till.clock import DAY, micros, moment
from till.errors import Unreadable
from till.tallies import HOUR

LONGEST_BY_HOUR, LONGEST_BY_DAY = 31, 400


class Granularity(StrEnum):
    HOUR = "hour"
    DAY = "day"


class SpanTooLong(Unreadable):
    """The span has more steps than one answer shows."""


class Span(Struct, frozen=True, kw_only=True):
    """From `since` to `until` in microseconds, in steps of `by`; days are those of the time zone."""

    since: int
    until: int
    by: Granularity = Granularity.DAY
    timezone: str = "UTC"

    def checked(self) -> "Span":
        """This span, if it can be shown in one answer."""
        most = LONGEST_BY_HOUR if self.by is Granularity.HOUR else LONGEST_BY_DAY
        if self.until - self.since > most * DAY:
            wider = " Or ask by day." if self.by is Granularity.HOUR else ""
            raise SpanTooLong(
                f"By {self.by} at most {most} days are shown: bring from and to closer together.{wider}",
                fields={"from": [f"lies more than {most} days before to"]},
            )
        return self

    def start_of(self, at: int) -> int:
        """When the step began that a moment lies in."""
        if self.by is Granularity.HOUR:
            return at // HOUR * HOUR
        zone = ZoneInfo(self.timezone)
        return micros(datetime.combine(moment(at, zone).date(), time(), zone))

    def step_of(self, hour: int) -> int:
        """The step of an hour, counted from 1970; one that begins between two days is of the first."""
        return self.start_of(hour * HOUR)

    def end_of(self, start: int) -> int:
        """When the step that began at `start` is over."""
        if self.by is Granularity.HOUR:
            return start + HOUR
        zone = ZoneInfo(self.timezone)
        return micros(datetime.combine(moment(start, zone).date() + timedelta(days=1), time(), zone))

    def steps(self) -> list[int]:
        """The beginnings of all steps, the first of which holds the hour of `since`."""
        found = [self.step_of(self.since // HOUR)]
        while (later := self.end_of(found[-1])) <= self.until:
            found.append(later)
        return found
