"""The rows of a shop's themes: what is there, and what visitors see. Knows no rules and tells nobody."""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import Struct

from till.db.port import Row, Tx
from till.themes import statements
from till.themes.manifest import Change, Manifest, pack, unpack
from till.themes.theme import Status, Theme, VersionNotFound


class Version(Struct, frozen=True):
    """One version of a theme: `kind` is install, copy or change; the numbers count files."""

    number: int
    at: int
    by: str
    kind: str
    added: int
    changed: int
    removed: int


class Publication(Struct, frozen=True):
    """Something that visitors were shown."""

    number: int
    theme_id: int
    version: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """One shop's themes at rest."""

    tx: Tx
    shop_id: int

    async def all(self) -> list[Theme]:
        rows = await self.tx.fetch(statements.LIST, shop_id=self.shop_id)
        return [_theme(row) for row in rows]

    async def find(self, theme_id: int) -> Theme | None:
        rows = await self.tx.fetch(statements.FIND, shop_id=self.shop_id, id=theme_id)
        return _theme(rows[0]) if rows else None

    async def count(self) -> int:
        return int((await self.tx.fetch(statements.COUNT, shop_id=self.shop_id))[0][0])

    async def add(self, theme: Theme) -> None:
        row = {"created_at": theme.created_at, **_changing(theme)}
        await self.tx.execute(statements.ADD, **row)

    async def set(self, theme: Theme) -> None:
        await self.tx.execute(statements.SET, **_changing(theme))

    async def remove(self, theme: Theme) -> None:
        """Take a theme away with its versions; its files are swept later."""
        await self.tx.execute(statements.REMOVE, shop_id=self.shop_id, id=theme.id)
        for statement in (statements.REMOVE_VERSIONS, statements.REMOVE_UPLOAD, statements.REMOVE_SKETCHES):
            await self.tx.execute(statement, shop_id=self.shop_id, theme_id=theme.id)

    async def manifest(self, theme_id: int, number: int) -> Manifest:
        """The files of a version; `VersionNotFound` where it is not kept."""
        rows = await self.tx.fetch(
            statements.MANIFEST, shop_id=self.shop_id, theme_id=theme_id, number=number
        )
        if not rows:
            raise VersionNotFound(
                f"Theme {theme_id} has no version {number}: GET /themes/{theme_id}/versions lists those kept."
            )
        return unpack(bytes(rows[0][0]))

    async def add_version(
        self, theme_id: int, manifest: Manifest, change: Change, *, kind: str, at: int, by: str
    ) -> int:
        """Keep the next version of a theme; answers its number."""
        place = {"shop_id": self.shop_id, "theme_id": theme_id}
        number = int((await self.tx.fetch(statements.LAST, **place))[0][0]) + 1
        await self.tx.execute(
            statements.ADD_VERSION,
            number=number,
            at=at,
            by=by,
            kind=kind,
            added=len(change.added),
            changed=len(change.changed),
            removed=len(change.removed),
            manifest=pack(manifest),
            **place,
        )
        return number

    async def versions(self, theme_id: int, *, key: int, backward: bool, limit: int) -> list[Version]:
        """At most `limit` versions below `key`, newest first; `backward` those just above it, so too."""
        place = {"shop_id": self.shop_id, "theme_id": theme_id, "limit": limit}
        if backward:
            rows: Sequence[Row] = (await self.tx.fetch(statements.LATER_VERSIONS, after=key, **place))[::-1]
        else:
            rows = await self.tx.fetch(statements.VERSIONS, before=key, **place)
        return [Version(*row) for row in rows]

    async def current(self) -> tuple[int, int] | None:
        """The id of the theme that visitors see, and the number of the publication that made it so."""
        rows = await self.tx.fetch(statements.CURRENT, shop_id=self.shop_id)
        return (rows[0][0], rows[0][1]) if rows else None

    async def publish(self, theme_id: int, version: int, *, kind: str, at: int, by: str) -> None:
        """Show visitors this version from now on."""
        last = int((await self.tx.fetch(statements.LAST_PUBLICATION, shop_id=self.shop_id))[0][0])
        before = await self.current()
        await self.tx.execute(
            statements.ADD_PUBLICATION,
            shop_id=self.shop_id,
            number=last + 1,
            theme_id=theme_id,
            version=version,
            previous=0 if before is None else before[1],
            kind=kind,
            at=at,
            by=by,
        )
        await self.point(theme_id, last + 1)

    async def point(self, theme_id: int, publication: int) -> None:
        """Make a theme the current one, as an earlier or new publication did."""
        await self.tx.execute(
            statements.SET_CURRENT, shop_id=self.shop_id, theme_id=theme_id, publication=publication
        )

    async def before(self, theme: Theme, publication: int) -> Publication | None:
        """What visitors saw before `publication`, if it is kept."""
        rows = await self.tx.fetch(
            statements.BEFORE,
            shop_id=self.shop_id,
            publication=publication,
            theme_id=theme.id,
            version=theme.version,
        )
        return Publication(*rows[0]) if rows else None


def _theme(row: Row) -> Theme:
    shop_id, theme_id, name, status, version, revision, created_at, updated_at, reason, is_current = row
    return Theme(
        shop_id=shop_id,
        id=theme_id,
        name=name,
        status=Status(status),
        version=version,
        revision=revision,
        created_at=created_at,
        updated_at=updated_at,
        reason=reason,
        is_current=bool(is_current),
    )


def _changing(theme: Theme) -> dict[str, object]:
    return {
        "shop_id": theme.shop_id,
        "id": theme.id,
        "name": theme.name,
        "status": theme.status,
        "reason": theme.reason,
        "version": theme.version,
        "revision": theme.revision,
        "updated_at": theme.updated_at,
    }
