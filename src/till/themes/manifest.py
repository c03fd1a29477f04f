"""What is in one version of a theme: its files by name, each known by the digest of its content."""

import hashlib
import zlib
from collections.abc import Mapping

import msgspec
from msgspec import Struct
from msgspec.structs import replace

LEVEL = 6


class Entry(Struct, frozen=True, array_like=True):
    """One file: `md5` is shown, for tools compare it; `sha256` is what its content is kept by."""

    name: str
    sha256: bytes
    md5: bytes
    size: int
    created_at: int
    updated_at: int

    @property
    def checksum(self) -> str:
        """The MD5 in hexadecimal, which is also the file's entity tag."""
        return self.md5.hex()


Manifest = dict[str, Entry]


class Change(Struct, frozen=True, kw_only=True):
    """Which files became what between two manifests, sorted by name."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def entry_of(name: str, content: bytes, *, at: int) -> Entry:
    """A new file of this content."""
    return Entry(
        name,
        hashlib.sha256(content).digest(),
        hashlib.md5(content, usedforsecurity=False).digest(),
        len(content),
        at,
        at,
    )


def put(manifest: Manifest, entry: Entry) -> None:
    """Put a file in: one that is there keeps since when, and stays as it is when the content is the same."""
    there = manifest.get(entry.name)
    if there is not None and there.sha256 == entry.sha256:
        return
    if there is not None:
        entry = replace(
            entry, created_at=there.created_at, updated_at=max(entry.updated_at, there.updated_at)
        )
    manifest[entry.name] = entry


def between(old: Mapping[str, Entry], new: Mapping[str, Entry]) -> Change:
    """What makes `new` of `old`."""
    return Change(
        added=tuple(sorted(new.keys() - old.keys())),
        changed=tuple(
            sorted(name for name in new.keys() & old.keys() if new[name].sha256 != old[name].sha256)
        ),
        removed=tuple(sorted(old.keys() - new.keys())),
    )


def pack(manifest: Manifest) -> bytes:
    """The manifest as it is kept."""
    entries = [manifest[name] for name in sorted(manifest)]
    return zlib.compress(msgspec.msgpack.encode(entries), LEVEL)


def unpack(packed: bytes) -> Manifest:
    return {entry.name: entry for entry in _DECODER.decode(zlib.decompress(packed))}


_DECODER = msgspec.msgpack.Decoder(list[Entry])


def digest(manifest: Manifest) -> str:
    """A name for exactly these files with exactly this content, in hexadecimal."""
    told = hashlib.sha256()
    for name in sorted(manifest):
        told.update(name.encode() + b"\0" + manifest[name].sha256)
    return told.hexdigest()
