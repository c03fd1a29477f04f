"""Finding requests in the log of one app in one shop, newest first."""

import re
import zlib
from collections.abc import Callable

from msgspec import Struct

from till.db.port import Tx
from till.monitor.lines import Line, unpacked
from till.web.recent import Owner

HEADS = """
    SELECT id, first_at, last_at FROM request_log
    WHERE shop_id = :shop_id AND client_id = :client_id AND last_at >= :since AND first_at <= :until
"""
BODY = "SELECT body FROM request_log WHERE shop_id = :shop_id AND client_id = :client_id AND id = :id"
STATUS = re.compile(r"[1-5][0-9]{2}|[1-5][xX]{2}|>=[1-5][0-9]{2}")
Key = tuple[int, ...]


class Wanted(Struct, frozen=True, kw_only=True):
    """Which requests; times are microseconds, `statuses` words such as 404, 5xx and >=400.

    `path` is a template, or what the path that was asked for begins with, below the version.
    """

    since: int
    until: int
    statuses: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    path: str | None = None
    code: str | None = None
    id: str | None = None
    scope: str | None = None
    least_ms: float = 0.0

    def holds(self, line: Line) -> bool:
        """True for what is asked for."""
        return (
            self.since <= line.at <= self.until
            and line.ms >= self.least_ms
            and (self.id is None or line.id == self.id)
            and (self.code is None or line.code == self.code)
            and (self.scope is None or line.scope == self.scope)
            and (not self.methods or line.method in self.methods)
            and (not self.statuses or any(is_status(line.status, word) for word in self.statuses))
            and (self.path is None or _is_below(line, self.path))
        )


def is_status(status: int, word: str) -> bool:
    """True when a status is what `word` says: itself, its class, or a least one."""
    if word.startswith(">="):
        return status >= int(word[2:])
    return status // 100 == int(word[0]) if word.lower().endswith("xx") else status == int(word)


def _is_below(line: Line, wanted: str) -> bool:
    asked = line.target.partition("?")[0].partition("/api/")[2].partition("/")[2]
    return line.path == wanted or f"/{asked}".startswith(wanted)


async def search(tx: Tx, wanted: Wanted, *, owner: Owner, key: Key, backward: bool, limit: int) -> list[Line]:
    """At most `limit` requests from just after `key`, newest first.

    Rows overlap in time where several processes serve: one is read when nothing that was found so far
    is surely nearer than all that it holds.
    """
    own = {"shop_id": owner[0], "client_id": owner[1]}
    heads = await tx.fetch(HEADS, since=wanted.since, until=wanted.until, **own)
    is_next = _after(key, backward=backward)
    found: list[Line] = []
    edge = 1 if backward else 2
    for head in sorted(heads, key=lambda row: row[edge], reverse=not backward):
        if key and (head[2] < key[0] if backward else head[1] > key[0]):
            continue
        if len(found) == limit and (found[-1].at < head[1] if backward else found[-1].at > head[2]):
            break
        rows = await tx.fetch(BODY, id=bytes(head[0]), **own)
        body = bytes(rows[0][0])
        if wanted.id is not None and wanted.id.encode() not in zlib.decompress(body):
            continue
        found += [line for line in unpacked(body) if is_next(line) and wanted.holds(line)]
        found = sorted(found, key=lambda line: line.key, reverse=not backward)[:limit]
    return found[::-1] if backward else found


def _after(key: Key, *, backward: bool) -> Callable[[Line], bool]:
    """Whether a request comes after `key` in the direction of the walk."""
    if not key:
        return lambda _: True
    return (lambda line: line.key > tuple(key)) if backward else (lambda line: line.key < tuple(key))
