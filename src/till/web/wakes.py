"""What wakes those who wait inside this process: a write, a turn of the clock, the end of serving."""

import asyncio


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


class Wakes:
    """The signals of one serving process.

    `written` rings after each write that was made through the API of this process; what other
    processes write must be looked for. `turned` rings when the clock was set (development mode): what
    sleeps until a moment of that clock must then look at it anew. `stopped` rings once the server
    shall stop, and the others with it, so that whoever waits comes to an end.
    """

    def __init__(self) -> None:
        self.written = Signal()
        self.turned = Signal()
        self.stopped = Signal()

    @property
    def ending(self) -> bool:
        return self.stopped.rung > 0

    def end(self) -> None:
        """Tell everybody that serving is over."""
        for each in (self.stopped, self.written, self.turned):
            each.ring()
