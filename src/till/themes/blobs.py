"""The content of a shop's files, each kept once by its digest, in the transaction that refers to it."""

import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from msgspec import Struct

from till.db.port import Tx
from till.themes.files import is_text
from till.themes.manifest import Entry, entry_of

HAVE = "SELECT digest FROM blobs WHERE shop_id = :shop_id AND digest IN ({holes})"
READ = "SELECT digest, packed, body FROM blobs WHERE shop_id = :shop_id AND digest IN ({holes})"
ADD = """
    INSERT INTO blobs (shop_id, digest, size, packed, body) VALUES (:shop_id, :digest, :size, :packed, :body)
    ON CONFLICT (shop_id, digest) DO NOTHING
"""
AT_ONCE = 200
# What is tried to be made smaller: text of up to so many bytes, above which it takes too long.
WORTH_PACKING = 2 * 1024 * 1024
LEVEL = 6


class Piece(Struct, frozen=True):
    """A file that is to be kept: its entry, and its content as it will lie in the store."""

    entry: Entry
    packed: bool
    body: bytes


def piece_of(name: str, content: bytes, *, at: int) -> Piece:
    """A file made ready to be kept; works on the content, so it may be done away from a transaction."""
    entry = entry_of(name, content, at=at)
    if is_text(name) and len(content) <= WORTH_PACKING:
        packed = zlib.compress(content, LEVEL)
        if len(packed) < len(content):
            return Piece(entry, packed=True, body=packed)
    return Piece(entry, packed=False, body=content)


@dataclass(frozen=True, slots=True)
class Blobs:
    """One shop's contents; nothing here is ever changed, and what nothing refers to is swept away."""

    tx: Tx
    shop_id: int

    async def add(self, pieces: Iterable[Piece]) -> None:
        """Keep what is not kept yet."""
        new = {piece.entry.sha256: piece for piece in pieces}
        for digest in await self._known(list(new)):
            del new[digest]
        for piece in new.values():
            await self.tx.execute(
                ADD,
                shop_id=self.shop_id,
                digest=piece.entry.sha256,
                size=piece.entry.size,
                packed=int(piece.packed),
                body=piece.body,
            )

    async def read(self, digests: Collection[bytes]) -> dict[bytes, bytes]:
        """The contents of these digests; one that is not kept is missing from the answer."""
        found: dict[bytes, bytes] = {}
        for some in _some(list(dict.fromkeys(digests))):
            holes, params = _in(some)
            for digest, packed, body in await self.tx.fetch(
                READ.format(holes=holes), shop_id=self.shop_id, **params
            ):
                found[bytes(digest)] = zlib.decompress(body) if packed else bytes(body)
        return found

    async def missing(self, digests: Collection[bytes]) -> set[bytes]:
        """Which of these digests are not kept."""
        return set(digests) - set(await self._known(list(digests)))

    async def _known(self, digests: Sequence[bytes]) -> list[bytes]:
        known: list[bytes] = []
        for some in _some(digests):
            holes, params = _in(some)
            rows = await self.tx.fetch(HAVE.format(holes=holes), shop_id=self.shop_id, **params)
            known += [bytes(row[0]) for row in rows]
        return known


def _in(digests: Sequence[bytes]) -> tuple[str, dict[str, bytes]]:
    params = {f"digest_{index}": digest for index, digest in enumerate(digests)}
    return ", ".join(f":{name}" for name in params), params


def _some(digests: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """As many of them at a time as one statement takes."""
    for start in range(0, len(digests), AT_ONCE):
        yield digests[start : start + AT_ONCE]
