"""One installation's subscriptions at rest."""

from dataclasses import dataclass
from typing import Any

import msgspec

from till.db.port import Row, Tx
from till.errors import Invalid, NotFound
from till.webhooks import leaving
from till.webhooks.fanout import renew
from till.webhooks.subscription import Options, State, Subscription

MOST = 100
COLUMNS = """
    id, shop_id, installation_id, topic, address, options, state, reason, since, created_at, updated_at,
    last_success_at, failing_since, failures
"""
# Those that follow from the app's configuration are not its to change (till.webhooks.configured).
OWN = "shop_id = :shop_id AND installation_id = :installation_id AND origin = 0"
GET = f"SELECT {COLUMNS} FROM subscriptions WHERE {OWN} AND id = :id"
ADD = f"""
    INSERT INTO subscriptions
        (shop_id, id, installation_id, topic, address, options, state, since, created_at, updated_at)
    SELECT :shop_id, :id, :installation_id, :topic, :address, :options, :state, :at, :at, :at
    WHERE (SELECT count(*) FROM subscriptions WHERE {OWN}) < :most
    ON CONFLICT (shop_id, installation_id, topic, address, origin) DO NOTHING
    RETURNING id
"""
TAKEN = f"SELECT id FROM subscriptions WHERE {OWN} AND topic = :topic AND address = :address"
SET = f"""
    UPDATE subscriptions SET topic = :topic, address = :address, options = :options, updated_at = :updated_at
    WHERE {OWN} AND id = :id
"""
SET_STATE = f"""
    UPDATE subscriptions SET state = :state, reason = :reason, since = :at, failing_since = NULL,
        failures = 0, warned = 0
    WHERE {OWN} AND id = :id
"""
HURRY = """
    UPDATE deliveries SET run_at = :at
    WHERE shop_id = :shop_id AND subscription_id = :id AND state <= 1 AND state = 0 AND run_at > :at
"""
CLOSE = "DELETE FROM breakers WHERE name LIKE :name || ':%'"


class WebhookNotFound(NotFound):
    """This app has no such subscription in this shop."""


class AddressTaken(Invalid):
    """The app has subscribed this address to this topic already."""


class TooManyWebhooks(Invalid):
    """An installation has as many subscriptions as it may."""


@dataclass(frozen=True, slots=True)
class Where:
    """Which subscriptions a list or a count is of."""

    topic: str | None = None
    address: str | None = None

    @property
    def clause(self) -> str:
        named = [name for name in ("topic", "address") if getattr(self, name) is not None]
        return " AND ".join([OWN, *(f"{name} = :{name}" for name in named)])

    @property
    def params(self) -> dict[str, Any]:
        given = {"topic": self.topic, "address": self.address}
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """The subscriptions of one installation; each change is told to whoever decides what is owed."""

    tx: Tx
    shop_id: int
    installation_id: int

    async def get(self, subscription_id: int) -> Subscription:
        """The subscription with this id; `WebhookNotFound` where the installation has none."""
        rows = await self.tx.fetch(GET, id=subscription_id, **self._own)
        if not rows:
            raise no_webhook(str(subscription_id))
        return _subscription(rows[0])

    async def add(self, subscription: Subscription) -> None:
        """Store a new subscription; `AddressTaken` or `TooManyWebhooks` where it cannot be."""
        added = await self.tx.fetch(
            ADD,
            id=subscription.id,
            topic=subscription.topic,
            address=subscription.address,
            options=_encoded(subscription.options),
            state=subscription.state.value,
            at=subscription.created_at,
            most=MOST,
            **self._own,
        )
        if not added:
            await self._must_be_free(subscription)
            raise TooManyWebhooks(
                f"The app has {MOST} subscriptions in this shop, which is the most: delete one that it does "
                "not need.",
                fields={"webhook": [f"would be one more than {MOST}"]},
            )
        await renew(self.tx, self.shop_id)

    async def put(self, subscription: Subscription) -> None:
        """Store what has changed of a subscription: its topic, its address, its options."""
        await self._must_be_free(subscription)
        await self.tx.execute(
            SET,
            id=subscription.id,
            topic=subscription.topic,
            address=subscription.address,
            options=_encoded(subscription.options),
            updated_at=subscription.updated_at,
            **self._own,
        )
        await renew(self.tx, self.shop_id)

    async def set_state(
        self, subscription: Subscription, state: State, *, reason: str | None, at: int
    ) -> Subscription:
        """Serve it or not, from `at` on, with its failures forgotten."""
        await self.tx.execute(
            SET_STATE, id=subscription.id, state=state.value, reason=reason, at=at, **self._own
        )
        await renew(self.tx, self.shop_id)
        return await self.get(subscription.id)

    async def hurry(self, subscription: Subscription, *, breaker: str, at: int) -> None:
        """Let what it is owed go at once, whatever kept it waiting.

        `breaker` is what the names of its breakers begin with.
        """
        await self.tx.execute(HURRY, shop_id=self.shop_id, id=subscription.id, at=at)
        await self.tx.execute(CLOSE, name=breaker)

    async def remove(self, subscription: Subscription, *, at: int) -> None:
        """Delete it; what it is still owed is cancelled."""
        await leaving.remove(self.tx, shop_id=self.shop_id, subscription_id=subscription.id, at=at)

    async def page(
        self, where: Where, *, key: tuple[int, ...], backward: bool, ascending: bool, limit: int
    ) -> list[Subscription]:
        """At most `limit` subscriptions from just after `key`, an id: newest first, or `ascending`."""
        down = ascending is backward
        clause, params = where.clause, where.params
        if key:
            clause += f" AND id {'<' if down else '>'} :key"
            params |= {"key": key[-1]}
        rows = await self.tx.fetch(
            f"SELECT {COLUMNS} FROM subscriptions WHERE {clause} ORDER BY id {'DESC' if down else 'ASC'}"
            " LIMIT :limit",
            limit=limit,
            **params,
            **self._own,
        )
        found = [_subscription(row) for row in rows]
        return found[::-1] if backward else found

    async def number(self, where: Where) -> int:
        """How many subscriptions `where` meets."""
        sql = f"SELECT count(*) FROM subscriptions WHERE {where.clause}"
        return int((await self.tx.fetch(sql, **where.params, **self._own))[0][0])

    async def _must_be_free(self, subscription: Subscription) -> None:
        rows = await self.tx.fetch(TAKEN, topic=subscription.topic, address=subscription.address, **self._own)
        if rows and rows[0][0] != subscription.id:
            raise AddressTaken(
                f"The address for {subscription.topic} has already been taken by the subscription "
                f"{rows[0][0]}: change that one.",
                fields={"webhook.address": ["for this topic has already been taken"]},
            )

    @property
    def _own(self) -> dict[str, int]:
        return {"shop_id": self.shop_id, "installation_id": self.installation_id}


def no_webhook(text: str) -> WebhookNotFound:
    return WebhookNotFound(f"There is no webhook {text} of this app in this shop.")


def _encoded(options: Options) -> str:
    return msgspec.json.encode(options).decode()


def _subscription(row: Row) -> Subscription:
    names = "id shop_id installation_id topic address options state reason since created_at updated_at"
    told = dict(zip(names.split(), row[:11], strict=True))
    told |= {
        "options": msgspec.json.decode(told["options"], type=Options),
        "state": State(told["state"]),
        "last_success_at": row[11],
        "failing_since": row[12],
        "failures": row[13],
    }
    return Subscription(**told)
