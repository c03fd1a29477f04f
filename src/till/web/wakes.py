"""What wakes those who wait inside this process: a write, a turn of the clock, the end of serving."""

import asyncio
from collections.abc import Hashable
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

Key = TypeVar("Key", bound=Hashable)


class Signal:
    """Wakes all that wait for it; `rung` tells whether it was given since somebody last looked."""

    def __init__(self) -> None:
        self.rung = 0
        self._next: asyncio.Event | None = None

    def ring(self) -> None:
        """Wake everybody; to be called on the loop that they wait on."""
        self.rung += 1
        waiting, self._next = self._next, None
        if waiting is not None:
            waiting.set()

    async def wait(self, seconds: float, *, since: int | None = None) -> bool:
        """True once it rings, or at once if it did after `rung` was `since`; False after `seconds`."""
        if since is not None and self.rung != since:
            return True
        if self._next is None:
            self._next = asyncio.Event()
        waiting = self._next
        try:
            async with asyncio.timeout(seconds):
                await waiting.wait()
        except TimeoutError:
            return False
        return True


class Signals(Generic[Key]):
    """A signal for each key, which is there as long as somebody holds it."""

    def __init__(self) -> None:
        self._kept: WeakValueDictionary[Key, Signal] = WeakValueDictionary()

    def of(self, key: Key) -> Signal:
        """The signal of a key, to be held for as long as its ringing is to be heard."""
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = Signal()
        return found

    def held(self) -> list[Key]:
        """The keys that somebody holds the signal of."""
        return list(self._kept)

    def ring(self, key: Key) -> None:
        """Wake those who wait for this key, and nobody else."""
        found = self._kept.get(key)
        if found is not None:
            found.ring()

    def ring_all(self) -> None:
        """Wake everybody."""
        for each in list(self._kept.values()):
            each.ring()


class Wakes:
    """The signals of one serving process.

    `written` rings after each write that was made through the API of this process, and `shops` that of
    its shop alone: for those who read its events, which may be many. The latter also rings soon after
    anybody else wrote events (till.deliveries.following). `turned` rings when the clock was set
    (development mode): what sleeps until a moment of that clock must then look at it anew. `stopped`
    rings once the server shall stop, and the others with it, so that whoever waits comes to an end.
    """

    def __init__(self) -> None:
        self.written = Signal()
        self.shops: Signals[int] = Signals()
        self.turned = Signal()
        self.stopped = Signal()

    @property
    def ending(self) -> bool:
        return self.stopped.rung > 0

    def wrote(self, shop_id: int) -> None:
        """Tell that something was written in a shop."""
        self.written.ring()
        self.shops.ring(shop_id)

    def end(self) -> None:
        """Tell everybody that serving is over."""
        for each in (self.stopped, self.written, self.turned):
            each.ring()
        self.shops.ring_all()
