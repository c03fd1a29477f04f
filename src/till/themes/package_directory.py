"""The table of contents of a zip, read by ourselves before anything of it is unpacked.

What a library would be lenient with is refused here (delivery.md §6, §10 row 36): whatever two readers
could understand in two ways, and whatever no packer of a theme writes. Nothing is inflated; the work grows
with the number of entries that the limits admit, never with what the package claims.
"""

import stat
import struct
import unicodedata
from collections.abc import Iterator

from msgspec import Struct

from till.themes.package_names import check_name, read_name
from till.themes.package_refused import BadPackage, no, no_file, shown, spell_size

MAGIC = b"PK\x03\x04"
EMPTY = b"PK\x05\x06"
END = struct.Struct("<4s4H2LH")
WIDE_MARK = b"PK\x06\x07"
WIDE_MARK_SIZE = 20
CENTRAL = struct.Struct("<4s6H3L5H2L")
LOCAL = struct.Struct("<4s5H3L2H")
EXTRA = struct.Struct("<HH")
LONGEST_COMMENT = 0xFFFF
WIDE = 0xFFFF_FFFF
STORED, DEFLATED = 0, 8
ENCRYPTED = 0x0001 | 0x0040 | 0x2000
PATCHED = 0x0020
SIZES_FOLLOW = 0x0008
ZIP64_EXTRA, UNICODE_PATH_EXTRA = 0x0001, 0x7075
# What a packer adds when a few bytes are said in a short way; below this no ratio is looked at.
SLACK = 64 * 1024


class Limits(Struct, frozen=True, kw_only=True):
    """How much a package may hold: sizes in bytes, `ratio` is unpacked to packed (delivery.md §6)."""

    package: int = 50 << 20
    entries: int = 5_000
    total: int = 100 << 20
    file: int = 20 << 20
    ratio: int = 100


class Entry(Struct, frozen=True):
    """One file of a package: where its packed bytes lie, and what its unpacked ones must come to."""

    name: str
    start: int
    packed: int
    size: int
    crc: int
    is_deflated: bool


class _Central(Struct, frozen=True):
    """What the table of contents says of an entry."""

    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    attributes: int
    offset: int
    extra: bytes


def entries_of(file: bytes, limits: Limits) -> list[Entry]:
    """The files in a package, in the order of its table; `BadPackage` says why it cannot be taken."""
    if len(file) > limits.package:
        raise no(
            f"is {spell_size(len(file))} large, and the limit is {spell_size(limits.package)}",
            "leave out what the theme does not need, or make its pictures smaller",
        )
    if file.startswith(EMPTY):
        raise no("holds no file", "pack the folder of a theme")
    if not file.startswith(MAGIC):
        raise no(f"is no zip: it begins with {_beginning(file)}", "give a theme packed as .zip")
    count, start, end = _table(file, limits)
    found: list[tuple[_Central, Entry]] = []
    seen: dict[str, bytes] = {}
    total = 0
    for central in _centrals(file, count, start, end):
        name = read_name(central.raw_name)
        _check(central, name, limits)
        _check_unique(central.raw_name, name, seen)
        total += central.size
        if total > limits.total:
            raise no(
                f"holds more than {spell_size(limits.total)} unpacked, the limit, from "
                f"{shown(name)} on ({spell_size(total)})",
                "leave out what the theme does not need",
            )
        found.append((central, _located(file, central, name, start)))
    _check_apart(found)
    return [entry for _, entry in found if not entry.name.endswith("/")]


def _beginning(file: bytes) -> str:
    return ascii(file[:16].decode("latin-1")) if file else "nothing, for it is empty"


def _table(file: bytes, limits: Limits) -> tuple[int, int, int]:
    """How many entries there are, and from where to where their table goes."""
    at = file.rfind(EMPTY, max(0, len(file) - END.size - LONGEST_COMMENT))
    if at < 0 or at + END.size > len(file):
        raise no("is cut off, for it has no table of contents at its end", "pack or upload it again")
    _, disk, first_disk, here, count, size, start, comment = END.unpack_from(file, at)
    if at + END.size + comment != len(file):
        raise no("goes on after its end", "pack it again, as a plain .zip")
    if file[max(0, at - WIDE_MARK_SIZE) : at].startswith(WIDE_MARK) or WIDE in (size, start):
        raise no(
            f"is a zip64 archive, which nothing within {spell_size(limits.package)} needs to be",
            "pack it as a plain .zip",
        )
    if disk or first_disk or here != count:
        raise no("is one part of several", "pack it as a single .zip")
    if count > limits.entries:
        raise no(
            f"says that it holds {count:,} entries, and the limit is {limits.entries:,}", "leave some out"
        )
    if start + size != at:
        raise no("has its table of contents elsewhere than it says", "pack it again, as a plain .zip")
    return count, start, at


def _centrals(file: bytes, count: int, at: int, end: int) -> Iterator[_Central]:
    for _ in range(count):
        if at + CENTRAL.size > end:
            raise no(f"holds fewer entries than the {count:,} that it says", "pack or upload it again")
        (magic, _, _, flags, method, _, _, crc, packed, size, *lengths, disk, _, attributes, offset) = (
            CENTRAL.unpack_from(file, at)
        )
        if magic != b"PK\x01\x02" or disk:
            raise no("has a broken table of contents", "pack or upload it again")
        name_length, extra_length, comment_length = lengths
        after_name = at + CENTRAL.size + name_length
        at = after_name + extra_length + comment_length
        if at > end:
            raise no("has a table of contents that goes beyond its end", "pack or upload it again")
        raw_name = file[after_name - name_length : after_name]
        extra = file[after_name : after_name + extra_length]
        yield _Central(raw_name, flags, method, crc, packed, size, attributes, offset, extra)
    if at != end:
        raise no(f"holds more entries than the {count:,} that it says", "pack it again, as a plain .zip")


def _check(central: _Central, name: str, limits: Limits) -> None:
    """Refuse what no theme needs: by its name, its kind, and what it says of its sizes."""
    check_name(name)
    kind = stat.S_IFMT(central.attributes >> 16)
    if kind == stat.S_IFLNK:
        raise no_file(name, "is a symbolic link", "pack the file itself")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise no_file(name, "is neither a file nor a folder", "leave it out")
    if central.flags & ENCRYPTED:
        raise no_file(name, "is encrypted", "pack it without a password")
    if central.flags & PATCHED or central.method not in (STORED, DEFLATED):
        raise no_file(
            name, f"is packed by method {central.method}", "pack it by deflate, as zip does by itself"
        )
    if WIDE in (central.packed, central.size, central.offset):
        raise no_file(name, "says its size by zip64, which no file here needs", "pack it as a plain .zip")
    for kind_of_extra, value in _extras(central.extra, name):
        if kind_of_extra == ZIP64_EXTRA:
            raise no_file(name, "says its size by zip64, which no file here needs", "pack it as a plain .zip")
        if kind_of_extra == UNICODE_PATH_EXTRA and value[5:] != central.raw_name:
            raise no_file(name, "has a second name", "pack it again, with names in UTF-8")
    _check_sizes(central, name, limits)


def _check_sizes(central: _Central, name: str, limits: Limits) -> None:
    if name.endswith("/"):
        if central.size:
            raise no_file(name, f"is a folder with {central.size:,} bytes in it", "pack it again")
    elif central.size > limits.file:
        raise no_file(
            name,
            f"is {spell_size(central.size)} large unpacked, and the limit is {spell_size(limits.file)}",
            "make it smaller",
        )
    elif central.method == STORED and central.size != central.packed:
        raise no_file(
            name, f"says {central.size:,} bytes, but has {central.packed:,}", "pack or upload it again"
        )
    elif central.size > limits.ratio * central.packed + SLACK:
        raise no_file(
            name,
            f"would grow from {spell_size(central.packed)} to {spell_size(central.size)}, and the limit is "
            f"{limits.ratio} times",
            "leave it out",
        )


def _extras(extra: bytes, name: str) -> Iterator[tuple[int, bytes]]:
    """The additions to an entry; a tail that is too short for one is padding, as some packers leave it."""
    at = 0
    while at + EXTRA.size <= len(extra):
        kind, size = EXTRA.unpack_from(extra, at)
        at += EXTRA.size + size
        if at > len(extra):
            raise no_file(name, "has a broken addition in the table of contents", "pack it again")
        yield kind, extra[at - size : at]


def _check_unique(raw: bytes, name: str, seen: dict[str, bytes]) -> None:
    """Refuse a name that is there already, also where only its case or its way of writing accents differs."""
    key = unicodedata.normalize("NFKC", name.rstrip("/")).casefold()
    if key in seen:
        other = read_name(seen[key])
        raise no_file(
            name,
            "is there twice" if other == name else f"is the same name as {shown(other)}",
            "keep one of them",
        )
    seen[key] = raw


def _located(file: bytes, central: _Central, name: str, end: int) -> Entry:
    """Where the bytes of an entry lie; what stands before them must say the same as the table."""
    at = central.offset
    if at + LOCAL.size > end:
        raise no_file(name, "is said to lie where nothing is", "pack or upload it again")
    magic, _, flags, method, _, _, crc, packed, size, name_length, extra_length = LOCAL.unpack_from(file, at)
    after_name = at + LOCAL.size + name_length
    start = after_name + extra_length
    if magic != MAGIC or start + central.packed > end:
        raise no_file(name, "is said to lie where nothing is", "pack or upload it again")
    if file[after_name - name_length : after_name] != central.raw_name:
        raise no_file(name, "has another name where it lies", "pack it again, as a plain .zip")
    same = method == central.method and not (flags ^ central.flags) & (ENCRYPTED | PATCHED | SIZES_FOLLOW)
    if WIDE in (packed, size):
        packed, size = _wide_sizes(file[after_name:start], name, packed, size)
    told = (crc, packed, size)
    true = (central.crc, central.packed, central.size)
    if not same or not (told == true or (flags & SIZES_FOLLOW and told == (0, 0, 0))):
        raise _lies(name)
    return Entry(name, start, central.packed, central.size, central.crc, central.method == DEFLATED)


def _wide_sizes(extra: bytes, name: str, packed: int, size: int) -> tuple[int, int]:
    """The sizes of a file whose packer kept room for large ones, as some do before they know them."""
    for kind, value in _extras(extra, name):
        if kind == ZIP64_EXTRA and len(value) >= 16:
            wide_size, wide_packed = struct.unpack_from("<QQ", value)
            return (wide_packed if packed == WIDE else packed, wide_size if size == WIDE else size)
    raise _lies(name)


def _lies(name: str) -> BadPackage:
    return no_file(
        name,
        "is said to be another where it lies than in the table of contents",
        "pack it again, as a plain .zip",
    )


def _check_apart(found: list[tuple[_Central, Entry]]) -> None:
    """Refuse two entries that share bytes, which is how few packed bytes become many."""
    before, until = "", 0
    for central, entry in sorted(found, key=lambda each: each[0].offset):
        if central.offset < until:
            raise no_file(entry.name, f"overlaps {shown(before)}", "pack it again, as a plain .zip")
        before, until = entry.name, entry.start + entry.packed
