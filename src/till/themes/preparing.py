"""Making files ready to be kept, before any transaction: checked, parsed away from this process, packed."""

import asyncio
from collections.abc import Iterator, Mapping

from till.fence.limits import Breached
from till.liquid.faults import Fault, fatal
from till.themes import content, files
from till.themes.blobs import Piece, piece_of
from till.themes.files import Faults
from till.web.services import Parse

# One parse is given so much text, for it may only take so long; so many go on beside one another.
PARSED_AT_ONCE = 256 * 1024
BESIDE = 2


async def prepared(
    contents: Mapping[str, bytes], parse: Parse | None, *, shop_id: int, at: int
) -> list[Piece]:
    """The files of `contents`, by name, ready for `Themes`.

    Raises `BadThemeFiles` that names every file which cannot be kept, and with its line where Liquid is
    wrong. Without `parse` Liquid is not looked at; with it the shops take turns.
    """
    faults, pieces = await asyncio.to_thread(_ready, contents, at)
    if parse is not None:
        for fault in fatal(await _parsed(list(_portions(contents, faults)), parse, str(shop_id))):
            hint = f" (did you mean {fault.hint!r}?)" if fault.hint else ""
            said = f"line {fault.line}: {fault.message}{hint}" if fault.line else fault.message
            faults.setdefault(fault.file, []).append(f"cannot be read, {said}")
    files.refuse(faults)
    return pieces


async def _parsed(portions: list[dict[str, str]], parse: Parse, lane: str) -> list[Fault]:
    """What is wrong with all the files, in their order."""
    seats = asyncio.Semaphore(BESIDE)

    async def one(some: dict[str, str]) -> list[Fault]:
        async with seats:
            try:
                return await parse(some, lane=lane)
            except Breached:
                return await _blame(some, parse, lane)

    return [fault for found in await asyncio.gather(*map(one, portions)) for fault in found]


async def _blame(some: dict[str, str], parse: Parse, lane: str) -> list[Fault]:
    """The first of some files with which parsing had to be stopped."""
    for name, text in some.items():
        try:
            await parse({name: text}, lane=lane)
        except Breached as breach:
            return [Fault(name, breach.line, "limit", breach.message)]
    return []


def _ready(contents: Mapping[str, bytes], at: int) -> tuple[Faults, list[Piece]]:
    faults: Faults = {}
    pieces = []
    for name, body in contents.items():
        fault = files.name_fault(name) or files.size_fault(name, len(body))
        said = [fault] if fault else content.faults_of(name, body)
        if said:
            faults[name] = said
        else:
            pieces.append(piece_of(name, body, at=at))
    return faults, pieces


def _portions(contents: Mapping[str, bytes], faults: Faults) -> Iterator[dict[str, str]]:
    """The Liquid files without a fault, as much of them at a time as one parse may take."""
    some: dict[str, str] = {}
    size = 0
    for name, body in contents.items():
        if name in faults or not name.endswith(".liquid"):
            continue
        if some and size + len(body) > PARSED_AT_ONCE:
            yield some
            some, size = {}, 0
        some[name] = body.decode()
        size += len(body)
    if some:
        yield some
