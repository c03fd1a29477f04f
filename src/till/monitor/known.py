"""What is known of an app at a moment, and what is found wrong with it."""

from enum import StrEnum

from msgspec import Struct

from till.deliveries.schedule import MANDATORY


class Condition(StrEnum):
    """How bad it is, the worst last."""

    OK = "ok"
    WARNING = "warning"
    FAILING = "failing"


class Finding(Struct, frozen=True, kw_only=True):
    """`since` is in microseconds; `message` and `action` are a sentence each."""

    state: Condition
    message: str
    action: str
    since: int | None = None
    shop: str | None = None


class Sub(Struct, frozen=True, kw_only=True):
    """A subscription; `open_until` is set while its breaker, or its host's, is open, for `open_reason`."""

    id: int
    shop: str
    topic: str
    address: str
    state: str
    reason: str | None
    since: int
    failing_since: int | None = None
    failures: int = 0
    open_until: int | None = None
    open_reason: str = ""


class Waiting(Struct, frozen=True):
    """What waits of one shop: how many deliveries, and since when the one that is due longest is."""

    shop: str
    n: int
    due_since: int


class Exhausted(Struct, frozen=True):
    """Deliveries of one shop that were given up in the last day."""

    shop: str
    n: int
    first_at: int


class Blocked(Struct, frozen=True):
    """Deliveries of one shop that were not sent in the last day, for nothing may be sent there."""

    shop: str
    n: int
    first_at: int


class Traffic(Struct, frozen=True, kw_only=True):
    """Calls of one shop in the last day; each `since` is the beginning of the first hour that had one.

    `unknown` are those of a version that is not there.
    """

    shop: str
    calls: int = 0
    throttled: int = 0
    throttled_since: int | None = None
    client_errors: int = 0
    client_since: int | None = None
    server_errors: int = 0
    server_since: int | None = None
    unknown: int = 0
    unknown_since: int | None = None


class Old(Struct, frozen=True):
    """Deprecated calls of the last two weeks, and what to call instead."""

    called: str
    instead: str
    n: int
    since: int


class Granted(Struct, frozen=True):
    """An installation: since when it is there, and what the app declares that nobody decided about.

    `granted_at` is when scopes were granted last; `heard_at` the hour in which the app last called, or took
    a webhook.
    """

    shop: str
    since: int
    missing: tuple[str, ...] = ()
    granted_at: int | None = None
    heard_at: int | None = None


class Facts(Struct, frozen=True, kw_only=True):
    """All that the rules look at, as it was at the moment `at`; `since` is when the app was registered.

    `previous_since` and `previous_until` are the time in which the secret before the present one is good.
    """

    at: int
    since: int | None = None
    is_partner: bool = False
    has_redirects: bool = True
    configured: frozenset[str] = MANDATORY
    previous_since: int | None = None
    previous_until: int | None = None
    is_old_signing: bool = False
    subscriptions: tuple[Sub, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    exhausted: tuple[Exhausted, ...] = ()
    blocked: tuple[Blocked, ...] = ()
    traffic: tuple[Traffic, ...] = ()
    deprecated: tuple[Old, ...] = ()
    installations: tuple[Granted, ...] = ()
