"""Requests as they are kept: many to a row, packed, for a row a request would cost more than the request."""

import zlib
from collections.abc import Iterator, Sequence
from operator import attrgetter

import msgspec
from msgspec import Struct

from till.ids import uuid7
from till.web.recent import Entry

# A row is filled up to here, request by request, before the next is begun; none holds more than the most.
FULL, MOST = 250, 1_000
# Nor is a row filled for longer than this, so that it can go when its requests are old enough.
LONGEST = 3_600_000_000
LEVEL = 1


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
ENCODER = msgspec.json.Encoder()
# The values of a request in the order of a line.
VALUES = attrgetter("at", "id", "method", "path", "target", "status", "ms", "code", "version", "scope")


class Segment(Struct):
    """A row of the log that is being filled; `lines` are its `n` requests, spelled."""

    id: bytes
    first_at: int
    last_at: int
    n: int
    lines: bytes

    def takes(self, at: int) -> bool:
        """True while what comes at this moment belongs here."""
        return self.n < FULL and abs(at - self.first_at) < LONGEST

    def with_(self, entries: Sequence[Entry]) -> "Segment":
        """The same with more requests."""
        times = [entry.at for entry in entries]
        return Segment(
            self.id,
            min(self.first_at, *times),
            max(self.last_at, *times),
            self.n + len(entries),
            self.lines + ENCODER.encode_lines(map(VALUES, entries)),
        )

    def packed(self) -> bytes:
        return zlib.compress(self.lines, LEVEL)


def segments_of(entries: Sequence[Entry], begun: Segment | None) -> list[Segment]:
    """The rows that hold `entries`: the one that was begun, as far as it takes them, then new ones."""
    found: list[Segment] = []
    while entries:
        at = entries[0].at
        if not found and begun is not None and begun.takes(at):
            segment = begun
        else:
            segment = Segment(uuid7(), at, at, 0, b"")
        room = MOST - segment.n
        found.append(segment.with_(entries[:room]))
        entries = entries[room:]
    return found


def unpacked(body: bytes) -> Iterator[Line]:
    """The requests of a row."""
    for line in zlib.decompress(body).splitlines():
        yield DECODER.decode(line)
