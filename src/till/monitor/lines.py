"""Requests as they are kept: many to a row, packed, for a row a request would cost more than the request."""

import zlib
from collections.abc import Iterable, Iterator

import msgspec
from msgspec import Struct

from till.ids import uuid7
from till.web.recent import Entry

# A row is filled up to here, request by request, before the next is begun; none holds more than the most.
FULL, MOST = 250, 1_000
# Nor is a row filled for longer than this, so that it can go when its requests are old enough.
LONGEST = 3_600_000_000
LEVEL = 3


class Line(Struct, frozen=True, array_like=True):
    """One request; `at` is microseconds, `ms` milliseconds, `path` the template, `target` what was asked."""

    at: int
    id: str
    method: str
    path: str
    target: str
    status: int
    ms: float
    code: str | None
    version: str
    scope: str | None

    @property
    def key(self) -> tuple[int, int]:
        """What the log is sorted by."""
        return self.at, int(self.id, 16)


DECODER = msgspec.json.Decoder(Line)


class Segment(Struct):
    """A row of the log that is being filled; `lines` are its requests, spelled."""

    id: bytes
    first_at: int
    last_at: int
    lines: list[bytes]

    @classmethod
    def begun(cls, at: int) -> "Segment":
        return cls(uuid7(), at, at, [])

    def takes(self, at: int) -> bool:
        """True while one more belongs here."""
        return len(self.lines) < MOST and abs(at - self.first_at) < LONGEST

    def add(self, entry: Entry) -> None:
        self.first_at, self.last_at = min(self.first_at, entry.at), max(self.last_at, entry.at)
        self.lines.append(msgspec.json.encode(line_of(entry)))

    def packed(self) -> bytes:
        return zlib.compress(b"\n".join(self.lines), LEVEL)


def line_of(entry: Entry) -> Line:
    """What is kept of a request that was answered."""
    return Line(
        at=entry.at,
        id=entry.id,
        method=entry.method,
        path=entry.path or "",
        target=entry.target,
        status=entry.status or 0,
        ms=entry.ms,
        code=entry.code,
        version=entry.version or "",
        scope=entry.scope,
    )


def segments_of(entries: Iterable[Entry], begun: Segment | None) -> list[Segment]:
    """The rows that hold `entries`: the one that was begun, as far as it takes them, then new ones."""
    found: list[Segment] = []
    if begun is not None and len(begun.lines) < FULL:
        found.append(Segment(begun.id, begun.first_at, begun.last_at, list(begun.lines)))
    for entry in entries:
        if not found or not found[-1].takes(entry.at):
            found.append(Segment.begun(entry.at))
        found[-1].add(entry)
    return [each for each in found if begun is None or each.id != begun.id or each.lines != begun.lines]


def unpacked(body: bytes) -> Iterator[Line]:
    """The requests of a row."""
    for line in zlib.decompress(body).split(b"\n"):
        yield DECODER.decode(line)
