"""Bad weather for deliveries, in development mode: some fail, come late, come twice, or out of turn.

Who receives webhooks finds out with it whether he is patient, idempotent and minds the versions.
"""

import asyncio
import hashlib
from typing import Protocol

from msgspec import Struct, field

from till.clock import SECOND
from till.deliveries.outcome import ErrorClass, Outcome, Post, Timings

ID, ATTEMPT, TOPIC = "X-Genstore-Webhook-Id", "X-Genstore-Delivery-Attempt", "X-Genstore-Topic"
# Those that are sent out of turn wait between so many seconds, so that others pass them.
LATE_BETWEEN = (0.3, 1.5)
FAULTS = (
    Outcome(status=500, error=ErrorClass.STATUS, sentence="Chaos: the receiver answered 500."),
    Outcome(status=503, error=ErrorClass.STATUS, sentence="Chaos: the receiver answered 503."),
    Outcome(error=ErrorClass.CONNECT, sentence="Chaos: the connection was refused."),
    Outcome(error=ErrorClass.RESET, sentence="Chaos: the connection was reset."),
)


class Fate(Struct, frozen=True, kw_only=True):
    """What happens to one attempt; `fault` stands in place of sending it, times are in seconds."""

    fault: Outcome | None = None
    slow: float = 0.0
    late: float = 0.0
    twice: bool = False


class Chaos(Struct, frozen=True, kw_only=True):
    """How often what happens, as shares from 0 to 1; of all topics where none are named.

    The same seed deals the same fate to the same attempt of the same delivery.
    """

    fail: float = 0.0
    slow: float = 0.0
    slow_seconds: float = 2.0
    duplicate: float = 0.0
    reorder: float = 0.0
    seed: int = 0
    topics: tuple[str, ...] = ()

    def fate(self, delivery: str, attempt: str, topic: str) -> Fate:
        """What happens to that attempt."""
        if self.topics and topic not in self.topics:
            return Fate()
        told = hashlib.blake2b(f"{self.seed}\0{delivery}\0{attempt}".encode(), digest_size=48).digest()
        dice = [int.from_bytes(told[at : at + 8], "big") / 2**64 for at in range(0, 48, 8)]
        least, most = LATE_BETWEEN
        return Fate(
            fault=FAULTS[int(dice[1] * len(FAULTS))] if dice[0] < self.fail else None,
            slow=self.slow_seconds if dice[2] < self.slow else 0.0,
            twice=dice[3] < self.duplicate,
            late=least + dice[5] * (most - least) if dice[4] < self.reorder else 0.0,
        )


class Done(Struct):
    """What was done so far, so that it can be held against what the receiver saw."""

    sent: int = 0
    failed: int = 0
    slowed: int = 0
    duplicated: int = 0
    reordered: int = 0


class Weather(Struct):
    """The chaos of a server as it is now, and what it has done since it was last set."""

    chaos: Chaos = Chaos()
    done: Done = field(default_factory=Done)

    def set(self, chaos: Chaos) -> None:
        self.chaos, self.done = chaos, Done()


class Posts(Protocol):
    """What sends, such as `till.deliveries.sender.Sender`."""

    async def post(self, post: Post) -> Outcome: ...


class ChaosSender:
    """Sends through another sender, as the weather is."""

    def __init__(self, sender: Posts, weather: Weather) -> None:
        self._sender = sender
        self._weather = weather

    async def post(self, post: Post) -> Outcome:
        """As the sender's own; an attempt that shall fail is not sent at all."""
        told = dict(post.headers)
        fate = self._weather.chaos.fate(told.get(ID, ""), told.get(ATTEMPT, ""), told.get(TOPIC, ""))
        done = self._weather.done
        if fate.fault is not None:
            done.failed += 1
            return fate.fault
        if fate.late:
            done.reordered += 1
            await asyncio.sleep(fate.late)
        if fate.slow:
            done.slowed += 1
            await asyncio.sleep(min(fate.slow, post.timeout))
            if fate.slow >= post.timeout:
                return Outcome(
                    error=ErrorClass.TIMEOUT,
                    sentence=f"Chaos: there was no answer within {post.timeout:g} s.",
                    timings=Timings(total=int(post.timeout * SECOND)),
                )
        done.sent += 1
        outcome = await self._sender.post(post)
        if fate.twice:
            done.duplicated += 1
            await self._sender.post(post)
        return outcome
