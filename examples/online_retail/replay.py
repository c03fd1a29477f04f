"""Send converted orders to a Genstore API, as a sales channel would, and refund what came back."""

import argparse
import asyncio
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

ROOT = "/api/202412"
SOURCE = "online-retail"
PATIENCE = 8
WAIT = 1.0
T = TypeVar("T")
AGAIN = (409, 429, 503)  # still at work on it, too fast, or the store is away


class GaveUp(Exception):
    """The server did not take a request, however often it was sent."""


@dataclass(frozen=True, slots=True)
class Back:
    """What one cancellation takes back of one order: units by line item, counted from 0."""

    invoice: str
    at: str
    order: str
    units: Counter[int]

    def asked(self, order: dict[str, Any]) -> dict[str, Any]:
        """The refund to ask for; what it comes to is the server's to say."""
        return {
            "orderId": order["id"],
            "note": f"Cancellation {self.invoice} of {self.at[:10]}",
            "lineItems": [
                {
                    "lineItemId": order["lineItems"][index]["id"],
                    "quantity": quantity,
                    "restockType": "return",
                    "rightsReason": f"cancelled on invoice {self.invoice}",
                }
                for index, quantity in sorted(self.units.items())
            ],
        }


class Channel:
    """One sales channel with its access token; it may send anything again, and changes nothing twice."""

    def __init__(self, session: aiohttp.ClientSession, waits: Counter[str]) -> None:
        self._session = session
        self._waits = waits
        self.refunded = Decimal("0.00")

    async def create(self, order: dict[str, Any]) -> str:
        key = f"{order['sourceName']}:{order['sourceIdentifier']}"
        status, answer, replayed = await self._send("POST", "/orders", key=key, body={"order": order})
        if status != 200:
            return refused(key, status, answer)
        return "replayed" if replayed else "created"

    async def refund(self, back: "Back") -> str:
        """Find the order by its channel's own number, and refund the units that came back."""
        named = {"sourceName": SOURCE, "sourceIdentifier": back.order, "fields": "id,lineItems"}
        key = f"{SOURCE}:{back.invoice}:{back.order}"
        status, answer, _ = await self._send("GET", "/orders", query=named)
        if status != 200:
            return refused(key, status, answer)
        if not answer["orders"]:
            return "notFound"
        body = {"refund": back.asked(answer["orders"][0])}
        status, answer, replayed = await self._send("POST", "/refunds", key=key, body=body)
        if status != 200:
            return refused(key, status, answer)
        if replayed:
            return "replayed"
        self.refunded += Decimal(answer["refund"]["amount"])
        return "refunded"

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
    """Send all orders, then all refunds, some at a time; answers what became of them."""
    waits: Counter[str] = Counter()
    async with aiohttp.ClientSession(
        options.url.rstrip("/"),
        headers={"X-Genstore-Access-Token": options.token},
        connector=aiohttp.TCPConnector(limit=options.concurrency),
    ) as session:
        channel = Channel(session, waits)
        report: dict[str, Any] = {
            "orders": await send_all(options.orders, lines, channel.create, options.concurrency, progress)
        }
        if options.cancellations:
            refunds = await send_all(
                options.cancellations, backs, channel.refund, options.concurrency, progress
            )
            report["refunds"] = refunds | {"amount": str(channel.refunded)}
            report["notMatched"] = not_matched(options.cancellations)
    return report | {"sentAgain": dict(waits)}


async def send_all(
    path: Path,
    read: Callable[[Path], Iterator[T]],
    send: Callable[[T], Awaitable[str]],
    concurrency: int,
    progress: Progress,
) -> dict[str, Any]:
    """Send what is in a file; `concurrency` are under way at once, and no more are held."""
    found: Counter[str] = Counter()
    task = progress.add_task(path.name, total=sum(1 for _ in read(path)))
    source = read(path)

    async def work() -> None:
        for each in source:  # the next that no other has taken
            found[await send(each)] += 1
            progress.advance(task)

    async with asyncio.TaskGroup() as group:
        for _ in range(concurrency):
            group.create_task(work())
    return dict(sorted(found.items()))


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a file."""
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def backs(path: Path) -> Iterator[Back]:
    """Of each cancellation, a refund for each order that it takes something back of."""
    for cancellation in lines(path):
        found: dict[str, Counter[int]] = {}
        for line in cancellation["lines"]:
            if line["order"] is not None:
                units = found.setdefault(line["order"], Counter())
                for some in line["units"]:
                    units[some["lineItem"]] += some["quantity"]
        for order, units in found.items():
            yield Back(cancellation["invoice"], cancellation["createdAt"], order, units)


def not_matched(path: Path) -> dict[str, Any]:
    """The cancelled lines that stand in no earlier order: how many, what they come to, and why."""
    count: Counter[str] = Counter()
    value: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in (line for cancellation in lines(path) for line in cancellation["lines"]):
        if line["order"] is None:
            count[line["missed"]] += 1
            value[line["missed"]] += Decimal(line["price"]) * line["quantity"]
    reasons = {reason: {"lines": count[reason], "sum": f"{value[reason]:.2f}"} for reason in sorted(count)}
    return {"lines": count.total(), "sum": f"{sum(value.values()):.2f}", "reasons": reasons}


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
