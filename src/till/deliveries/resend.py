"""Sends events once more, or for the first time: each is a new delivery, of the same bytes as before."""

import uuid
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from till.db.port import Tx
from till.deliveries import statements
from till.deliveries.again import (
    Budget,
    NoSuchEvent,
    NothingToReplay,
    Old,
    OtherTopic,
    ReplaysHeld,
    Resent,
    Span,
    TooMuchAnew,
    UnknownDelivery,
    old_of,
)
from till.deliveries.catalog import KINDS
from till.deliveries.delivery import State
from till.deliveries.feed import STRIDE, Event, Feed
from till.deliveries.finding import number_named
from till.deliveries.log import Delivery, delivery_id
from till.deliveries.payloads import examples_of
from till.deliveries.subscribing import must_be_heard
from till.webhooks import fanout
from till.webhooks.fanout import Kept, Owed
from till.webhooks.forms import TEST, Seen, hidden_of
from till.webhooks.subscription import Listener, Ordering, Subscription

# So many events are looked through for one request.
LOOKED_AT = 4 * STRIDE
NO_STATE = -1
MOST_PENDING = 1_000_000


@dataclass(frozen=True, slots=True)
class Resending:
    """Sends to one subscription, at its present address, at the moment `at`.

    What occurred before `since` is not sent again (till.deliveries.feed.seen_since).
    """

    tx: Tx
    subscription: Subscription
    listener: Listener
    at: int
    since: int

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
        feed = self._feed
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
        return (await self._replay([await self._named(delivery.id)]))[0]

    async def named(self, ids: list[bytes]) -> Resent:
        """Send the events of these deliveries, all of which are over."""
        found = [await self._named(each) for each in ids]
        if len(self._within_budget(found)) < len(found):
            raise TooMuchAnew(
                "These deliveries cannot be sent as they were, and are too much to be made anew at once: "
                "name fewer.",
                fields={"deliveryIds": ["are too many to be made anew at once"]},
            )
        return Resent(len(await self._replay(found)), None)

    async def ended(self, states: frozenset[State], span: Span, *, after: bytes) -> Resent:
        """Send the events of deliveries that ended so and are no replays, in the order of their ids.

        One that failed is left out where its event has arrived since, and any whose event is on its way
        again, so that asking twice sends nothing twice; also what the installation may hear no more.
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
        found = self._within_budget([old_of(row) for row in rows])
        # Of one event there may be two, one of them sent by hand.
        heard = {each.event_number: each for each in reversed(found) if self._may_hear(each)}
        await self._replay(list(reversed(heard.values())))
        more = len(found) < len(rows) or len(rows) == span.limit
        return Resent(len(heard), str(uuid.UUID(bytes=found[-1].id)) if more else None)

    async def missing(self, span: Span, *, after: int) -> Resent:
        """Send what the subscription would have been owed and neither has nor is about to get."""
        await self._must_have_room()
        newest = await self._feed.newest()
        upto = min(newest, after + LOOKED_AT)
        rows = await self.tx.fetch(
            statements.MISSING,
            **self._own,
            topic=self.subscription.topic,
            after=after,
            upto=upto,
            since=max(span.since, self.since),
            until=span.until,
            limit=span.limit,
            reader=self.subscription.installation_id,
        )
        budget, owed, forms = Budget(), list[Owed](), list[Kept]()
        form, seen = self.listener.form, upto
        is_read = self.listener.filter is not None or not form.is_plain
        for number, resource_id, size, last in rows:
            if is_read and not budget.takes(size):
                break
            seen = number
            if is_read:
                event = await self._seen(number, self.subscription.topic)
                if not event.meets(self.listener.filter, form):
                    continue
                forms += [Kept(number, form.digest, event.shown(form))] if form.digest else []
            before = None if last is None else bytes(last)
            owed.append(self._owed(number, resource_id, form.digest, replay_of=before))
        else:
            seen = seen if len(rows) == span.limit else upto
        await fanout.keep(self.tx, forms, shop_id=self.subscription.shop_id)
        await fanout.insert(self.tx, owed, shop_id=self.subscription.shop_id)
        return Resent(len(owed), str(seen) if seen < newest else None)

    async def find(self, text: str) -> Event:
        """The event that a cursor names, its own id, or that of its change.

        `NoSuchEvent` where there is none, and for one that the installation may not hear.
        """
        feed = self._feed
        number = int(text) if text.isascii() and text.isdigit() and len(text) <= 16 else None
        named = delivery_id(text)
        if named is not None:
            number = await number_named(
                self.tx,
                feed.shop_id,
                named,
                topic=self.subscription.topic,
                newest=await feed.newest(),
            )
        event = None if number is None else await feed.one(number)
        if event is None or self.listener.scopes.isdisjoint(KINDS[event.topic].scopes):
            raise NoSuchEvent(f"There is no event {text[:64]!r} in this shop.")
        return event

    async def _must_have_room(self) -> None:
        """Sending again never delays by much what is sent for the first time (delivery.md §8)."""
        if await self.tx.fetch(statements.CROWDED, shop_id=self.subscription.shop_id, most=MOST_PENDING):
            raise ReplaysHeld(
                f"More than {MOST_PENDING:,} deliveries of this shop wait to be sent: try again when there "
                "are fewer."
            )

    async def _named(self, named: bytes) -> Old:
        """A delivery of this subscription that is over, and that may be sent again."""
        rows = await self.tx.fetch(statements.NAMED, **self._own, id=named)
        spelled = str(uuid.UUID(bytes=named))
        if not rows:
            raise UnknownDelivery(
                f"There is no delivery {spelled} of this webhook.",
                fields={"deliveryIds": [f"{spelled} is none of this webhook"]},
            )
        old = old_of(rows[0])
        if not State(old.state).is_terminal:
            raise NothingToReplay(
                f"The delivery {spelled} is still on its way: it is sent again by itself.",
                fields={"deliveryIds": [f"{spelled} is still on its way"]},
            )
        must_be_heard(old.topic, self.listener.scopes)
        if not self._may_hear(old):
            raise NoSuchEvent(
                f"The event of the delivery {spelled} is older than what this app may see: grant it "
                "read_all_orders."
            )
        return old

    def _may_hear(self, old: Old) -> bool:
        """True when the installation may hear of its topic, and see what is as old; examples have no age."""
        if self.listener.scopes.isdisjoint(KINDS[old.topic].scopes):
            return False
        return old.event_number == 0 or (old.occurred_at is not None and old.occurred_at >= self.since)

    def _is_anew(self, old: Old) -> bool:
        """True when the bytes of a delivery are there no more, or show what is hidden by now."""
        if old.event_number == 0:
            return False
        shows_more = not self.listener.form.hidden <= hidden_of(old.form)
        return shows_more or not (old.is_kept or not old.form)

    def _within_budget(self, found: list[Old]) -> list[Old]:
        """The first of them, as many as can be sent by one request."""
        budget = Budget()
        for index, each in enumerate(found):
            if self._is_anew(each) and not budget.takes(each.size or 0):
                return found[:index]
        return found

    async def _replay(self, found: list[Old]) -> list[bytes]:
        """New deliveries of the same events in the same forms, or as the app would see them now."""
        await self._must_have_room()
        owed, forms = list[Owed](), list[Kept]()
        for old in found:
            form = old.form
            if self._is_anew(old):
                form = (f"{TEST}-" if old.is_test else "") + self.listener.form.digest
                event = await self._seen(old.event_number, old.topic)
                forms += [Kept(old.event_number, form, event.shown(self.listener.form))] if form else []
            new = self._owed(old.event_number, old.resource_id, form, replay_of=old.id, is_test=old.is_test)
            owed.append(replace(new, topic=old.topic))
        await fanout.keep(self.tx, forms, shop_id=self.subscription.shop_id)
        return await fanout.insert(self.tx, owed, shop_id=self.subscription.shop_id)

    async def _seen(self, number: int, topic: str) -> Seen:
        rows = await self.tx.fetch(statements.PAYLOAD, shop_id=self.subscription.shop_id, number=number)
        return Seen(bytes(rows[0][0]), KINDS[topic].render)

    async def _keep(self, number: int, payload: bytes, *, kind: str = "") -> str:
        """Keep the bytes of an event as the subscription sees it; answers the name of that form."""
        form = kind + self.listener.form.digest
        if form:
            seen = Seen(payload, KINDS[self.subscription.topic].render).shown(self.listener.form)
            await fanout.keep(self.tx, [Kept(number, form, seen)], shop_id=self.subscription.shop_id)
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

    @property
    def _feed(self) -> Feed:
        to = self.subscription
        return Feed(self.tx, to.shop_id, to.installation_id, self.since)
