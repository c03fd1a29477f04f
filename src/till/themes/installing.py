"""Installing the packages that wait: INIT becomes SUCCESS, or FAIL with a reason (genstore.md §10.2).

    waiting ──claim──▶ looked through ──▶ content kept, some at a time ──▶ one transaction: version 1, SUCCESS

Any number of processes may do this at once. One that dies in the midst leaves a lease that runs out, and
content that nothing refers to; whoever takes it up begins anew, and finds the content there.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from msgspec import Struct

from till.clock import SECOND, Clock
from till.db.port import Database, Tx
from till.errors import Invalid, Unavailable
from till.log import Log
from till.shops.store import Shops
from till.themes import files
from till.themes.blobs import Blobs, Piece
from till.themes.installing_uploads import LEASE, Held, Upload, claim, due
from till.themes.package import Package, survey
from till.themes.package_refused import no
from till.themes.preparing import prepared
from till.themes.store import Themes
from till.themes.theme import Status, Theme, ThemeNotFound
from till.web.services import Parse

AT_ONCE = 20
# So many shops are served beside one another, and so often it is looked for another, in seconds.
BESIDE = 4
LOOK = 1.0
RENEW_SECONDS = LEASE / SECOND / 3
# So much is unpacked, made ready and kept at a time.
BATCH = 8 << 20
# A package whose installing ended so often before it was done is not taken up again.
MOST_ATTEMPTS = 10
# After so many seconds an address is asked again that did not answer.
AGAIN = (5, 30, 120)
# After so many seconds a package is taken up again that this server, or its store, had no room for.
PAUSE = 15
ROUNDS = 3
LONGEST_REASON = 1_000

# Answers the content at an address; raises `Invalid` where it will never come, `NotNow` where it may later.
Fetch = Callable[[str], Awaitable[bytes]]


class NotNow(Unavailable):
    """A package could not be fetched, but may be later."""


class _Lost(Exception):
    """Somebody else works on the package, or its theme is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installer:
    """What installs packages; `told` is called with the shop in which something happened.

    `parse` looks Liquid through, apart from this process; without it that is not done.
    """

    db: Database
    clock: Clock
    fetch: Fetch
    parse: Parse | None
    log: Log
    told: Callable[[int], None]

    async def install_due(self) -> int:
        """Install all packages that nobody works on; answers how many were taken up.

        A few shops are served beside one another, each one package at a time, so that none waits for the
        slow server of another.
        """
        count, busy = 0, dict[int, asyncio.Task[None]]()
        async with asyncio.TaskGroup() as group:
            while True:
                rows = await self.db.read(partial(due, at=self.clock(), most=AT_ONCE))
                for shop_id, theme_id in [row for row in rows if row[0] not in busy][: BESIDE - len(busy)]:
                    busy[shop_id] = group.create_task(self._take_up(shop_id, theme_id))
                    count += 1
                if not busy:
                    return count
                await asyncio.wait(busy.values(), timeout=LOOK, return_when=asyncio.FIRST_COMPLETED)
                busy = {shop_id: task for shop_id, task in busy.items() if not task.done()}

    async def _take_up(self, shop_id: int, theme_id: int) -> None:
        upload = await claim(self.db, shop_id=shop_id, theme_id=theme_id, at=self.clock())
        if upload is not None:
            await self._take(upload)

    async def _take(self, upload: Upload) -> None:
        """Carry one package as far as it goes; what is not the package's fault leaves it waiting."""
        held = Held(self.db, upload)
        try:
            async with self._renewing(held):
                await self._install(held)
        except _Lost:
            self.log.line("a package is installed elsewhere, or wanted no longer", theme=upload.theme_id)
        except NotNow as later:
            await self._later(held, later)
        except Unavailable as here:
            await self._wait(held, here)
        except Invalid as refused:
            await self._fail(held, refused.message)
        except Exception as error:  # noqa: BLE001 - a fault of ours keeps no other package waiting
            self.log.now("could not install a package", theme=upload.theme_id, reason=str(error))

    @contextlib.asynccontextmanager
    async def _renewing(self, held: Held) -> AsyncIterator[None]:
        """Keep the lease for as long as this lasts."""

        async def renew() -> None:
            while True:
                await asyncio.sleep(RENEW_SECONDS)
                # Where this fails the lease runs out, and whoever finds that lets it be.
                with contextlib.suppress(Unavailable):
                    await held.until(self.clock() + LEASE)

        task = asyncio.create_task(renew())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _install(self, held: Held) -> None:
        upload = held.upload
        if upload.attempts > MOST_ATTEMPTS:
            raise no(f"could not be unpacked in {MOST_ATTEMPTS} attempts", "upload a smaller one")
        file = await held.file() if upload.src is None else await self.fetch(upload.src)
        if file is None:
            raise _Lost
        package = await asyncio.to_thread(_opened, file)
        content = _Content(self, package, upload.shop_id)
        kept = await content.keep()
        for _ in range(ROUNDS):
            missing = await self.db.write(partial(self._end, held, kept), shop_id=upload.shop_id)
            if not missing:
                self.told(upload.shop_id)
                self.log.line(
                    "installed a theme", shop=upload.shop_id, theme=upload.theme_id, files=len(kept)
                )
                return
            await content.keep(missing)
        raise _Lost

    async def _end(self, held: Held, kept: list[Piece], tx: Tx) -> set[bytes]:
        """Make it version 1 of its theme; where content is missing by now, answer that and change nothing."""
        digests = {piece.entry.sha256 for piece in kept}
        missing = await Blobs(tx, held.upload.shop_id).missing(digests)
        if missing:
            return missing
        themes, waiting = await _waiting(held, tx)
        if waiting is not None:
            await themes.install(waiting, kept, at=self.clock(), by=held.upload.by)
        return set()

    async def _fail(self, held: Held, reason: str) -> None:
        async def work(tx: Tx) -> None:
            themes, waiting = await _waiting(held, tx)
            if waiting is not None:
                await themes.fail(waiting, reason[:LONGEST_REASON], at=self.clock())

        with contextlib.suppress(_Lost):
            await self.db.write(work, shop_id=held.upload.shop_id)
            self.told(held.upload.shop_id)
            self.log.line("refused a package", theme=held.upload.theme_id, reason=reason)

    async def _later(self, held: Held, later: NotNow) -> None:
        if held.upload.attempts > len(AGAIN):
            await self._fail(held, later.message)
        else:
            await held.put_off(self.clock() + AGAIN[held.upload.attempts - 1] * SECOND)

    async def _wait(self, held: Held, here: Unavailable) -> None:
        """Put it off for what is our fault alone, however often; where that fails, its lease runs out."""
        self.log.now("a package waits", theme=held.upload.theme_id, reason=here.message)
        with contextlib.suppress(Unavailable):
            await held.put_off(self.clock() + PAUSE * SECOND, is_forgiven=True)


class _Content(Struct, frozen=True):
    """The content of a package on its way into the store, a few megabytes of it at a time."""

    by: Installer
    package: Package
    shop_id: int

    async def keep(self, wanted: set[bytes] | None = None) -> list[Piece]:
        """Keep what is in the package, or what is `wanted` of it; answers its files without their content.

        `BadThemeFiles` names those that cannot be in a theme; then nothing refers to what was kept.
        """
        kept: list[Piece] = []
        faults: dict[str, Sequence[str]] = {}
        batches = _batches(self.package)
        by = self.by
        while some := await asyncio.to_thread(next, batches, None):
            try:
                pieces = await prepared(
                    some, by.parse if wanted is None else None, shop_id=self.shop_id, at=by.clock()
                )
            except files.BadThemeFiles as refused:
                faults |= refused.fields
            if faults:
                continue
            kept += [Piece(piece.entry, packed=False, body=b"") for piece in pieces]
            new = [piece for piece in pieces if wanted is None or piece.entry.sha256 in wanted]
            await by.db.write(partial(_keep, pieces=new, shop_id=self.shop_id), shop_id=self.shop_id)
        files.refuse(faults)
        return kept


async def _keep(tx: Tx, *, pieces: list[Piece], shop_id: int) -> None:
    await Blobs(tx, shop_id).add(pieces)


async def _waiting(held: Held, tx: Tx) -> tuple[Themes, Theme | None]:
    """Take the upload away; answers the theme that waits for it, None where it waits no longer."""
    if not await held.end(tx):
        raise _Lost
    themes = Themes(tx, await Shops(tx).get(held.upload.shop_id))
    try:
        found = await themes.find(held.upload.theme_id)
    except ThemeNotFound:
        return themes, None
    return themes, found if found.status is Status.INIT else None


def _opened(file: bytes) -> Package:
    """A package whose every file is what it says, and may be in a theme; else it is refused."""
    package = survey(file)
    sizes = package.sizes
    faults = {name: [fault] for name in sizes if (fault := files.name_fault(name))}
    faults |= {name: [fault] for name, size in sizes.items() if (fault := files.size_fault(name, size))}
    files.refuse(faults)
    package.prove()
    files.refuse(files.whole_faults(sizes))
    return package


def _batches(package: Package) -> Iterator[dict[str, bytes]]:
    some: dict[str, bytes] = {}
    size = 0
    for name, content in package.files():
        some[name] = content
        size += len(content)
        if size >= BATCH:
            yield some
            some, size = {}, 0
    if some:
        yield some
