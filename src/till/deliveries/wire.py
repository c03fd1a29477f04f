"""A subscription on the wire (genstore.md §8.1): the five documented keys, and what Till offers beside."""

import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from till.clock import iso
from till.deliveries.catalog import KINDS
from till.deliveries.envelope import MOST_HEADERS
from till.dialect import lists, readers
from till.dialect.out import Additive, Out, Time
from till.dialect.readers import ADDITIVE, Reader, Unfit
from till.webhooks.subscription import Ordering, Schedule, State, Subscription

Unset: TypeAlias = UnsetType
LONGEST_ADDRESS, LONGEST_FILTER, LONGEST_PATH, MOST_FIELDS = 2_048, 1_000, 200, 100
SLOWEST, FASTEST = Decimal("0.01"), 1_000
NAME = "[A-Za-z0-9_-]{1,50}"


def _topic() -> Reader:
    """A topic; who uses it refuses one that is not there, with a hint."""
    written = readers.text(100, shortest=1, nullable=False)
    return Reader(written.read, {"type": "string", "enum": list(KINDS)}, nullable=False)


def _address() -> Reader:
    """An address; the guard looks at it more closely."""
    written = readers.text(10_000, shortest=1, nullable=False)
    about = "Where to deliver: https, a public host, no user name. The server's operator may permit more."
    schema = {
        "type": "string",
        "format": "uri",
        "maxLength": LONGEST_ADDRESS,
        "description": about,
        "examples": ["https://app.example.com/webhooks"],
    }
    return Reader(written.read, schema, nullable=False)


def _name() -> Reader:
    def read(value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(NAME, value):
            raise Unfit("must be 1 to 50 letters, digits, dashes and underscores")
        return value

    return Reader(read, {"type": "string", "pattern": f"^{NAME}$"})


def _headers() -> Reader:
    """An object of strings; which names may be sent is the envelope's business."""

    def read(value: Any) -> Mapping[str, str]:
        if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
            raise Unfit("must be an object whose values are strings")
        return value

    text = {"type": "string", "maxLength": 1_024, "pattern": "^([!-~]([ -~]*[!-~])?)?$"}
    schema = {
        "type": "object",
        "propertyNames": {"pattern": "^[A-Za-z0-9-]{1,128}$"},
        "additionalProperties": text,
        "maxProperties": MOST_HEADERS,
        "examples": [{"Authorization": "Bearer 5f0c"}],
    }
    return Reader(read, schema)


def _rate() -> Reader:
    def read(value: Any) -> float:
        if isinstance(value, str) and re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,4})?", value):
            value = Decimal(value)
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise Unfit("must be a number of deliveries a second, such as 10")
        if not SLOWEST <= value <= FASTEST:
            raise Unfit(f"must be from {SLOWEST} to {FASTEST}")
        return float(value)

    return Reader(read, {"type": "number", "minimum": float(SLOWEST), "maximum": FASTEST})


Owned: TypeAlias = Annotated[None, readers.ignored()]
OwnedAdditive: TypeAlias = Annotated[None, readers.ignored(), ADDITIVE]


class In(Struct, kw_only=True, frozen=True, rename="camel"):
    """What a request says."""


class OptionsIn(In, kw_only=True, frozen=True):
    """What Till offers beside topic and address; null stands for the platform's own behaviour."""

    name: Annotated[str | Unset | None, _name(), ADDITIVE] = UNSET
    fields: Annotated[tuple[str, ...] | Unset | None, lists.words(LONGEST_PATH, MOST_FIELDS), ADDITIVE] = (
        UNSET
    )
    filter: Annotated[str | Unset | None, readers.text(LONGEST_FILTER), ADDITIVE] = UNSET
    headers: Annotated[Mapping[str, str] | Unset | None, _headers(), ADDITIVE] = UNSET
    ordering: Annotated[Ordering | Unset | None, readers.one_of(Ordering), ADDITIVE] = UNSET
    schedule: Annotated[Schedule | Unset | None, readers.one_of(Schedule), ADDITIVE] = UNSET
    rate: Annotated[float | Unset | None, _rate(), ADDITIVE] = UNSET
    timeout: Annotated[int | Unset | None, readers.whole(1, 30), ADDITIVE] = UNSET
    id: Owned = None
    create_time: Owned = None
    update_time: Owned = None
    state: OwnedAdditive = None
    reason: OwnedAdditive = None
    since: OwnedAdditive = None
    last_success_at: OwnedAdditive = None
    failures: OwnedAdditive = None

    @property
    def options(self) -> dict[str, Any]:
        """What is said of the options; null as their defaults."""
        said = {name: getattr(self, name) for name in OPTIONS}
        return {
            name: DEFAULTS.get(name) if value in (None, "") else value
            for name, value in said.items()
            if value is not UNSET
        }


OPTIONS = ("name", "fields", "filter", "headers", "ordering", "schedule", "rate", "timeout")
DEFAULTS: dict[str, Any] = {"fields": (), "headers": {}, "ordering": Ordering.NONE}


class WebhookIn(OptionsIn, kw_only=True, frozen=True):
    """A new subscription."""

    address: Annotated[str, _address()]
    topic: Annotated[str, _topic()]


class WebhookRequest(In, kw_only=True, frozen=True):
    webhook: WebhookIn


class WebhookChangeIn(OptionsIn, kw_only=True, frozen=True):
    """What shall be otherwise of a subscription."""

    address: Annotated[str | Unset, _address()] = UNSET
    topic: Annotated[str | Unset, _topic()] = UNSET


class WebhookChangeRequest(In, kw_only=True, frozen=True):
    webhook: WebhookChangeIn


class WebhookOut(Out, kw_only=True, frozen=True):
    """A subscription. `since` is when it came to its state, `reason` why it is not served."""

    id: int
    address: str
    topic: str
    create_time: Time
    update_time: Time
    name: Annotated[str | None, Additive]
    fields: Annotated[tuple[str, ...], Additive]
    filter: Annotated[str | None, Additive]
    headers: Annotated[dict[str, str], Additive]
    ordering: Annotated[Ordering, Additive]
    schedule: Annotated[Schedule | None, Additive]
    rate: Annotated[float | None, Additive]
    timeout: Annotated[int | None, Additive]
    state: Annotated[State, Additive]
    reason: Annotated[str | None, Additive]
    since: Annotated[Time, Additive]
    last_success_at: Annotated[Time | None, Additive]
    failures: Annotated[
        int,
        Additive,
        Meta(description="Counted failures since the last success."),
    ]


class WebhookAnswer(Out, kw_only=True, frozen=True):
    """One subscription in its envelope."""

    webhook: WebhookOut


class WebhooksAnswer(Out, kw_only=True, frozen=True):
    """A page of subscriptions; the `Link` header leads to the next."""

    webhooks: tuple[WebhookOut, ...]


class WebhookCountAnswer(Out, kw_only=True, frozen=True):
    count: int


WEBHOOK_FIELDS = frozenset(info.encode_name for info in msgspec.structs.fields(WebhookOut))


def show(subscription: Subscription, zone: str) -> WebhookOut:
    """`subscription` as an answer shows it, with times in `zone`."""
    options, last = subscription.options, subscription.last_success_at
    return WebhookOut(
        id=subscription.id,
        address=subscription.address,
        topic=subscription.topic,
        create_time=iso(subscription.created_at, zone),
        update_time=iso(subscription.updated_at, zone),
        name=options.name,
        fields=options.fields,
        filter=options.filter,
        headers=dict(options.headers),
        ordering=options.ordering,
        schedule=options.schedule,
        rate=options.rate,
        timeout=options.timeout,
        state=subscription.state,
        reason=subscription.reason,
        since=iso(subscription.since, zone),
        last_success_at=None if last is None else iso(last, zone),
        failures=subscription.failures,
    )


class Waiting(StrEnum):
    """Which deliveries that waited for a subscription to be served again are sent."""

    ALL = "all"
    LAST24H = "last24h"
    NONE = "none"


class EnableIn(In, kw_only=True, frozen=True):
    """Which of the deliveries that waited are sent; the others are cancelled."""

    deliveries: Annotated[Waiting | Unset, readers.one_of(Waiting, nullable=False)] = UNSET
