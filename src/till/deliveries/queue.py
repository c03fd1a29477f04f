"""The queue in the database, as a worker uses it: look, claim, hold on, let go, settle."""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Sequence
from functools import partial

from msgspec import Struct

from till.clock import SECOND, Clock
from till.db.port import Database, Dialect, Tx
from till.deliveries import claims, health, lanes, mending, settling, trips
from till.deliveries.breaker import Breaker
from till.deliveries.claims import MOST, Aside, Ask, Claim, Claimed, nowhere
from till.deliveries.delivery import State
from till.deliveries.health import Health, verdict
from till.deliveries.lanes import Key, Look
from till.deliveries.notices import Ended, tell_ended, tell_verdict
from till.deliveries.settling import Done

LEASE = 45 * SECOND
ENDED = {State.EXHAUSTED: "exhausted", State.BLOCKED: "blocked"}


class Trips(Struct):
    """What attempts did to breakers and is not yet written down."""

    opened: dict[str, Breaker]
    changed: dict[str, Breaker]
    closed: set[str]

    @classmethod
    def none(cls) -> "Trips":
        return cls({}, {}, set())

    def __bool__(self) -> bool:
        return bool(self.opened or self.changed or self.closed)


class Kept(Struct, frozen=True):
    """What became of a batch: those that were ours to settle, and what became of their subscriptions."""

    ours: list[Done]
    health: list[Health]


class Queue:
    """All transactions of the engine; `told` is called when events were recorded on the way."""

    def __init__(
        self, db: Database, *, clock: Clock, lease: int = LEASE, told: Callable[[], None] = lambda: None
    ) -> None:
        self._db = db
        self._clock = clock
        self._lease = lease
        self._told = told

    async def look(self, *, until: int, heavy: bool) -> Look:
        """What there is to do until some moment; `heavy` where it took long the last time."""
        # PostgreSQL reads beside all else anyway.
        heavy = heavy and self._db.dialect is Dialect.SQLITE
        return await self._db.read(partial(lanes.look, until=until), heavy=heavy)

    async def claim(self, asks: Sequence[Ask], *, most: int = MOST, aside: Aside = nowhere) -> Claimed:
        at = self._clock()
        work = partial(claims.claim, asks=asks, at=at, until=at + self._lease, most=most, aside=aside)
        return await self._db.write(work)

    async def renew(self, held: Sequence[Claim]) -> set[tuple[int, bytes]]:
        """Hold on to claims; answers the keys of those that are still ours."""
        until = self._clock() + self._lease
        return await self._db.write(partial(claims.renew, claims=held, until=until))

    async def give_back(self, held: Sequence[Claim]) -> None:
        """Let go of what was not sent."""
        await self._db.write(partial(claims.give_back, claims=held, at=self._clock()))

    async def inherit(self) -> int:
        """Take over what a dead process held, where no other can be alive (SQLite)."""
        if self._db.dialect is not Dialect.SQLITE:
            return 0
        return await self._db.write(partial(mending.inherit, at=self._clock()))

    async def set_back(self) -> None:
        """Let nothing wait for a time that was ahead of the clock, which may have been set back."""
        await self._db.write(partial(mending.set_back, at=self._clock(), lease=self._lease))

    async def take_probe(self, names: Sequence[str]) -> bool:
        return await self._db.write(partial(trips.take_probe, names=names, at=self._clock()))

    async def release_probe(self, names: Sequence[str]) -> None:
        await self._db.write(partial(trips.release, names=names))

    async def note_trips(self, found: Trips) -> None:
        await self._db.write(
            partial(
                trips.note,
                opened=list(found.opened.values()),
                changed=list(found.changed.values()),
                closed=sorted(found.closed),
            )
        )

    async def settle(self, batch: Sequence[Done], *, unchanged: Container[Key], is_told: bool = True) -> Kept:
        """Write down one of the batches that `batches` makes.

        Successes of subscriptions in `unchanged` need not be written down with these. What is grave is told
        to its shop, unless not `is_told`.
        """
        at = self._clock()

        async def work(tx: Tx) -> Kept:
            ours = await settling.settle(tx, batch, at=at)
            found = await health.note(tx, ours, unchanged=unchanged) if ours else []
            if shop_id is not None:
                for each in await _of_all(tx, ours, found):
                    await _tell_ended(tx, each, ours, at=at)
            return Kept(ours, found)

        shop_id = batch[0].parcel.claim.shop_id if is_told and is_grave(batch[0]) else None
        kept = await self._db.write(work, shop_id=shop_id)
        if shop_id is not None and kept.ours:
            self._told()
        return kept

    async def judge(self, kept: Kept) -> None:
        """Tell, and do, what follows from the health of the subscriptions of a batch."""
        gone = {done.lane: done.parcel.past.gone_at for done in kept.ours if done.settled.is_gone}
        for each in kept.health:
            if verdict(each, at=self._clock(), gone_at=gone.get(each.key)) is not None:
                work = partial(_judge, key=each.key, at=self._clock(), gone_at=gone.get(each.key))
                # The shop first, then the subscription: as everybody else locks them who changes either.
                if await self._db.write(work, shop_id=each.shop_id):
                    self._told()


def is_grave(done: Done) -> bool:
    """True of an attempt by which a delivery came to nothing, so that its shop hears of it."""
    is_told = not done.parcel.is_test and not done.parcel.topic.startswith(health.NOTICES)
    return is_told and done.settled.state in ENDED


def batches(done: Iterable[Done]) -> list[list[Done]]:
    """What may be settled together: all that is ordinary; of what is grave, that of one shop."""
    found: dict[int | None, list[Done]] = defaultdict(list)
    for each in done:
        found[each.parcel.claim.shop_id if is_grave(each) else None].append(each)
    return list(found.values())


async def _of_all(tx: Tx, ours: Iterable[Done], found: Iterable[Health]) -> list[Health]:
    """The health of all subscriptions of a batch, also of those that it does not change."""
    known: dict[Key, Health | None] = {each.key: each for each in found}
    for done in ours:
        if done.lane not in known:
            known[done.lane] = await health.find(tx, done.lane)
    return [each for each in known.values() if each is not None and each.is_told]


async def _tell_ended(tx: Tx, found: Health, ours: Iterable[Done], *, at: int) -> None:
    ended = [
        Ended(
            id=done.parcel.claim.id,
            topic=done.parcel.topic,
            resource_id=done.parcel.resource_id,
            state=ENDED[done.settled.state],
            reason=done.settled.reason,
        )
        for done in ours
        if done.lane == found.key
    ]
    if ended:
        await tell_ended(tx, found, ended, at=at)


async def _judge(tx: Tx, *, key: Key, at: int, gone_at: int | None) -> bool:
    """Judge a subscription as it is now; True when something was told."""
    found = await health.find(tx, key)
    said = None if found is None else verdict(found, at=at, gone_at=gone_at)
    if found is None or said is None:
        return False
    now = await health.apply(tx, found, said, at=at)
    if now.is_told:
        await tell_verdict(tx, now, said, at=at)
    return now.is_told
