"""What the composition root lends to the serving of requests."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from till.caller import Caller
from till.clock import Clock
from till.db.port import Database
from till.dialect.pages import PageTokens
from till.keys import Sealer
from till.liquid.faults import Fault
from till.log import Log
from till.shop import Rate, Shop
from till.web.call import Request
from till.web.large import Scales
from till.web.metrics import Metrics
from till.web.recent import Recent
from till.web.seats import Seats
from till.web.tally import Tally
from till.web.wakes import Wakes


class Parse(Protocol):
    """Parses files of a theme, by name, away from this process, and answers what is wrong with them.

    Who asks much in a `lane` waits; others are served meanwhile.
    """

    def __call__(self, files: dict[str, str], *, lane: str) -> Awaitable[list[Fault]]: ...


class PreviewLinks(Protocol):
    """Makes a link that shows a theme of a shop, by its id, and says until when it is good, in microseconds.

    For an editor it names the origin of its page, and the sketch to be shown (till.themes.sketches).
    """

    def __call__(
        self, shop: Shop, theme_id: int, request: Request, at: int, *, editor: str = "", sketch: str = ""
    ) -> tuple[str, int]: ...


class Level(Protocol):
    """How full a token bucket is."""

    def shown(self, size: int) -> str: ...

    def wait(self, *, size: int, refill: int, at: int) -> int: ...


class Buckets(Protocol):
    async def take(self, caller: Caller, rate: Rate, at: int) -> Level | None: ...

    async def look(self, caller: Caller, rate: Rate, at: int) -> Level: ...

    async def give_back(self, caller: Caller, rate: Rate, at: int) -> Level: ...


class Gate(Protocol):
    """Lets a request in as somebody, or refuses it."""

    @property
    def buckets(self) -> Buckets: ...

    async def identify(self, request: Request, *, whole_app: bool = False) -> Caller: ...

    def allow(self, caller: Caller, scopes: Iterable[str]) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The parts of a running server.

    `check_address` answers the canonical form of an address that events may be sent to, or refuses;
    `delivered_kept` is for how many microseconds the record of what was delivered is kept;
    `wakes` is how the parts wake one another inside the process; `recent` is what they did last for
    each app, `tally` counts it; `seats` are for those who wait, `scales` count what is longer than most, and
    `reading` is held while one such body is read. `is_full` says that the disk has no room for
    more writes. Without `parse`, nobody looks into the Liquid of a theme before it is kept; without
    `preview`, no theme can be shown before it is published.
    """

    db: Database
    gate: Gate
    clock: Clock
    mint: Callable[[], int]
    sealer: Sealer
    pages: PageTokens
    check_address: Callable[[str], str]
    delivered_kept: int
    log: Log
    metrics: Metrics
    max_body: int
    body_timeout: float
    wakes: Wakes = field(default_factory=Wakes)
    recent: Recent = field(default_factory=Recent)
    seats: Seats = field(default_factory=Seats)
    scales: Scales = field(default_factory=Scales)
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    tally: Tally = field(default_factory=Tally)
    is_full: Callable[[], bool] = lambda: False
    parse: Parse | None = None
    preview: PreviewLinks | None = None
