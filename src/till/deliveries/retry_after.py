"""How long a receiver asks to be left alone: the header Retry-After (RFC 9110 §10.2.3)."""

import re
from datetime import UTC
from email.utils import parsedate_to_datetime

from till.clock import SECOND, micros

# An answer that names more digits than a century of seconds has is taken for nonsense.
DELTA = re.compile(r"[0-9]{1,10}")
DATE = re.compile(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .{8,40}")


def read_retry_after(value: str, *, date: str | None, at: int) -> int | None:
    """Seconds to wait; None for nonsense, and for what is negative or past.

    A date is counted from the answer's own `date`, so that its clock need not go as ours does, and
    from `at` in microseconds where it gave none.
    """
    value = value.strip()
    if DELTA.fullmatch(value):
        return int(value)
    until = _moment(value)
    if until is None:
        return None
    since = _moment(date) if date is not None else None
    wait = until - (at if since is None else since)
    return -(-wait // SECOND) if wait > 0 else None


def _moment(value: str) -> int | None:
    if not DATE.fullmatch(value):
        return None
    try:
        found = parsedate_to_datetime(value)
        return micros(found if found.tzinfo else found.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None
