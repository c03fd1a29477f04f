"""Dates: Ruby's strftime, the platform's named formats, the shop's timezone and the clock of the page."""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil import parser  # type: ignore[import-untyped] # ships no types; python-liquid brings it
from liquid import RenderContext

from till.liquid.faults import nearest
from till.liquid.filters.common import Filter, escaped, plain, short, tag, text, with_context, wrong
from till.liquid.filters.names import Names, formats_of, names_of
from till.liquid.filters.reach import registers
from till.liquid.filters.strftime import strftime

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The names under `date` of a locale file that stand for months and days (Ruby's i18n; months begin with nil).
LISTS = ("month_names", "abbr_month_names", "day_names", "abbr_day_names")
LONGEST_DATE = 100
NOT_GIVEN = object()
# A number with a sign or a point is no date, though the parser would find a day of this month in it.
BARE_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?\Z")
ISO = "%Y-%m-%dT%H:%M:%S%:z"


@lru_cache(maxsize=64)
def zone(name: str) -> tzinfo:
    """The timezone of an IANA name; UTC where there is none. The first look at a zone reads a file."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        return UTC


@with_context
def date_(
    value: object,
    form: object = NOT_GIVEN,
    *,
    context: RenderContext,
    format: object = None,  # noqa: A002 -- the argument's name on the platform
) -> object:
    """`value` by a strftime format, or by a format's name.

    As on the platform, what is no date is handed on as it is, and so is everything where the format is nil.
    """
    if form is NOT_GIVEN and plain(format) is None:
        raise wrong("give a format such as '%Y-%m-%d'")
    at = moment(value, context)
    wanted = text(plain(form)) if plain(format) is None else _named(text(format), context)
    if at is None or not wanted:
        return text(plain(value)) if not isinstance(value, (date, datetime)) else value
    return strftime(at, wanted, _names(context))


@with_context
def time_tag(
    value: object,
    form: object = "",
    *,
    context: RenderContext,
    format: object = None,  # noqa: A002 -- the argument's name on the platform
    datetime: object = None,
) -> str:
    """A `<time>` element; its `datetime` is ISO 8601 or by the format that is given."""
    at = moment(value, context)
    if at is None:
        return escaped(value)
    wanted = text(plain(form)) if plain(format) is None else _named(text(format), context)
    names = _names(context)
    machine = strftime(at, text(datetime) or ISO, names)
    shown = strftime(at, wanted or formats_of(registers(context).locale)["default"], names)
    return tag("time", {"datetime": machine}, escaped(shown))


def moment(value: object, context: RenderContext) -> datetime | None:
    """The time that `value` stands for, in the shop's timezone; None where it stands for none.

    `now` and `today`, seconds since 1970 (as a number or as its digits), and what reads as a date.
    """
    given = plain(value)
    shown = registers(context)
    there = zone(shown.timezone)
    try:
        if isinstance(given, str):
            found = _read(given.strip(), shown.now, there)
        elif isinstance(given, datetime):
            found = given
        elif isinstance(given, date):
            found = datetime(given.year, given.month, given.day, tzinfo=there)
        elif isinstance(given, (int, float)) and not isinstance(given, bool):
            found = EPOCH + timedelta(seconds=given)
        else:
            found = None
        if found is None:
            return None
        return found.astimezone(there) if found.tzinfo else found.replace(tzinfo=there)
    except (OverflowError, ValueError):
        return None


def _read(given: str, now: int, there: tzinfo) -> datetime | None:
    if not given or len(given) > LONGEST_DATE:
        return None
    if given.lower() in {"now", "today"}:
        return EPOCH + timedelta(microseconds=now)
    if given.isdecimal():
        return EPOCH + timedelta(seconds=int(given))
    if BARE_NUMBER.match(given):
        return None
    midnight = (EPOCH + timedelta(microseconds=now)).astimezone(there)
    try:
        found = parser.parse(
            given, default=midnight.replace(hour=0, minute=0, second=0, microsecond=0), tzinfos=_offset
        )
    except (parser.ParserError, OverflowError, TypeError, AttributeError, RecursionError):
        return None
    return found if isinstance(found, datetime) else None


def _offset(_name: str | None, seconds: int | None) -> tzinfo | None:
    """The zone of a date's own offset; a zone by its letters (EST) is none, since they mean several."""
    return None if seconds is None else timezone(timedelta(seconds=seconds))


def _named(name: str, context: RenderContext) -> str:
    shown = registers(context)
    own = shown.translations.find("date_formats")
    theirs = own if isinstance(own, dict) else {}
    known = {**formats_of(shown.locale), **theirs}
    found = known.get(name)
    if not isinstance(found, str):
        near = nearest(name, known)
        raise wrong(f"{short(name)} is the name of no date format{f'; did you mean {near}' if near else ''}")
    return found


def _names(context: RenderContext) -> Names:
    shown = registers(context)
    usual = names_of(shown.locale)
    lists = [shown.translations.find(f"date.{name}") for name in LISTS]
    if not any(isinstance(each, list) for each in lists):
        return usual
    months, short_months, days, short_days = lists
    return Names(
        _list(months, 12, usual.months),
        _list(short_months, 12, usual.short_months),
        _list(days, 7, usual.days, sunday_first=True),
        _list(short_days, 7, usual.short_days, sunday_first=True),
    )


def _list(given: object, size: int, usual: tuple[str, ...], *, sunday_first: bool = False) -> tuple[str, ...]:
    """Names from a locale file: months may begin with a nil, days begin with Sunday there."""
    if not isinstance(given, list):
        return usual
    found = [text(each) for each in given if each is not None]
    if len(found) != size:
        return usual
    return tuple(found[1:] + found[:1]) if sunday_first else tuple(found)


FILTERS: dict[str, Filter] = {"date": date_, "time_tag": time_tag}
