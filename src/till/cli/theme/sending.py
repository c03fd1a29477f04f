"""Brings files up in as few batches as the server takes, each of them whole or not at all."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import typer

from till.cli.remote import Json
from till.cli.theme.client import LARGEST, Shelf, Theme, as_asset, as_deletion
from till.cli.theme.folder import Folder, checksum
from till.cli.theme.plan import Plan, Sums

# What others lean on comes first where a push takes more than one batch, and the settings come last.
ORDER = (
    "assets/",
    "locales/",
    "config/settings_schema.json",
    "snippets/",
    "blocks/",
    "sections/",
    "layout/",
    "templates/",
    "config/",
)


class Sent(msgspec.Struct):
    """What a push came to: the checksums of what went up, and the version that the theme has now."""

    files: Sums
    deleted: tuple[str, ...] = ()
    version: Any = None
    batches: int = 0


def send(  # noqa: PLR0913 - what goes, whence, whither, and how
    shelf: Shelf,
    theme: Theme,
    folder: Folder,
    plan: Plan,
    there: Sums,
    *,
    force: bool = False,
    largest: int = LARGEST,
    tell: Callable[[str], None] = lambda said: typer.echo(said, err=True),
) -> Sent:
    """Carry a plan out. Each change names the checksum it is about, so that none meanwhile is lost.

    A file that was saved after the plan was made goes up as it is now.
    """
    sent = Sent(files={})
    assets = [
        (name, content, as_asset(name, content, None if force else there.get(name, "")))
        for name in sorted(plan.put, key=_rank)
        if (content := folder.read(name)) is not None
    ]
    batches = list(_batches(assets, largest))
    if len(batches) > 1:
        tell(f"{len(plan.put):,} files are more than one request may hold: {len(batches)} batches go up.")
    for index, batch in enumerate(batches or [[]]):
        is_last = index == len(batches or [[]]) - 1
        gone = (
            [as_deletion(name, None if force else there.get(name)) for name in plan.delete] if is_last else []
        )
        answer = shelf.batch(theme, [asset for _, _, asset in batch], gone)
        sent.files |= {name: checksum(content) for name, content, _ in batch}
        sent.version = answer["theme"]["version"]
        sent.batches += 1
        if is_last:
            sent.deleted = plan.delete
    return sent


def _batches(
    assets: Sequence[tuple[str, bytes, Json]], largest: int
) -> Iterator[list[tuple[str, bytes, Json]]]:
    batch: list[tuple[str, bytes, Json]] = []
    size = 0
    for each in assets:
        weight = len(msgspec.json.encode(each[2]["context"])) + 200
        if batch and size + weight > largest:
            yield batch
            batch, size = [], 0
        batch.append(each)
        size += weight
    if batch:
        yield batch


def _rank(name: str) -> tuple[int, bool, str]:
    place = next((index for index, start in enumerate(ORDER) if name.startswith(start)), len(ORDER))
    return place, name.endswith(".json"), name
