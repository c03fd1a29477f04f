"""Send converted orders and their cancellations to a Genstore API, as a sales channel would."""

import argparse
import asyncio
import json
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

ROOT = "/api/202412"
SOURCE = "online-retail"
PATIENCE = 8
WAIT = 1.0
AGAIN = (409, 429, 503)  # still at work on it, too fast, or the store is away


class GaveUp(Exception):
    """The server did not take a request, however often it was sent."""


class Channel:
    """One sales channel with its access token; it may send anything again, and changes nothing twice."""

    def __init__(self, session: aiohttp.ClientSession, waits: Counter[str]) -> None:
        self._session = session
        self._waits = waits

    async def create(self, order: dict[str, Any]) -> str:
        key = f"{order['sourceName']}:{order['sourceIdentifier']}"
        status, answer, replayed = await self._send("POST", "/orders", key=key, body={"order": order})
        if status != 200:
            return refused(key, status, answer)
        return "replayed" if replayed else "created"

    async def cancel(self, cancellation: dict[str, Any]) -> str:
        """Find the order by its channel's own number, and cancel it."""
        named = {
            "sourceName": SOURCE,
            "sourceIdentifier": cancellation["cancels"],
            "fields": "id,cancelledAt",
        }
        status, answer, _ = await self._send("GET", "/orders", query=named)
        if status != 200:
            return refused(cancellation["cancels"], status, answer)
        found = answer["orders"]
        if not found:
            return "notFound"
        if found[0]["cancelledAt"]:
            return "cancelledBefore"
        path, body = f"/orders/{found[0]['id']}/cancel", {"reason": "customer", "refund": True}
        key = f"{SOURCE}:{cancellation['invoice']}"
        status, answer, _ = await self._send("POST", path, key=key, body=body)
        return "cancelled" if status == 200 else refused(key, status, answer)

    async def _send(
        self, method: str, path: str, *, key: str = "", body: Any = None, query: Any = None
    ) -> tuple[int, Any, bool]:
        """One request, sent again for as long as the answer may become another."""
        headers = {"Idempotency-Key": key} if key else {}
        reason = ""
        for _ in range(PATIENCE):
            try:
                async with self._session.request(
                    method, ROOT + path, json=body, params=query, headers=headers
                ) as answer:
                    if answer.status not in AGAIN:
                        replayed = answer.headers.get("Idempotency-Replayed") == "true"
                        return answer.status, await answer.json(), replayed
                    reason = str(answer.status)
                    pause = float(answer.headers.get("Retry-After", WAIT))
            except (aiohttp.ClientConnectionError, TimeoutError) as error:
                reason, pause = type(error).__name__, WAIT
            self._waits[reason] += 1
            await asyncio.sleep(pause)
        raise GaveUp(f"{method} {path} was sent {PATIENCE} times, and last failed with {reason}")


def refused(what: str, status: int, answer: Any) -> str:
    print(f"{what}: {status} {answer.get('error', '')}", file=sys.stderr)
    return "refused"


async def replay(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Send all orders, then all cancellations, some at a time; answers what became of them."""
    waits: Counter[str] = Counter()
    async with aiohttp.ClientSession(
        options.url.rstrip("/"),
        headers={"X-Genstore-Access-Token": options.token},
        connector=aiohttp.TCPConnector(limit=options.concurrency),
    ) as session:
        channel = Channel(session, waits)
        report: dict[str, Any] = {
            "orders": await send_all(options.orders, channel.create, options.concurrency, progress)
        }
        if options.cancellations:
            report["cancellations"] = await send_all(
                options.cancellations, channel.cancel, options.concurrency, progress
            )
    return report | {"sentAgain": dict(waits)}


async def send_all(
    path: Path, send: Callable[[dict[str, Any]], Awaitable[str]], concurrency: int, progress: Progress
) -> dict[str, int]:
    """Send each line of a file; `concurrency` are under way at once, and no more are held."""
    found: Counter[str] = Counter()
    task = progress.add_task(path.name, total=sum(1 for _ in lines(path)))
    source = lines(path)

    async def work() -> None:
        for line in source:  # the next that no other has taken
            found[await send(line)] += 1
            progress.advance(task)

    async with asyncio.TaskGroup() as group:
        for _ in range(concurrency):
            group.create_task(work())
    return dict(sorted(found.items()))


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a file; of the cancellations only those of whole orders."""
    with path.open(encoding="utf-8") as file:
        for text in file:
            found: dict[str, Any] = json.loads(text)
            if found.get("cancels", True):
                yield found


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True, help="where the API is, e.g. http://127.0.0.1:8080")
    parser.add_argument(
        "--token", required=True, help="access token with write_orders; - reads standard input"
    )
    parser.add_argument("--orders", type=Path, required=True, help="orders.jsonl of convert.py")
    parser.add_argument("--cancellations", type=Path, help="cancellations.jsonl of convert.py")
    parser.add_argument("--concurrency", type=int, default=8, help="requests under way at once (8)")
    options = parser.parse_args()
    if options.token == "-":  # noqa: S105 - a dash is no secret
        options.token = sys.stdin.readline().strip()
    return options


def main() -> int:
    options = read_arguments()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    report: dict[str, Any] = {}
    try:
        with Progress(*columns, console=Console(stderr=True)) as progress:
            report = asyncio.run(replay(options, progress))
    except* (GaveUp, OSError, json.JSONDecodeError) as failed:
        for error in failed.exceptions:
            print(f"replay: {error}", file=sys.stderr)
    if report:
        print(json.dumps(report))
    return int(not report or any("refused" in part for part in report.values()))


if __name__ == "__main__":
    sys.exit(main())
