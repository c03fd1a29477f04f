"""What a server in development mode lets a test do: found shops, move its clock, break its deliveries."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from till.testing.server import Server
from till.testing.shop import Reply, Shop, send

DEV = "/dev"


class Clock:
    """The clock of the server, which all of it goes by: back-off, lapses, windows, times in answers.

    All shops of a server share it. Tests that run side by side have a server each.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._is_moved = False

    def now(self) -> datetime:
        """What the server takes for now, in UTC."""
        return _moment(call(self._server, "GET", "/clock").json())

    def advance(self, by: str | timedelta) -> datetime:
        """Move it forward by a time such as `"90s"`, `"4h"` or `"2d"`; answers the new one."""
        self._is_moved = True
        return _moment(call(self._server, "POST", "/clock", {"advance": _span(by)}).json())

    def reset(self) -> None:
        """Take it back to the time of the day, if it was moved."""
        if self._is_moved:
            call(self._server, "DELETE", "/clock")
            self._is_moved = False


class Chaos:
    """Faults of deliveries, each for a share `rate` of them and for `topics`, all where none are named."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._is_set = False

    def fail(self, *, rate: float = 1.0, topics: Iterable[str] = (), **more: Any) -> None:
        """Let deliveries fail before they reach anybody."""
        self._set("fail", rate=rate, topics=topics, **more)

    def slow(self, seconds: float, *, rate: float = 1.0, topics: Iterable[str] = (), **more: Any) -> None:
        """Let deliveries take so much longer."""
        self._set("slow", rate=rate, topics=topics, seconds=seconds, **more)

    def duplicate(self, *, rate: float = 1.0, topics: Iterable[str] = (), **more: Any) -> None:
        """Send deliveries twice."""
        self._set("duplicate", rate=rate, topics=topics, **more)

    def reset(self) -> None:
        """No more faults."""
        if self._is_set:
            call(self._server, "DELETE", "/chaos")
            self._is_set = False

    def _set(self, fault: str, *, topics: Iterable[str], **how: Any) -> None:
        self._is_set = True
        call(self._server, "POST", "/chaos", {fault: {"topics": list(topics)} | how})


def found_shop(server: Server, **wishes: Any) -> Shop:
    """A new shop with an app in it that holds every scope."""
    made = call(server, "POST", "/shops", wishes).json()
    return Shop(
        url=f"{server.url}/api/202412",
        handle=made["handle"],
        shop_id=made["shopId"],
        token=made["accessToken"],
        client_id=made["clientId"],
        client_secret=made["clientSecret"],
        scopes=frozenset(made["scope"].split(",")),
    )


def call(server: Server, method: str, path: str, body: Any = None) -> Reply:
    """A call that only a server in development mode answers."""
    reply = send(f"{server.url}{DEV}{path}", method, body)
    if reply.status == 404:
        raise AssertionError(
            f"The server at {server.url} is not in development mode: start it with `till serve --dev`."
        )
    return reply.checked()


def _moment(answer: Any) -> datetime:
    return datetime.fromisoformat(answer["now"]).astimezone(UTC)


def _span(by: str | timedelta) -> str:
    return by if isinstance(by, str) else f"{by.total_seconds():g}s"
