"""One attempt of a parcel: what is posted, what came of it, what follows. Nothing of it ever raises."""

import asyncio
import random
from typing import Protocol

from msgspec import structs

from till.clock import SECOND
from till.deliveries.delivery import Settled, State, after, given_up, tried
from till.deliveries.loading import Parcel
from till.deliveries.outcome import ErrorClass, Outcome, Post
from till.errors import Refusal

# What cannot be made ready is tried again after this: somebody has to mend it first.
MENDED = 300 * SECOND
GONE_FOR_GOOD = "The event is no longer kept, so that nothing can be sent."
STOPPED = "Till was stopped while it was sending. The attempt is not counted."
NOTHING = Post(address="", headers=(), body=b"", timeout=0.0)


class Sends(Protocol):
    """Whatever posts; it never raises anything but a cancellation."""

    async def post(self, post: Post) -> Outcome: ...


async def attempt(parcel: Parcel, sender: Sends, *, at: int, budget: float) -> tuple[Post, Outcome]:
    """Post a parcel, where there is something to post; `budget` is in seconds, for one without its own."""
    post, sentence = NOTHING, parcel.fault
    if parcel.body is None and sentence is None:
        sentence = GONE_FOR_GOOD
    try:
        if sentence is None:
            post = parcel.post(at=at, timeout=budget)
            return post, await sender.post(post)
    except asyncio.CancelledError:
        sentence = STOPPED
    except Exception as error:  # noqa: BLE001 - its place must not be taken for ever
        sentence = sentence_of(error)
    return post, Outcome(error=ErrorClass.OURS, sentence=sentence)


def follow(parcel: Parcel, outcome: Outcome, *, at: int, is_stopping: bool) -> Settled:
    """What becomes of a delivery by an attempt that has ended."""
    if parcel.body is None and parcel.fault is None:
        return given_up(parcel.past, GONE_FOR_GOOD, at=at, state=State.BLOCKED)
    jitter = random.random()  # noqa: S311 - no secret
    settled = after(parcel.past, outcome, schedule=parcel.schedule, at=at, jitter=jitter)
    if parcel.is_test:
        settled = tried(settled, at=at)
    if settled.state is not State.PENDING or settled.counted:
        return settled
    if parcel.fault is not None:
        return structs.replace(settled, run_at=at + MENDED)
    # Whoever takes over from one that is stopped need not wait.
    return structs.replace(settled, run_at=at) if is_stopping else settled


def sentence_of(error: Exception) -> str:
    return error.message if isinstance(error, Refusal) else f"{type(error).__name__}: {error}"
