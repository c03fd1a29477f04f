"""Settles what has ended, a batch at a time, and tells in the log what an operator should know of it."""

from collections.abc import Callable, Iterable

from msgspec import structs

from till.clock import iso
from till.deliveries.circuit import Circuit
from till.deliveries.claims import Claim
from till.deliveries.flights import Holding
from till.deliveries.lanes import Key
from till.deliveries.outcome import ErrorClass
from till.deliveries.queue import Queue, batches
from till.deliveries.settling import Done
from till.errors import Refusal, Unavailable
from till.log import Log

# A subscription whose deliveries succeed is told so no more often.
SUCCESS_EVERY = 1.0
MOST_TOLD = 20_000
# What could not be settled so often is settled without telling anybody.
MOST_TRIES = 3
UNREADABLE = "What was answered cannot be kept."


class NotSettled(Exception):
    """Some of what has ended is not written down yet; what could be, is."""


class Settler:
    """What has ended and is not yet written down; nothing of it is lost while the database is away."""

    def __init__(
        self,
        *,
        queue: Queue,
        holding: Holding,
        circuit: Circuit,
        log: Log,
        monotonic: Callable[[], float],
    ) -> None:
        self._queue, self._holding, self._circuit = queue, holding, circuit
        self._log, self._monotonic = log, monotonic
        self._done: list[Done] = []
        self._dropped: list[Claim] = []
        self._told: dict[Key, float] = {}
        self._tries: dict[tuple[int, bytes], int] = {}

    def __bool__(self) -> bool:
        return bool(self._done or self._dropped)

    def add(self, done: Done) -> None:
        self._done.append(done)

    def drop(self, claims: Iterable[Claim]) -> None:
        """Let go of what was claimed and not sent."""
        self._dropped += claims

    async def settle(self) -> bool:
        """Write down all that has ended; True when there may be something to claim now that there was not.

        Others of an ordered resource have room then, and what was let go unsent can be had again.
        """
        freed = bool(self._dropped)
        if self._dropped:
            dropped = [self._holding.current(claim) for claim in self._dropped]
            await self._queue.give_back(dropped)
            del self._dropped[: len(dropped)]
            self._dropped += [anew for claim in dropped if (anew := self._holding.release(claim))]
        done, self._done = self._done, []
        left, kept = batches(done), list[Done]()
        try:
            while left:
                batch = left[0]
                freed = any(each.parcel.ordered for each in batch) or freed
                kept += await self._settle(batch)
                left.pop(0)
        finally:
            self._done = [each for batch in left for each in batch] + kept + self._done
        await self._note_trips()
        if kept:
            raise NotSettled(f"{len(kept)} deliveries could not be settled; they are tried again.")
        return freed

    async def _note_trips(self) -> None:
        trips = self._circuit.take_trips()
        if not trips:
            return
        try:
            await self._queue.note_trips(trips)
        except Exception:
            self._circuit.keep_trips(trips)
            raise

    async def _settle(self, batch: list[Done]) -> list[Done]:
        """Settle a batch, and answer what could not be; what spoils it does not spoil the rest."""
        try:
            await self._write(batch)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - one answer that cannot be kept must not hold up all others
            self._log.now("deliveries settled one by one", reason=f"{type(error).__name__}: {error}")
            return [done for done in batch if not await self._settle_one(done)]
        return []

    async def _settle_one(self, done: Done) -> bool:
        """Settle one by itself: as it is, or without what was answered, or in the end without a notice."""
        tries = self._tries.pop(done.parcel.claim.key, 0)
        for each, is_told in ((done, True), (_bare(done), True), (_bare(done), False)):
            if not is_told and tries < MOST_TRIES - 1:
                break
            try:
                await self._write([each], is_told=is_told)
            except Unavailable:
                raise
            except Exception as error:  # noqa: BLE001 - likewise
                self._log.line("delivery not settled", reason=f"{type(error).__name__}: {error}")
            else:
                return True
        if tries >= MOST_TRIES:  # its lease ends by itself, and it is sent again
            self._holding.drop([done.parcel.claim])
            self._log.now("delivery given up unsettled", id=done.parcel.claim.id.hex())
            return True
        self._tries[done.parcel.claim.key] = tries + 1
        return False

    async def _write(self, batch: list[Done], *, is_told: bool = True) -> None:
        batch = [self._current(done) for done in batch]
        now = self._monotonic()
        failing = {done.lane for done in batch if done.parcel.is_failing or done.settled.counted}
        fresh = {key for key, told in self._told.items() if now - told < SUCCESS_EVERY} - failing
        kept = await self._queue.settle(batch, unchanged=fresh, is_told=is_told)
        ours = {done.parcel.claim.key for done in kept.ours}
        again = self._let_go(batch, ours)
        if len(self._told) > MOST_TOLD:
            self._told.clear()
        self._told |= {done.lane: now for done in kept.ours if done.lane not in fresh | failing}
        for key in failing:
            self._told.pop(key, None)
        self._tell([done for done in batch if done not in again], ours)
        try:
            await self._queue.judge(kept)
        except Refusal as refusal:  # the next failure, or success, says the same again
            self._log.now("health of webhooks not told", reason=refusal.message)
        # Not before: what is raised above has the whole batch settled once more.
        self._done += again

    def _let_go(self, batch: list[Done], ours: set[tuple[int, bytes]]) -> list[Done]:
        """Hold on no longer to what was settled, and answer what is to be settled once more.

        What was claimed anew while this was being written down, and settled nevertheless, is sent by nobody:
        it is given back. If it was not settled, it is still to be, as it is held now.
        """
        again = []
        for done in batch:
            anew = self._holding.release(done.parcel.claim)
            if anew and done.parcel.claim.key in ours:
                self._dropped.append(anew)
            elif anew:
                again.append(done)
        return again

    def _current(self, done: Done) -> Done:
        claim = self._holding.current(done.parcel.claim)
        return structs.replace(done, parcel=structs.replace(done.parcel, claim=claim))

    def _tell(self, batch: list[Done], ours: set[tuple[int, bytes]]) -> None:
        late = [done.parcel.claim.id.hex() for done in batch if done.parcel.claim.key not in ours]
        if late:
            self._log.line("deliveries settled late, and ignored", count=len(late), ids=late[:10])
        faults = [done for done in batch if done.outcome.error is ErrorClass.OURS]
        if faults:
            self._log.line(
                "deliveries put off by a fault of ours",
                count=len(faults),
                reason=faults[0].outcome.sentence,
                next=iso(min(done.settled.run_at for done in faults), "UTC"),
            )


def _bare(done: Done) -> Done:
    """The same with nothing in it that came from outside."""
    outcome = structs.replace(done.outcome, headers=(), body=b"", sentence=UNREADABLE)
    return structs.replace(done, outcome=outcome, settled=structs.replace(done.settled, reason=UNREADABLE))
