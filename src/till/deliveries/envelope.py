"""All headers of one delivery, and which headers an app may add to them."""

import re
from collections.abc import Mapping
from importlib.metadata import version

from msgspec import Struct

from till.clock import SECOND, moment
from till.deliveries.outcome import Pairs
from till.deliveries.signature import Secrets, sign
from till.errors import Invalid

USER_AGENT = f"Till/{version('till')}"
FIXED: Pairs = (("User-Agent", USER_AGENT), ("Content-Type", "application/json; charset=utf-8"))
MOST_HEADERS = 20
LONGEST = 1_024
# Fewer than HTTP allows: to receivers like CGI an underscore is a dash, and could pass for a header of Till.
NAME = re.compile(r"[A-Za-z0-9-]{1,128}")
VALUE = re.compile(r"[\t\x20-\x7e]*")
RESERVED = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "http2-settings",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
    }
)
RESERVED_BEGINNINGS = ("x-genstore-", "webhook-", "proxy-")


class BadHeader(Invalid):
    """An app's own header cannot be sent."""


class Envelope(Struct, frozen=True, kw_only=True):
    """What the headers of one attempt tell.

    `shop_domain` is a host name. `delivery_id` and `event_id` are UUIDs of 16 bytes; the first names
    the delivery in all its attempts, the second is shared by all that one change told. Times are
    microseconds, `at` that of the attempt. `gap` says that an older delivery of the same resource was
    left behind, `test` that the app asked for it to try its address. `own` are the app's headers, as
    `check_own_headers` let them pass.
    """

    topic: str
    shop_domain: str
    shop_id: int
    api_version: str
    delivery_id: bytes
    event_id: bytes
    triggered_at: int
    resource_version: int
    attempt: int
    secrets: Secrets
    at: int
    gap: bool = False
    test: bool = False
    own: Pairs = ()


def headers(envelope: Envelope, body: bytes) -> Pairs:
    """Every header of the attempt that sends `body`, signed (delivery.md §8)."""
    delivery = spell_id(envelope.delivery_id)
    told: Pairs = (
        ("X-Genstore-Topic", envelope.topic),
        ("X-Genstore-Shop-Domain", envelope.shop_domain),
        ("X-Genstore-Shop-Id", str(envelope.shop_id)),
        ("X-Genstore-Api-Version", envelope.api_version),
        ("X-Genstore-Webhook-Id", delivery),
        ("X-Genstore-Event-Id", spell_id(envelope.event_id)),
        ("X-Genstore-Triggered-At", spell_moment(envelope.triggered_at)),
        ("X-Genstore-Delivery-Attempt", str(envelope.attempt)),
        ("X-Genstore-Resource-Version", str(envelope.resource_version)),
    )
    if envelope.gap:
        told += (("X-Genstore-Order-Gap", "1"),)
    if envelope.test:
        told += (("X-Genstore-Test", "true"),)
    signed = sign(envelope.secrets, delivery, envelope.at // SECOND, body)
    return FIXED + told + signed + envelope.own


def spell_id(raw: bytes) -> str:
    """A UUID of 16 bytes with its dashes."""
    digits = raw.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def spell_moment(micros: int) -> str:
    """ISO 8601 in UTC to the microsecond, e.g. `2026-11-02T09:30:00.000000Z`."""
    return moment(micros).isoformat(timespec="microseconds").replace("+00:00", "Z")


def check_own_headers(given: Mapping[str, str], *, field: str = "webhook.headers") -> Pairs:
    """The headers that an app adds, in their order; `BadHeader` names the first that cannot be sent.

    `field` is where they stand in what the client sent.
    """
    if len(given) > MOST_HEADERS:
        raise _bad(field, f"has {len(given)} headers: give at most {MOST_HEADERS}")
    seen: set[str] = set()
    for name, value in given.items():
        lower = name.lower()
        read_as = lower.replace("_", "-")
        if read_as in RESERVED or read_as.startswith(RESERVED_BEGINNINGS):
            raise _bad(f"{field}.{name[:128]}", "is set by Till itself: choose another name")
        if not NAME.fullmatch(name):
            raise _bad(field, f"has {name[:40]!r}, which is no header name: use letters, digits and dashes")
        if lower in seen:
            raise _bad(f"{field}.{name}", "is given twice: names are compared without regard to case")
        if len(value) > LONGEST:
            raise _bad(f"{field}.{name}", f"is {len(value):,} characters long: give at most {LONGEST:,}")
        if not VALUE.fullmatch(value) or value != value.strip():
            raise _bad(f"{field}.{name}", "must be printable ASCII on one line, without blanks around it")
        seen.add(lower)
    return tuple(given.items())


def _bad(field: str, what: str) -> BadHeader:
    return BadHeader(f"{field} {what}.", fields={field: [what]})
