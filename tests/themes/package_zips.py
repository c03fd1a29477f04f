"""Zips that no packer would write, made byte by byte."""

import io
import random
import struct
import zipfile
import zlib

LAYOUT = b"<html><head>{{ content_for_header }}</head><body>{{ content_for_layout }}</body></html>"
GOOD = {
    "layout/theme.liquid": LAYOUT,
    "templates/index.json": b'{"sections": {}, "order": []}',
    "assets/theme.css": b"body { color: black }",
}


def zipped(files, *, method=zipfile.ZIP_DEFLATED):
    """A plain zip of `files`, as any packer writes it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as package:
        for name, data in files.items():
            package.writestr(name, data)
    return packed.getvalue()


def deflated(data):
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    return stream.compress(data) + stream.flush()


class Raw:
    """A zip of which every field can be said: those of the table, and those where the file lies."""

    def __init__(self):
        self.body = b""
        self.table = b""
        self.count = 0

    def add(self, name, data=b"x", *, stored=None, method=8, local=None, **central):
        """Add a file; `local` and `central` override what is said: name, flags, method, crc, packed, size."""
        raw = name if isinstance(name, bytes) else name.encode()
        packed = (deflated(data) if method == 8 else data) if stored is None else stored
        true = {"name": raw, "flags": 0, "method": method, "crc": zlib.crc32(data)}
        true |= {"packed": len(packed), "size": len(data), "attributes": 0, "offset": len(self.body)}
        true |= {"extra": b"", "disk": 0}
        at_table = true | central
        here = {key: at_table[key] for key in ("name", "flags", "method", "crc", "packed", "size")}
        self.body += _local(**(here | {"extra": b""} | (local or {}))) + packed
        self.table += _central(**at_table)
        self.count += 1
        return self

    def add_entry(self, name, data, *, packed, offset, size=None):
        """Add to the table alone: a file that lies among the bytes of others."""
        self.table += _central(
            name=name.encode(),
            flags=0,
            method=8,
            crc=zlib.crc32(data),
            packed=packed,
            size=len(data) if size is None else size,
            attributes=0,
            offset=offset,
            extra=b"",
            disk=0,
        )
        self.count += 1
        return self

    def done(self, **end):
        """All of it with the record at its end, of which every field can be said."""
        says = {"disk": 0, "first": 0, "here": self.count, "count": self.count, "size": len(self.table)}
        says |= {"start": len(self.body), "comment": b"", "between": b"", "after": b""} | end
        return (
            self.body
            + self.table
            + says["between"]
            + struct.pack(
                "<4s4H2LH",
                b"PK\x05\x06",
                says["disk"],
                says["first"],
                says["here"] & 0xFFFF,
                says["count"] & 0xFFFF,
                says["size"],
                says["start"],
                len(says["comment"]),
            )
            + says["comment"]
            + says["after"]
        )


def _local(*, name, flags, method, crc, packed, size, extra):
    head = struct.pack(
        "<4s5H3L2H", b"PK\x03\x04", 20, flags, method, 0, 33, crc, packed, size, len(name), len(extra)
    )
    return head + name + extra


def _central(*, name, flags, method, crc, packed, size, attributes, offset, extra, disk):
    head = struct.pack(
        "<4s6H3L5H2L",
        b"PK\x01\x02",
        0x0314,
        20,
        flags,
        method,
        0,
        33,
        crc,
        packed,
        size,
        len(name),
        len(extra),
        0,
        disk,
        0,
        attributes,
        offset,
    )
    return head + name + extra


def nested_bomb(depth=5, width=16):
    """As 42.zip: sixteen zips in a zip, five layers deep, with 4 GB of nothing in each of the innermost."""
    inner = deflated(bytes(1 << 22)) * 16
    layer = Raw().add("0.dll", b"", stored=inner, size=0xFFFF_FFFE).done()
    for _ in range(depth):
        layer = zipped({f"lib {number}.zip": layer for number in range(width)})
    return layer


def flat_bomb(entries=250, kernel=1 << 20):
    """All entries have the same bytes of one kernel, as in Fifield's full overlap."""
    data = _kernel(kernel)
    zips = Raw().add("assets/0.css", data)
    for number in range(1, entries):
        zips.add_entry(f"assets/{number}.css", data, packed=len(deflated(data)), offset=0)
    return zips.done()


def quoted_bomb(entries=200, kernel=1 << 20):
    """Fifield's quoted overlap: each file quotes the local header of the next in a stored block."""
    data, names = _kernel(kernel), [f"assets/{number}.css" for number in range(entries)]
    body, plain, made = deflated(data), data, []
    for name in reversed(names):
        head = _local(
            name=name.encode(),
            flags=0,
            method=8,
            crc=zlib.crc32(plain),
            packed=len(body),
            size=len(plain),
            extra=b"",
        )
        made.append((name, plain, len(body)))
        whole = head + body
        # A block that is stored and not the last: its length, and that length inverted.
        body = b"\x00" + struct.pack("<HH", len(head), len(head) ^ 0xFFFF) + whole
        plain = head + plain
    zips, at = Raw(), 0
    zips.body = whole
    for name, data_of, packed in reversed(made):
        zips.add_entry(name, data_of, packed=packed, offset=at)
        at += len(_local(name=name.encode(), flags=0, method=8, crc=0, packed=0, size=0, extra=b"")) + 5
    return zips.done()


def _kernel(size):
    """What deflate makes 60 times smaller, which looks honest on its own."""
    return noise(size // 64) + bytes(size - size // 64)


def many_entries(count=1_000_000, *, says=None):
    """A million entries for one byte, within the 50 MiB that a package may have."""
    zips = Raw().add("a", b"x", method=0)
    one = zips.table
    zips.table = one * count
    return zips.done(count=count if says is None else says, here=count if says is None else says)


def noise(size, seed=36):
    return random.Random(seed).randbytes(size)
