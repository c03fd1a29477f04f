"""Asks at a steady rate, whatever the answers take, as events happen in the world."""

import asyncio
import itertools
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.request import Request, urlopen

import aiohttp
import uvloop

from bench.load import NotAnswered

Ask = Callable[[int], tuple[str, dict[str, str], bytes]]


def paced(ask: Ask, *, rate: int, seconds: float) -> None:
    """Post what `ask` makes of each number, `rate` times a second; `rate * seconds` times in all."""
    uvloop.run(_paced(ask, rate, seconds))


async def _paced(ask: Ask, rate: int, seconds: float) -> None:
    async with aiohttp.ClientSession(trust_env=False) as session, asyncio.TaskGroup() as group:
        began = time.perf_counter()
        for number in range(int(rate * seconds)):
            await asyncio.sleep(began + number / rate - time.perf_counter())
            group.create_task(_post(session, *ask(number)))


async def _post(session: aiohttp.ClientSession, url: str, headers: dict[str, str], body: bytes) -> None:
    async with session.post(url, data=body, headers=headers) as answer:
        said = await answer.read()
        if answer.status not in (200, 201):
            raise NotAnswered(f"{url}: {answer.status} {said[:300].decode()}")


def triggered_now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


class Sink:
    """What `bench.sink` saw."""

    def __init__(self, url: str) -> None:
        self.url = url

    def seen(self) -> list[tuple[int, int]]:
        """The moments of arrival and trigger of what came since this was last asked."""
        with urlopen(f"{self.url}/seen") as answer:
            return [(at, since) for at, since in json.load(answer)]

    def wait_for(self, count: int, patience: float = 120.0) -> list[tuple[int, int]]:
        """All that came, once it is so many; `NotAnswered` when they do not come."""
        found: list[tuple[int, int]] = []
        until = time.monotonic() + patience
        while len(found) < count:
            if time.monotonic() > until:
                raise NotAnswered(f"{len(found)} of {count} deliveries came within {patience:g} s")
            time.sleep(0.05)
            found += self.seen()
        return found


def within(seen: list[tuple[int, int]], share: float) -> float:
    """The milliseconds from trigger to arrival within which this share came."""
    took = sorted(at - since for at, since in seen)
    return took[int(share * (len(took) - 1))] / 1_000


def asks(url: str, token: str, bodies: list[bytes]) -> Ask:
    """Orders to be created, one after the other."""
    headers = {"X-Genstore-Access-Token": token, "Content-Type": "application/json"}
    endless: Iterator[bytes] = itertools.cycle(bodies)
    return lambda _: (url, headers, next(endless))


def api(url: str, token: str, method: str, path: str, body: Any = None) -> Any:
    """One call of Till's API; its answer."""
    asked = Request(
        f"{url}/api/202412{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"X-Genstore-Access-Token": token, "Content-Type": "application/json"},
    )
    with urlopen(asked) as answer:
        return json.load(answer)
