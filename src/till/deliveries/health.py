"""The health of a subscription: since when it fails, when that is told, and when it is switched off.

A dead receiver is left alone by its breaker and disabled only after five days without a success and a
hundred failures, or when it says twice that it is gone (delivery.md §8). What it is owed is kept.
"""

from collections.abc import Container, Iterable, Sequence
from enum import Enum
from typing import Any

from msgspec import Struct, structs

from till.clock import DAY
from till.db.port import Row, Tx
from till.deliveries.delivery import State as Is
from till.deliveries.given import LANES, both, given
from till.deliveries.lanes import Key
from till.deliveries.schedule import MANDATORY
from till.deliveries.settling import Done
from till.webhooks.subscription import State

MOST_FAILURES = 100
LONGEST_FAILING = 5 * DAY
WARNINGS = (50, 70, 90, 100)
NOTICES = "webhook/"

COLUMNS = (
    "id, shop_id, installation_id, topic, address, state, reason, "
    "last_success_at, failing_since, failures, warned"
)
QUALIFIED = ", ".join(f"subscriptions.{name}" for name in COLUMNS.split(", "))
NOTE = both(
    f"""
    UPDATE subscriptions SET
        last_success_at = COALESCE(g.success_at, subscriptions.last_success_at),
        failing_since = CASE WHEN g.success_at IS NULL
            THEN COALESCE(subscriptions.failing_since, g.failing_since) ELSE g.failing_since END,
        failures = g.failed + CASE WHEN g.success_at IS NULL THEN subscriptions.failures ELSE 0 END
    FROM {{given}} g
    WHERE subscriptions.shop_id = g.shop_id AND subscriptions.id = g.subscription_id
    RETURNING {QUALIFIED}
    """,
    LANES | {"success_at": "bigint", "failing_since": "bigint", "failed": "bigint"},
)
FIND = f"SELECT {COLUMNS} FROM subscriptions WHERE shop_id = :shop_id AND id = :id"
WARN = "UPDATE subscriptions SET warned = :warned WHERE shop_id = :shop_id AND id = :id"
DISABLE = """
    UPDATE subscriptions SET state = 'disabled', reason = :reason, since = :at
    WHERE shop_id = :shop_id AND id = :id
"""


class Health(Struct, frozen=True):
    """A subscription as far as its health goes; `failures` are those since its last success."""

    id: int
    shop_id: int
    installation_id: int
    topic: str
    address: str
    state: State
    reason: str | None
    last_success_at: int | None
    failing_since: int | None
    failures: int
    warned: int

    @property
    def key(self) -> Key:
        return (self.shop_id, self.id)

    @property
    def is_told(self) -> bool:
        """False of those that hear of health themselves, or they would hear of their own for ever."""
        return not self.topic.startswith(NOTICES)


class Kind(Enum):
    RECOVERED = "webhook/recovered"
    FAILING = "webhook/failing"
    DISABLED = "webhook/disabled"


class Verdict(Struct, frozen=True):
    """What is to be told of a subscription, and done: `share` is in per cent of the failures it may have."""

    kind: Kind
    share: int = 0
    reason: str | None = None


def verdict(health: Health, *, at: int, gone_at: int | None = None) -> Verdict | None:
    """What follows from a subscription's health.

    `gone_at` is when a delivery that was answered 410 now was so before, at least a minute ago.
    """
    if health.state is not State.ACTIVE:
        return None
    may_end = health.topic not in MANDATORY
    if gone_at is not None and may_end and (health.last_success_at or 0) < gone_at:
        return Verdict(Kind.DISABLED, 100, "gone")
    if not health.failures or health.failing_since is None:
        return Verdict(Kind.RECOVERED) if health.warned else None
    if health.failures >= MOST_FAILURES and at - health.failing_since >= LONGEST_FAILING and may_end:
        return Verdict(Kind.DISABLED, 100, "failing")
    share = health.failures * 100 // MOST_FAILURES
    level = max((each for each in WARNINGS if each <= share), default=0)
    return Verdict(Kind.FAILING, level) if level > health.warned else None


async def note(tx: Tx, batch: Sequence[Done], *, unchanged: Container[Key]) -> list[Health]:
    """Add what came of a batch to its subscriptions; successes of those `unchanged` need not be written."""
    rows = [row for row in _pulses(batch) if row["failed"] or _key(row) not in unchanged]
    if not rows:
        return []
    return [read(row) for row in await tx.fetch(NOTE[tx.dialect], given=given(rows))]


async def find(tx: Tx, key: Key) -> Health | None:
    rows = await tx.fetch(FIND, shop_id=key[0], id=key[1])
    return read(rows[0]) if rows else None


async def apply(tx: Tx, health: Health, found: Verdict, *, at: int) -> Health:
    """Do what a verdict says, and answer what the subscription is then."""
    await tx.execute(WARN, shop_id=health.shop_id, id=health.id, warned=found.share)
    if found.kind is not Kind.DISABLED:
        return health
    await tx.execute(DISABLE, shop_id=health.shop_id, id=health.id, reason=found.reason, at=at)
    return structs.replace(health, state=State.DISABLED, reason=found.reason)


def _pulses(batch: Iterable[Done]) -> list[dict[str, Any]]:
    """What a batch says of each subscription, in the order in which its attempts ended."""
    found: dict[Key, dict[str, Any]] = {}
    for done in sorted(batch, key=lambda done: (done.lane, done.ended_at)):
        row = found.setdefault(
            done.lane,
            {
                "shop_id": done.lane[0],
                "subscription_id": done.lane[1],
                "success_at": None,
                "failing_since": None,
                "failed": 0,
            },
        )
        if done.parcel.is_test:
            continue
        if done.settled.state is Is.DELIVERED:
            row |= {"success_at": done.ended_at, "failing_since": None, "failed": 0}
        elif done.settled.counted:
            row["failing_since"] = row["failing_since"] or done.ended_at
            row["failed"] += 1
    return [row for row in found.values() if row["failed"] or row["success_at"] is not None]


def _key(row: dict[str, Any]) -> Key:
    return (row["shop_id"], row["subscription_id"])


def read(row: Row) -> Health:
    """A row of `COLUMNS`."""
    values = list(row)
    values[5] = State(values[5])
    return Health(*values)
