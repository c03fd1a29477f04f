"""A subscription: one app's wish to hear of one topic at one address (genstore.md §8.1)."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from till.caller import Protected
from till.shop import Fidelity
from till.value import Value
from till.webhooks.forms import Form

COMPLIANCE = frozenset({"customers/data_request", "customers/redact", "shop/redact"})


class State(StrEnum):
    """Only an active one is served; what comes meanwhile is owed to the others all the same."""

    ACTIVE = "active"
    PAUSED = "paused"  # by its app
    DISABLED = "disabled"  # by the server, for a reason


class Ordering(StrEnum):
    """Whether events of one resource may overtake each other."""

    NONE = "none"
    PER_RESOURCE = "per_resource"


class Schedule(StrEnum):
    """When what failed is tried again (delivery.md §8)."""

    GENSTORE8 = "genstore8"
    SHOPIFY4H = "shopify4h"
    LONG = "long"


class Options(Value, kw_only=True, frozen=True):
    """What Till offers beside topic and address; the defaults are the platform's own behaviour.

    `fields` are the dotted paths that a payload keeps, all where there are none; `filter` is a
    condition on the payload (till.webhooks.filters); `headers` are sent beside Till's own; `rate` is
    in deliveries a second, `timeout` in seconds; `schedule` is the server's where there is none.
    """

    name: str | None = None
    fields: tuple[str, ...] = ()
    filter: str | None = None
    headers: Mapping[str, str] = {}
    ordering: Ordering = Ordering.NONE
    schedule: Schedule | None = None
    rate: float | None = None
    timeout: int | None = None


class Subscription(Value, kw_only=True, frozen=True):
    """`since` is when it came to its state, `reason` why it is not served; times are microseconds.

    `failures` are those since the last success, the first of them at `failing_since`.
    """

    id: int
    shop_id: int
    installation_id: int
    topic: str
    address: str
    options: Options
    state: State
    reason: str | None
    since: int
    created_at: int
    updated_at: int
    last_success_at: int | None = None
    failing_since: int | None = None
    failures: int = 0

    @property
    def is_active(self) -> bool:
        return self.state is State.ACTIVE


def is_due_to_all(topic: str) -> bool:
    """True of what apps are told of themselves, and must be told by law (genstore.md §8.3)."""
    return topic.startswith("app/") or topic in COMPLIANCE


class Listener(Struct, frozen=True, kw_only=True):
    """A subscription as a change sees it: what it wants to hear, and in which form.

    One that is not its app's `own` follows from the app's configuration. What every app must be told is told
    to it whatever was granted; of all else nobody hears more than the merchant let him.
    """

    subscription_id: int
    installation_id: int
    topic: str
    address: str
    is_ordered: bool
    filter: str | None
    scopes: frozenset[str]
    form: Form
    is_own: bool = True

    def hears(self, topic: str, scopes: frozenset[str]) -> bool:
        """True when it asked for `topic` and its installation still holds one of the topic's scopes."""
        if self.topic != topic:
            return False
        return not self.scopes.isdisjoint(scopes) or (not self.is_own and is_due_to_all(topic))


def form_of(fidelity: Fidelity, hidden: frozenset[Protected], options: Options) -> Form:
    return Form(fidelity=fidelity, hidden=hidden, fields=options.fields)
