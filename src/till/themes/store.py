"""One shop's themes: the one door for all who list, change, publish, copy or remove them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from msgspec import Struct

from till.db.port import Tx
from till.shop import Shop
from till.themes import files, journal, theme
from till.themes.blobs import Blobs, Piece, piece_of
from till.themes.conditions import check_conditions
from till.themes.manifest import Change, Manifest, between, put
from till.themes.shelf import Shelf, Version
from till.themes.theme import AssetNotFound, NothingToRollBack, PublishedMeanwhile, Status, Theme

# Who does what nobody asked for.
BY_TILL = "till"


class Put(Struct, frozen=True):
    """A file to put in.

    `if_match` is the checksum it must have now, or several with commas between, or `*` for any; empty it
    says that the file must not be there (till.themes.conditions).
    """

    piece: Piece
    if_match: str | None = None


class Drop(Struct, frozen=True):
    """A file to take out, with the checksum that it must have now."""

    name: str
    if_match: str | None = None


class Outcome(Struct, frozen=True):
    """What a change came to: the theme and its files now, and what became of them."""

    theme: Theme
    manifest: Manifest
    change: Change


@dataclass(frozen=True, slots=True)
class Themes:
    """Whatever is changed here is told in the same transaction.

    A work that changes something must have its shop to itself (till.db.port): rules hold between themes.
    """

    tx: Tx
    shop: Shop

    async def list(self) -> list[Theme]:
        """All themes, oldest first."""
        return await self._shelf.all()

    async def find(self, theme_id: int) -> Theme:
        """The theme of this id; `ThemeNotFound` where there is none."""
        found = await self._shelf.find(theme_id)
        if found is None:
            raise theme.unknown(theme_id)
        return found

    async def current(self) -> Theme | None:
        """What visitors see; None only in a shop that was not founded whole (till.themes.founding)."""
        pointer = await self._shelf.current()
        return None if pointer is None else await self._shelf.find(pointer[0])

    async def manifest(self, found: Theme, version: int | None = None) -> Manifest:
        """The files of a theme as it is shown, or of another `version`; `ThemeNotReady` without any."""
        return await self._shelf.manifest(found.id, version or found.ready().version)

    async def blob(self, digest: bytes) -> bytes:
        """The content that has this SHA-256; `AssetNotFound` where none is kept."""
        found = await Blobs(self.tx, self.shop.id).read([digest])
        if digest not in found:
            raise AssetNotFound(f"No file with the SHA-256 {digest.hex()} is kept in this shop.")
        return found[digest]

    async def blobs(self, digests: Collection[bytes]) -> dict[bytes, bytes]:
        """The contents of these digests."""
        return await Blobs(self.tx, self.shop.id).read(digests)

    async def contents(self, manifest: Manifest, names: Iterable[str] | None = None) -> dict[str, bytes]:
        """The files of a manifest, or those `names` of them, by name."""
        wanted = list(manifest if names is None else names)
        bodies = await self.blobs([manifest[name].sha256 for name in wanted])
        return {name: bodies[manifest[name].sha256] for name in wanted}

    async def versions(
        self, theme_id: int, *, key: int, backward: bool = False, limit: int = 50
    ) -> Sequence[Version]:
        """At most `limit` versions below number `key`, newest first; see `Shelf.versions`."""
        return await self._shelf.versions(theme_id, key=key, backward=backward, limit=limit)

    async def begin(self, theme_id: int, name: str, *, at: int) -> Theme:
        """Add a theme whose files are yet to come (INIT)."""
        return await self._add(theme_id, name, at=at)

    async def add(self, theme_id: int, name: str, pieces: Sequence[Piece], *, at: int, by: str) -> Theme:
        """Add a theme with its files at once; `BadThemeFiles` where they are none of a theme."""
        made = await self._add(theme_id, name, at=at)
        return await self.install(made, pieces, at=at, by=by)

    async def install(self, waiting: Theme, pieces: Sequence[Piece], *, at: int, by: str) -> Theme:
        """Give a theme that waits (INIT) its files, as version 1 (SUCCESS)."""
        check(pieces)
        manifest = {piece.entry.name: piece.entry for piece in pieces}
        files.refuse(files.whole_faults({name: entry.size for name, entry in manifest.items()}))
        await Blobs(self.tx, self.shop.id).add(pieces)
        return await self._fill(waiting, manifest, kind="install", at=at, by=by)

    async def fail(self, waiting: Theme, reason: str, *, at: int) -> Theme:
        """Say of a theme that waits why it could not be installed (FAIL)."""
        return await self._set(waiting, waiting.moved(at=at, status=Status.FAIL, reason=reason))

    async def change(
        self, theme_id: int, puts: Sequence[Put], drops: Sequence[Drop] = (), *, at: int, by: str
    ) -> Outcome:
        """Change files, all or none; what makes no difference makes no version."""
        tried = await self.tried(theme_id, puts, drops)
        found, new, change = tried.theme, tried.manifest, tried.change
        if not change:
            return tried
        await Blobs(self.tx, self.shop.id).add(each.piece for each in puts)
        number = await self._shelf.add_version(found.id, new, change, kind="change", at=at, by=by)
        shown = await self._point(found, number, change, kind="change", at=at, by=by)
        return Outcome(shown, new, change)

    async def tried(self, theme_id: int, puts: Sequence[Put], drops: Sequence[Drop] = ()) -> Outcome:
        """What `change` would come to, or its refusal; nothing is changed, so the theme is as it was."""
        found = await self.find(theme_id)
        old = await self.manifest(found)
        check_conditions(old, [(each.piece.entry.name, each.if_match) for each in puts])
        check_conditions(old, [(each.name, each.if_match) for each in drops])
        check(each.piece for each in puts)
        new = dict(old)
        for drop in drops:
            new.pop(drop.name, None)
        for each in puts:
            put(new, each.piece.entry)
        touched = [each.piece.entry.name for each in puts] + [each.name for each in drops]
        files.refuse(files.whole_faults({name: entry.size for name, entry in new.items()}, touched))
        return Outcome(found, new, between(old, new))

    async def publish(self, theme_id: int, *, at: int, by: str) -> Theme:
        """Make a theme the current one; what was it before is it no longer."""
        found = (await self.find(theme_id)).ready()
        return found if found.is_current else await self._publish(found, at=at, by=by)

    async def roll_back(self, *, at: int, seen: str | None = None) -> Theme:
        """Show visitors what they saw before the last publication or change: a move of pointers.

        `seen` is what they saw (`Theme.shown`) when somebody wished that; `PublishedMeanwhile` where they see
        something else by now, lest a wish that is told twice leads back twice.
        """
        pointer, now = await self._shelf.current(), await self.current()
        if seen is not None and seen != (now.shown if now else ""):
            raise PublishedMeanwhile(
                "Visitors see something else by now: somebody published or rolled back meanwhile, so "
                "nothing was done. Load the list of themes again, and look at it first."
            )
        before = None if pointer is None or now is None else await self._shelf.before(now, pointer[1])
        if before is None or now is None:
            raise NothingToRollBack("Visitors have seen nothing else before, or it is kept no longer.")
        found = await self.find(before.theme_id)
        shown = found.moved(at=at, version=before.version, is_current=True)
        await self._shelf.point(found.id, before.number)
        if found.id != now.id:
            await self._set(now, now.moved(at=at, is_current=False))
        change = Change()
        if found.version != before.version:
            old, new = [await self.manifest(found, each) for each in (found.version, before.version)]
            change = between(old, new)
        return await self._set(found, shown, change)

    async def roll_to(self, theme_id: int, version: int, *, at: int, by: str) -> Theme:
        """Show an earlier, or later, version of a theme again; `VersionNotFound` where it is not kept."""
        found = (await self.find(theme_id)).ready()
        new = await self.manifest(found, version)
        if version == found.version:
            return found
        change = between(await self.manifest(found), new)
        return await self._point(found, version, change, kind="rollback", at=at, by=by)

    async def duplicate(self, theme_id: int, name: str | None, *, new_id: int, at: int, by: str) -> Theme:
        """Copy a theme as it is shown, under a name of its own."""
        found = await self.find(theme_id)
        manifest = await self.manifest(found)
        made = await self._add(new_id, theme.copy_name(found.name) if name is None else name, at=at)
        return await self._fill(made, manifest, kind="copy", at=at, by=by)

    async def rename(self, theme_id: int, name: str, *, at: int) -> Theme:
        found, plain = await self.find(theme_id), theme.checked_name(name)
        return found if plain == found.name else await self._set(found, found.moved(at=at, name=plain))

    async def delete(self, theme_id: int) -> Theme:
        """Delete a theme for good; the current one stays."""
        found = (await self.find(theme_id)).deletable()
        await self._shelf.remove(found)
        await journal.tell(self.tx, found, None)
        return found

    async def found(self, theme_id: int, name: str, pieces: Sequence[Piece], *, at: int) -> None:
        """Give a shop that has none its first theme, published; nobody is told, for nothing changed."""
        manifest = {piece.entry.name: piece.entry for piece in pieces}
        await Blobs(self.tx, self.shop.id).add(pieces)
        first = Theme(
            shop_id=self.shop.id,
            id=theme_id,
            name=name,
            status=Status.SUCCESS,
            version=1,
            revision=1,
            created_at=at,
            updated_at=at,
        )
        await self._shelf.add(first)
        change = between({}, manifest)
        await self._shelf.add_version(theme_id, manifest, change, kind="install", at=at, by=BY_TILL)
        await self._shelf.publish(theme_id, 1, kind="publish", at=at, by=BY_TILL)

    @property
    def _shelf(self) -> Shelf:
        return Shelf(self.tx, self.shop.id)

    async def _add(self, theme_id: int, name: str, *, at: int) -> Theme:
        plain = theme.checked_name(name)
        theme.room_for_one(await self._shelf.count())
        made = Theme(
            shop_id=self.shop.id,
            id=theme_id,
            name=plain,
            status=Status.INIT,
            version=0,
            revision=1,
            created_at=at,
            updated_at=at,
        )
        await self._shelf.add(made)
        await journal.tell(self.tx, None, made)
        return made

    async def _fill(self, waiting: Theme, manifest: Manifest, *, kind: str, at: int, by: str) -> Theme:
        change = between({}, manifest)
        number = await self._shelf.add_version(waiting.id, manifest, change, kind=kind, at=at, by=by)
        ready = waiting.moved(at=at, status=Status.SUCCESS, version=number, reason=None)
        return await self._set(waiting, ready, change)

    async def _set(self, old: Theme, new: Theme, change: Change = journal.NOTHING) -> Theme:
        await self._shelf.set(new)
        await journal.tell(self.tx, old, new, change)
        return new

    async def _point(
        self, found: Theme, number: int, change: Change, *, kind: str, at: int, by: str
    ) -> Theme:
        """Show version `number` of a theme from now on, to visitors too where they see the theme."""
        shown = await self._set(found, found.moved(at=at, version=number), change)
        if found.is_current:
            await self._shelf.publish(found.id, number, kind=kind, at=at, by=by)
        return shown

    async def _publish(self, found: Theme, *, at: int, by: str) -> Theme:
        before = await self.current()
        await self._shelf.publish(found.id, found.version, kind="publish", at=at, by=by)
        if before is not None:
            await self._set(before, before.moved(at=at, is_current=False))
        return await self._set(found, found.moved(at=at, is_current=True))


def pieces_of(contents: Mapping[str, bytes], *, at: int) -> list[Piece]:
    """Files made ready to be kept; done away from a transaction, for it takes time."""
    return [piece_of(name, content, at=at) for name, content in contents.items()]


def check(pieces: Iterable[Piece]) -> None:
    """Refuse files that cannot be in a theme for their names or their sizes."""
    faults: dict[str, list[str]] = {}
    for piece in pieces:
        name, size = piece.entry.name, piece.entry.size
        fault = files.name_fault(name) or files.size_fault(name, size)
        if fault is not None:
            faults[name] = [fault]
    files.refuse(faults)
