"""What a server in development mode lets a test do: found shops, move its clock, break its deliveries."""

import math
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from till.testing.server import Server
from till.testing.shop import PROOF, Reply, Shop, send


def found_shop(server: Server, **wishes: Any) -> Shop:
    """A new shop with an app in it, which holds every scope and has no rate limit.

    `wishes` are those of `POST /dev/shops` that shall be otherwise, e.g. `currency="JPY"`,
    `scopes=["read_orders"]`, `partner=True`.
    """
    made = call(server, "POST", "/shops", wishes).checked().json()
    return Shop(
        url=f"{server.url}/api/202412",
        handle=made["shop"],
        shop_id=made["shopId"],
        token=made["accessToken"],
        client_id=made["clientId"],
        client_secret=made["clientSecret"],
    )


class Clock:
    """The clock of the server, which all of it goes by: back-off, lapses, windows, times in answers.

    All shops of a server share it. Tests that run side by side under xdist have a server each.
    `before` is done each time before it is set forward.
    """

    def __init__(self, server: Server, *, before: Callable[[], object] | None = None) -> None:
        self._server = server
        self._before = before
        self._is_moved = False

    def now(self) -> datetime:
        """What the server takes for now, in UTC."""
        return _moment(call(self._server, "GET", "/clock"))

    def advance(self, by: str | timedelta) -> datetime:
        """Set it forward by a time such as `"90s"`, `"4h"` or `"2d"`; answers the new one."""
        if self._before is not None:
            self._before()
        self._is_moved = True
        return _moment(call(self._server, "POST", "/clock", {"advance": _span(by)}))

    def reset(self) -> None:
        """Go by the real time again.

        A server refuses that once something has happened in its future; then it goes on with an empty
        store. One that was named with --till-url stays ahead instead.
        """
        if not self._is_moved:
            return
        self._is_moved = False
        if call(self._server, "POST", "/clock", {"reset": True}).status >= 400:
            self._server.renew()


class Chaos:
    """Faults of deliveries, each for a share of them from 0 to 1, of `topics`, or of all where none is named.

    Each call replaces what was set before; `set` combines several. The same `seed` deals the same fate
    to the same attempt of the same delivery.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._is_set = False

    def set(self, *, topics: Iterable[str] = (), seed: int = 0, **shares: float) -> None:
        """Set several at once: `fail`, `slow` with `slowSeconds`, `duplicate`, `reorder`."""
        self._is_set = True
        wish = {"topics": list(topics), "seed": seed} | shares
        call(self._server, "POST", "/chaos", wish).checked()

    def fail(self, rate: float = 1.0, *, topics: Iterable[str] = (), seed: int = 0) -> None:
        """Let attempts fail before they reach anybody."""
        self.set(fail=rate, topics=topics, seed=seed)

    def slow(self, seconds: float, rate: float = 1.0, *, topics: Iterable[str] = (), seed: int = 0) -> None:
        """Let attempts take so many seconds longer."""
        self.set(slow=rate, slowSeconds=seconds, topics=topics, seed=seed)

    def duplicate(self, rate: float = 1.0, *, topics: Iterable[str] = (), seed: int = 0) -> None:
        """Post the same attempt twice."""
        self.set(duplicate=rate, topics=topics, seed=seed)

    def reorder(self, rate: float = 1.0, *, topics: Iterable[str] = (), seed: int = 0) -> None:
        """Hold attempts back by 0.3 to 1.5 seconds, so that later ones pass them."""
        self.set(reorder=rate, topics=topics, seed=seed)

    def reset(self) -> None:
        """No more faults."""
        if self._is_set:
            call(self._server, "DELETE", "/chaos").checked()
            self._is_set = False


def call(server: Server, method: str, path: str, body: Any = None) -> Reply:
    """A call that only a server in development mode answers."""
    reply = send(f"{server.url}/dev{path}", method, body, PROOF)
    if reply.status == 404:
        raise AssertionError(
            f"The server at {server.url} is not in development mode: start it with `till serve --dev`."
        )
    return reply


def _moment(answer: Reply) -> datetime:
    return datetime.fromisoformat(answer.checked().json()["now"]).astimezone(UTC)


def _span(by: str | timedelta) -> str:
    return by if isinstance(by, str) else f"{math.ceil(by.total_seconds())}s"
