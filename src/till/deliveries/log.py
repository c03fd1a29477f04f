"""What was sent to an installation's subscriptions, and what came of it: read, and never changed here."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from msgspec import Struct

from till.db.port import Row, Tx
from till.deliveries.attempt import DETAILS, Details
from till.deliveries.delivery import State
from till.deliveries.outcome import ErrorClass
from till.errors import NotFound
from till.webhooks.forms import TEST

# Its last attempt is joined by its number, which is that of the attempts.
COLUMNS = """
    d.id, d.subscription_id, d.event_number, d.topic, d.resource_id, d.form, d.address, d.state, d.reason,
    d.run_at, d.attempts, d.failures, d.created_at, d.ended_at, d.replay_of, s.state, a.status, a.error, c.id
"""
TABLES = """
    deliveries d
    LEFT JOIN subscriptions s ON s.shop_id = d.shop_id AND s.id = d.subscription_id
    LEFT JOIN attempts a ON a.shop_id = d.shop_id AND a.delivery_id = d.id AND a.number = d.attempts
    LEFT JOIN events e ON e.shop_id = d.shop_id AND e.number = d.event_number
    LEFT JOIN changes c ON c.shop_id = e.shop_id AND c.number = e.change_number
"""
ONE = f"""
    SELECT {COLUMNS} FROM {TABLES}
    WHERE d.shop_id = :shop_id AND d.id = :id AND +d.installation_id = :installation_id
"""
OF_ONE = f"{ONE} AND d.subscription_id = :subscription_id"
BODY = """
    SELECT CASE WHEN d.form = '' THEN COALESCE(e.payload, c.payload) ELSE f.payload END FROM deliveries d
    LEFT JOIN event_forms f ON f.shop_id = d.shop_id AND f.number = d.event_number AND f.form = d.form
    LEFT JOIN events e ON e.shop_id = d.shop_id AND e.number = d.event_number
    LEFT JOIN changes c ON c.shop_id = e.shop_id AND c.number = e.change_number
    WHERE d.shop_id = :shop_id AND d.id = :id
"""
ATTEMPTS = """
    SELECT number, started_at, status, error, counted, details, response FROM attempts
    WHERE shop_id = :shop_id AND delivery_id = :id ORDER BY number
"""
# What a state on the wire asks of a row.
WAITS = "d.state = 0 AND s.state = 'active'"
STATES = {
    "pending": f"({WAITS} AND d.attempts = 0)",
    "retry_wait": f"({WAITS} AND d.attempts > 0)",
    "paused": "(d.state = 0 AND s.state <> 'active')",
    "leased": "d.state = 1",
    "delivered": "d.state = 2",
    "exhausted": "d.state = 3",
    "blocked": "d.state = 4",
    "cancelled": "d.state = 5",
}
FAILED = {"exhausted", "blocked", "cancelled"}
BITS = 64


class DeliveryNotFound(NotFound):
    """No such delivery to a subscription of this app in this shop."""


class Delivery(Struct, frozen=True, kw_only=True):
    """A delivery as its row holds it; `is_served` says that its subscription is there and active."""

    id: bytes
    subscription_id: int
    event_number: int
    topic: str
    resource_id: int
    form: str
    address: str
    state: State
    reason: str | None
    run_at: int
    attempts: int
    failures: int
    created_at: int
    ended_at: int | None
    replay_of: bytes | None
    is_served: bool
    last_status: int | None
    last_error: ErrorClass | None
    change_id: bytes | None

    @property
    def is_test(self) -> bool:
        """True for what was sent to try the address, and tells nothing of its health."""
        return self.form.startswith(TEST)


class Sent(Struct, frozen=True):
    """The body of a delivery; None where it is kept no longer."""

    body: bytes | None


class Attempt(Struct, frozen=True, kw_only=True):
    """One post. `response` is the beginning of what was answered."""

    number: int
    started_at: int
    status: int | None
    error: ErrorClass | None
    counted: bool
    response: bytes | None
    details: Details


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which deliveries a list is of; without `subscription_id`, those of all subscriptions."""

    subscription_id: int | None = None
    states: tuple[str, ...] = ()
    topic: str | None = None
    since: int | None = None
    until: int | None = None
    resource_id: int | None = None

    @property
    def clause(self) -> str:
        # The index of what has the fewest rows is used; a plus keeps the others out of it.
        plus = "" if self.resource_id is None else "+"
        of_all = plus if self.subscription_id is None else "+"
        parts = [f"{of_all}d.installation_id = :installation_id"]
        parts += [f"{plus}d.subscription_id = :subscription_id"] if self.subscription_id is not None else []
        parts += [f"({' OR '.join(STATES[state] for state in self.states)})"] if self.states else []
        parts += ["d.state >= 3"] if self.states and FAILED.issuperset(self.states) else []
        parts += ["d.topic = :topic"] if self.topic is not None else []
        parts += ["d.created_at >= :since"] if self.since is not None else []
        parts += ["d.created_at <= :until"] if self.until is not None else []
        parts += ["d.resource_id = :resource_id"] if self.resource_id is not None else []
        return " AND ".join(parts)

    @property
    def params(self) -> dict[str, Any]:
        names = ("subscription_id", "topic", "since", "until", "resource_id")
        given = {name: getattr(self, name) for name in names}
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Log:
    """The deliveries of one installation."""

    tx: Tx
    shop_id: int
    installation_id: int

    async def get(self, text: str, *, subscription_id: int | None = None) -> Delivery:
        """The delivery with this id, to that subscription or to any, even to one that was deleted.

        `DeliveryNotFound` where there is none such.
        """
        named, only = delivery_id(text), {}
        if subscription_id is not None:
            only["subscription_id"] = subscription_id
        rows = (
            []
            if named is None
            else await self.tx.fetch(
                OF_ONE if only else ONE,
                shop_id=self.shop_id,
                installation_id=self.installation_id,
                id=named,
                **only,
            )
        )
        if not rows:
            of = "this webhook" if only else "this app"
            raise DeliveryNotFound(f"There is no delivery {text[:64]} of {of}.")
        return _delivery(rows[0])

    async def page(
        self, wanted: Wanted, *, key: tuple[int, ...], backward: bool, limit: int
    ) -> list[Delivery]:
        """At most `limit` deliveries from just after `key`, newest first."""
        clause, params = wanted.clause, wanted.params
        if key:
            clause += f" AND d.id {'>' if backward else '<'} :key"
            params |= {"key": id_of(key)}
        rows = await self.tx.fetch(
            f"SELECT {COLUMNS} FROM {TABLES} WHERE d.shop_id = :shop_id AND {clause}"
            f" ORDER BY d.id {'ASC' if backward else 'DESC'} LIMIT :limit",
            shop_id=self.shop_id,
            installation_id=self.installation_id,
            limit=limit,
            **params,
        )
        found = [_delivery(row) for row in rows]
        return found[::-1] if backward else found

    async def body(self, delivery: Delivery) -> Sent:
        """What is posted, byte by byte."""
        rows = await self.tx.fetch(BODY, shop_id=self.shop_id, id=delivery.id)
        return Sent(None if not rows or rows[0][0] is None else bytes(rows[0][0]))

    async def attempts(self, delivery: Delivery) -> list[Attempt]:
        """All attempts that have ended, oldest first."""
        rows = await self.tx.fetch(ATTEMPTS, shop_id=self.shop_id, id=delivery.id)
        return [_attempt(row) for row in rows]


def delivery_id(text: str) -> bytes | None:
    """The id that a path or a body spells; None where it is none."""
    try:
        found = uuid.UUID(text)
    except ValueError:
        return None
    return found.bytes if str(found) == text else None


def key_of(delivery_id: bytes) -> tuple[int, int]:
    """An id as two numbers, which a page token can hold."""
    whole = int.from_bytes(delivery_id, "big")
    return whole >> BITS, whole & (1 << BITS) - 1


def id_of(key: Iterable[int]) -> bytes:
    """The id of a key."""
    high, low = key
    return (high << BITS | low).to_bytes(16, "big")


def _delivery(row: Row) -> Delivery:
    names = "id subscription_id event_number topic resource_id form address state reason run_at attempts"
    told = dict(zip(names.split(), row[:11], strict=True))
    failures, created_at, ended_at, replay_of, served, status, error, change_id = row[11:]
    told |= {"id": bytes(told["id"]), "state": State(told["state"])}
    return Delivery(
        **told,
        failures=failures,
        created_at=created_at,
        ended_at=ended_at,
        replay_of=None if replay_of is None else bytes(replay_of),
        is_served=served == "active",
        last_status=status,
        last_error=None if error is None else ErrorClass(error),
        change_id=None if change_id is None else bytes(change_id),
    )


def _attempt(row: Row) -> Attempt:
    number, started_at, status, error, counted, details, response = row
    return Attempt(
        number=number,
        started_at=started_at,
        status=status,
        error=None if error is None else ErrorClass(error),
        counted=bool(counted),
        response=None if response is None else bytes(response),
        details=DETAILS.decode(bytes(details)),
    )
