"""Sends events once more, or for the first time: each is a new delivery, of the same bytes as before."""

import uuid
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import Struct

from till.db.port import Row, Tx
from till.deliveries import statements
from till.deliveries.catalog import KINDS
from till.deliveries.delivery import State
from till.deliveries.feed import STRIDE, Event, Feed
from till.deliveries.log import Delivery, delivery_id
from till.deliveries.payloads import examples_of
from till.errors import Invalid, NotFound, Unavailable
from till.webhooks import fanout
from till.webhooks.fanout import Owed
from till.webhooks.forms import TEST, shown
from till.webhooks.subscription import Listener, Ordering, Subscription

# So many at most for one request, so that it holds up nobody; and so many events looked through.
MOST = 1_000
LOOKED_AT = 4 * STRIDE
NO_STATE = -1
MOST_PENDING = 1_000_000


class ReplaysHeld(Unavailable):
    """So much waits to be sent that nothing is sent again until it is less."""

    retry_after = 60


class NothingToReplay(Invalid):
    """A delivery that is still on its way cannot be sent again."""


class OtherTopic(Invalid):
    """The event is of another topic than the subscription."""


class NoSuchEvent(NotFound):
    """The shop has no such event."""


class UnknownDelivery(Invalid):
    """A list names a delivery that the subscription was not owed."""


class Span(Struct, frozen=True, kw_only=True):
    """From when to when, in microseconds; after which delivery or event; and how many at most."""

    since: int
    until: int
    limit: int


class Resent(Struct, frozen=True):
    """How many were sent again, and where to go on; None where there is nothing more."""

    count: int
    next: str | None


@dataclass(frozen=True, slots=True)
class Resending:
    """Sends to one subscription, at its present address, at the moment `at`."""

    tx: Tx
    subscription: Subscription
    listener: Listener
    at: int

    async def event(self, event: Event) -> bytes:
        """Send one event, whatever the filter says; answers the delivery's id."""
        if event.topic != self.subscription.topic:
            raise OtherTopic(
                f"The event is of {event.topic}, but the subscription of {self.subscription.topic}.",
                fields={"eventId": [f"is of {event.topic}"]},
            )
        form = await self._keep(event.number, event.payload)
        return await self._one(self._owed(event.number, event.resource_id, form))

    async def test(self) -> bytes:
        """Send the topic's latest event, or its example where nothing happened of late."""
        feed = Feed(self.tx, self.subscription.shop_id, self.subscription.installation_id)
        rows = await self.tx.fetch(
            statements.LATEST_OF,
            shop_id=self.subscription.shop_id,
            topic=self.subscription.topic,
            after=await feed.newest() - STRIDE,
        )
        event = await feed.one(rows[0][0]) if rows else None
        topic = self.subscription.topic
        number, resource_id = (0, 0) if event is None else (event.number, event.resource_id)
        payload = examples_of(topic)[0] if event is None else event.payload
        # Of what never happened, only the topic tells one example from another.
        kind = f"{TEST}-{topic}-" if event is None else f"{TEST}-"
        form = await self._keep(number, payload, kind=kind)
        return await self._one(self._owed(number, resource_id, form, is_test=True))

    async def delivery(self, delivery: Delivery) -> bytes:
        """Send the event of a delivery that is over; answers the new one's id."""
        rows = await self._named(delivery.id)
        return (await self._replay(rows))[0]

    async def named(self, ids: list[bytes]) -> Resent:
        """Send the events of these deliveries, all of which are over."""
        rows = [row for each in ids for row in await self._named(each)]
        return Resent(len(await self._replay(rows)), None)

    async def ended(self, states: frozenset[State], span: Span, *, after: bytes) -> Resent:
        """Send the events of deliveries that ended so and are no replays, in the order of their ids.

        One that failed is left out where its event has arrived since.
        """
        failed = sorted(states - {State.DELIVERED})
        rows = await self.tx.fetch(
            statements.ENDED if State.DELIVERED in states else statements.FAILED,
            **self._own,
            **{f"state_{index}": failed[index] if index < len(failed) else NO_STATE for index in range(3)},
            after=after,
            since=span.since,
            until=span.until,
            limit=span.limit,
        )
        await self._replay(rows)
        more = len(rows) == span.limit
        return Resent(len(rows), str(uuid.UUID(bytes=bytes(rows[-1][0]))) if more else None)

    async def missing(self, span: Span, *, after: int) -> Resent:
        """Send what the subscription would have been owed and neither has nor is about to get."""
        await self._must_have_room()
        newest = await Feed(self.tx, self.subscription.shop_id, self.subscription.installation_id).newest()
        upto = min(newest, after + LOOKED_AT)
        rows = await self.tx.fetch(
            statements.MISSING,
            **self._own,
            topic=self.subscription.topic,
            after=after,
            upto=upto,
            since=span.since,
            until=span.until,
            limit=span.limit,
            reader=self.subscription.installation_id,
        )
        render, owed = KINDS[self.subscription.topic].render, []
        for number, resource_id, payload, last in rows:
            if fanout.wanted(self.listener, bytes(payload), render):
                form = await self._keep(number, bytes(payload))
                before = None if last is None else bytes(last)
                owed.append(self._owed(number, resource_id, form, replay_of=before))
        await fanout.insert(self.tx, owed, shop_id=self.subscription.shop_id)
        seen = rows[-1][0] if len(rows) == span.limit else upto
        return Resent(len(owed), str(seen) if seen < newest else None)

    async def find(self, text: str) -> Event:
        """The event that a cursor names, its own id, or that of its change; `NoSuchEvent` where none is."""
        feed = Feed(self.tx, self.subscription.shop_id, self.subscription.installation_id)
        number = int(text) if text.isascii() and text.isdigit() and len(text) <= 16 else None
        named = delivery_id(text)
        if named is not None:
            number = await feed.number_of(named) or await self._of_change(named)
        event = None if number is None else await feed.one(number)
        if event is None:
            raise NoSuchEvent(f"There is no event {text[:64]!r} in this shop.")
        return event

    async def _of_change(self, change_id: bytes) -> int | None:
        """The event of the subscription's topic that a change was told as."""
        own = {"shop_id": self.subscription.shop_id, "topic": self.subscription.topic}
        rows = await self.tx.fetch(statements.BY_CHANGE, id=change_id, **own)
        return rows[0][0] if rows else None

    async def _must_have_room(self) -> None:
        """Sending again never delays by much what is sent for the first time (delivery.md §8)."""
        if await self.tx.fetch(statements.CROWDED, shop_id=self.subscription.shop_id, most=MOST_PENDING):
            raise ReplaysHeld(
                f"More than {MOST_PENDING:,} deliveries of this shop wait to be sent: try again when there "
                "are fewer."
            )

    async def _named(self, named: bytes) -> list[Row]:
        """The row of a delivery of this subscription that is over."""
        rows = await self.tx.fetch(statements.NAMED, **self._own, id=named)
        spelled = str(uuid.UUID(bytes=named))
        if not rows:
            raise UnknownDelivery(
                f"There is no delivery {spelled} of this webhook.",
                fields={"deliveryIds": [f"{spelled} is none of this webhook"]},
            )
        if not State(rows[0][5]).is_terminal:
            raise NothingToReplay(
                f"The delivery {spelled} is still on its way: it is sent again by itself.",
                fields={"deliveryIds": [f"{spelled} is still on its way"]},
            )
        return rows

    async def _replay(self, rows: list[Row]) -> list[bytes]:
        """New deliveries of the same events in the same forms."""
        await self._must_have_room()
        owed = []
        for replayed, number, topic, resource_id, form, _ in rows:
            is_test = form.startswith(TEST)
            same = form if is_test else await self._form_again(number, form)
            new = self._owed(number, resource_id, same, replay_of=bytes(replayed), is_test=is_test)
            owed.append(msgspec.structs.replace(new, topic=topic))
        return await fanout.insert(self.tx, owed, shop_id=self.subscription.shop_id)

    async def _form_again(self, number: int, form: str) -> str:
        """The same form where its bytes are kept; else that in which the app would see the event now."""
        if not form:
            return form
        shop_id = self.subscription.shop_id
        if await self.tx.fetch(statements.HAS_FORM, shop_id=shop_id, number=number, form=form):
            return form
        event = await Feed(self.tx, shop_id, self.subscription.installation_id).one(number)
        return form if event is None else await self._keep(number, event.payload)

    async def _keep(self, number: int, payload: bytes, *, kind: str = "") -> str:
        """Keep the bytes of an event as the subscription sees it; answers the name of that form."""
        form = kind + self.listener.form.digest
        if form:
            seen = shown(payload, self.listener.form, KINDS[self.subscription.topic].render)
            await self.tx.execute(
                statements.KEEP_FORM,
                shop_id=self.subscription.shop_id,
                number=number,
                form=form,
                payload=seen,
            )
        return form

    async def _one(self, owed: Owed) -> bytes:
        return (await fanout.insert(self.tx, [owed], shop_id=self.subscription.shop_id))[0]

    def _owed(
        self,
        number: int,
        resource_id: int,
        form: str,
        *,
        replay_of: bytes | None = None,
        is_test: bool = False,
    ) -> Owed:
        to = self.subscription
        return Owed(
            subscription_id=to.id,
            installation_id=to.installation_id,
            event_number=number,
            topic=to.topic,
            resource_id=resource_id,
            form=form,
            address=to.address,
            ordered=int(to.options.ordering is Ordering.PER_RESOURCE and not is_test),
            at=self.at,
            replay_of=replay_of,
        )

    @property
    def _own(self) -> dict[str, Any]:
        return {"shop_id": self.subscription.shop_id, "subscription_id": self.subscription.id}
