"""`till import`: bring orders in from a file, as often as it takes; what is there is not added twice."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import msgspec
import typer

from till import clock
from till.cli.intake import Intake, Tally
from till.cli.lines import Line, lines_of, order_of
from till.cli.options import Data, Database, Json, OfShop, settings_of
from till.cli.outcome import Exit, print_json, stop
from till.cli.progress import Watch, watching
from till.cli.store import Store, with_store
from till.db.port import Tx
from till.orders.order import Order
from till.shop import Shop
from till.shops.store import Shops

app = typer.Typer(no_args_is_help=True)

WATCHED_EVERY = 50


@app.callback()
def importing() -> None:
    """Bring orders in from a file."""


@app.command()
def orders(  # noqa: PLR0913 - an option each
    file: Annotated[
        Path, typer.Argument(help="A file of orders, one JSON object a line; - is standard input.")
    ],
    shop: OfShop,
    *,
    errors: Annotated[
        Path | None, typer.Option(help="Where refused lines are told.", show_default="FILE.errors.jsonl")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, write nothing.")] = False,
    data: Data = None,
    database: Database = None,
    json: Json = False,
) -> None:
    """Add the orders of a file to a shop, as `POST /orders` would; those that it has are skipped.

    An order is recognised by its sourceName and sourceIdentifier. A run that was broken off is
    taken up by running it again, also while a server is at work.
    """
    settings = settings_of(data=data, database=database)
    told, tally, began = errors or _beside(file), Tally(), time.monotonic()

    async def bring(store: Store) -> None:
        place = await store.db.read(_finding(shop))
        with _opened(file) as (source, size), _telling(told) as tell, watching(size) as watch:
            async with store.minting() as mint:

                def read(text: bytes) -> Order:
                    return order_of(text, shop=place, mint=mint, at=clock.now())

                lines = lines_of(source, read, settings.max_body)
                intake = Intake(store.db, place, tally, mint=mint, dry=dry_run)
                await intake.take_all(_watched(lines, tally, source, watch), tell)

    try:
        with_store(settings, bring)
    except KeyboardInterrupt:
        stop(f"Broken off after {tally.done:,} orders; the same command takes it up again.")
    facts = tally.shown() | {
        "dryRun": dry_run,
        "errors": str(told) if tally.refused else None,
        "seconds": round(time.monotonic() - began, 1),
    }
    _report(facts, json=json)


def _finding(handle: str) -> Callable[[Tx], Any]:
    async def find(tx: Tx) -> Shop:
        return await Shops(tx).find(handle)

    return find


def _beside(file: Path) -> Path:
    return Path("orders.errors.jsonl") if str(file) == "-" else Path(f"{file}.errors.jsonl")


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[tuple[BinaryIO, int | None]]:
    """The file, and its size where it has one."""
    if str(file) == "-":
        yield sys.stdin.buffer, None
        return
    with file.open("rb") as source:
        yield source, file.stat().st_size if file.is_file() else None


@contextlib.contextmanager
def _telling(path: Path) -> Iterator[Callable[[Line], None]]:
    """A file of what was refused; it is there only when something was."""
    with contextlib.ExitStack() as stack:
        path.unlink(missing_ok=True)
        opened: list[BinaryIO] = []

        def tell(line: Line) -> None:
            if not opened:
                opened.append(stack.enter_context(path.open("wb")))
            if line.refusal is not None:
                why = {"line": line.number, "error": line.refusal.message, "errors": line.refusal.fields}
                opened[0].write(msgspec.json.encode(why) + b"\n")

        yield tell


def _watched(lines: Iterator[Line], tally: Tally, source: BinaryIO, watch: Watch) -> Iterator[Line]:
    for line in lines:
        if line.number % WATCHED_EVERY == 0:
            watch(tally.done, source.tell() if source.seekable() else 0)
        yield line


def _report(facts: dict[str, Any], *, json: bool) -> None:
    """Say what became of every order; leaves with 1 where one was refused."""
    if json:
        print_json(facts)
    else:
        for sentence in _sentences(facts):
            typer.echo(sentence)
    if facts["refused"]:
        raise typer.Exit(Exit.FAILED)


def _sentences(facts: dict[str, Any]) -> Iterator[str]:
    money = ", ".join(f"{amount} {currency}" for currency, amount in facts["money"].items())
    verb = "Would add" if facts["dryRun"] else "Added"
    yield (
        f"{verb} {facts['orders']:,} orders with {facts['lines']:,} lines"
        f"{f' over {money}' if money else ''} in {facts['seconds']} s."
    )
    if facts["skipped"]:
        yield f"Skipped {facts['skipped']:,} that the shop has."
    if facts["withoutSourceIdentifier"]:
        yield (
            f"{facts['withoutSourceIdentifier']:,} have no sourceIdentifier: they cannot be recognised, so "
            "another run would add them again."
        )
    if facts["refused"]:
        yield f"Refused {facts['refused']:,}: {facts['errors']} says which and why."
