"""Answers kept for Idempotency-Keys, in the transaction of the write itself (rulings.md §4.6)."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from till.clock import DAY
from till.db.port import Database, Row, Tx
from till.errors import Invalid, KeyInUse, Unreadable
from till.web.call import Answer, Call

LONGEST_KEY = 255
KEPT_FOR = DAY
PLACE = "shop_id = :shop_id AND installation_id = :installation_id AND target = :target AND key = :key"
BEGIN = """
    INSERT INTO kept_answers
        (shop_id, installation_id, target, key, request, status, headers, body, created_at)
    VALUES (:shop_id, :installation_id, :target, :key, :request, 0, '', :nothing, :at)
    ON CONFLICT (shop_id, installation_id, target, key) DO NOTHING
    RETURNING created_at
"""
FIND = f"SELECT request, status, headers, body, created_at FROM kept_answers WHERE {PLACE}"
KEEP = f"UPDATE kept_answers SET status = :status, headers = :headers, body = :body WHERE {PLACE}"
RENEW = f"""
    UPDATE kept_answers SET request = :request, status = 0, created_at = :at WHERE {PLACE}
"""
FORGET = "DELETE FROM kept_answers WHERE shop_id = :shop_id AND created_at < :before"
SHOPS = "SELECT id FROM shops ORDER BY id"


class KeyReused(Invalid):
    """The key was used with another request before."""


class RequestInProgress(KeyInUse):
    """The first request with this key has not been answered yet."""


class BadKey(Unreadable):
    """The key itself cannot be one."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer is kept: installation, method and path (whatever its version and spelling), key."""

    shop_id: int
    installation_id: int
    target: str
    key: str

    @property
    def params(self) -> dict[str, Any]:
        return {
            "shop_id": self.shop_id,
            "installation_id": self.installation_id,
            "target": self.target,
            "key": self.key,
        }


def place_of(call: Call, key: str, target: str) -> Place:
    if not 1 <= len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise BadKey(
            f"Idempotency-Key must be 1 to {LONGEST_KEY} printable ASCII characters.",
            fields={"Idempotency-Key": [f"must be 1 to {LONGEST_KEY} printable ASCII characters"]},
        )
    return Place(call.caller.shop.id, call.caller.installation_id, target, key)


def digest_of(body: Any, query: str) -> bytes:
    """What makes two requests the same: their JSON, however it was laid out, and their query."""
    canonical = msgspec.json.encode([body, query], order="sorted")
    return hashlib.sha256(canonical).digest()


async def once(
    call: Call, use: tuple[str, str], request: bytes, handle: Callable[[], Awaitable[Answer]]
) -> Answer:
    """The answer of `handle`, or the one kept from the first `use`: the same key on the same target.

    `request` is its digest.
    """
    place = place_of(call, *use)
    begun = await call.tx.fetch(BEGIN, request=request, nothing=b"", at=call.at, **place.params)
    if not begun:
        kept = await _kept(call, place, request)
        if kept is not None:
            return kept
    answer = await handle()
    await call.tx.execute(
        KEEP,
        status=answer.status,
        headers=msgspec.json.encode(answer.headers).decode(),
        body=answer.body,
        **place.params,
    )
    return answer


async def _kept(call: Call, place: Place, request: bytes) -> Answer | None:
    """The kept answer, or None when it is too old to count; refuses another use of the key."""
    was, status, headers, body, at = (await call.tx.fetch(FIND, **place.params))[0]
    if at < call.at - KEPT_FOR:
        await call.tx.execute(RENEW, request=request, at=call.at, **place.params)
        return None
    if bytes(was) != request:
        raise KeyReused(
            "This Idempotency-Key was used with another body or query: take a new key for a new request.",
            fields={"Idempotency-Key": ["was used for another request"]},
        )
    if status == 0:
        raise RequestInProgress(
            "A request with this Idempotency-Key is being worked on: repeat it in a moment."
        )
    pairs = msgspec.json.decode(headers, type=tuple[tuple[str, str], ...])
    return Answer(bytes(body), (*pairs, ("idempotency-replayed", "true")), status)


async def forget_old(db: Database, *, at: int) -> None:
    """Delete answers older than a day, shop by shop."""

    async def all_shops(tx: Tx) -> list[Row]:
        return await tx.fetch(SHOPS)

    for (shop_id,) in await db.read(all_shops):
        await db.write(partial(_forget, shop_id=shop_id, before=at - KEPT_FOR), shop_id=shop_id)


async def _forget(tx: Tx, *, shop_id: int, before: int) -> None:
    await tx.execute(FORGET, shop_id=shop_id, before=before)
