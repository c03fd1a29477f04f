"""Which order a fulfillment, a refund or a return is part of."""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from till.db.port import Tx
from till.orders.order import Order

ADD = """
    INSERT INTO order_parts (shop_id, kind, id, order_id, created_at)
    VALUES (:shop_id, :kind, :id, :order_id, :created_at)
    ON CONFLICT (shop_id, kind, id, order_id) DO NOTHING
"""
REMOVE = """
    DELETE FROM order_parts
    WHERE shop_id = :shop_id AND kind = :kind AND id = :id AND order_id = :order_id
"""
FIND = """
    SELECT order_id FROM order_parts
    WHERE shop_id = :shop_id AND kind = :kind AND id = :id ORDER BY order_id LIMIT 2
"""
FULFILLMENT, REFUND, RETURN = "fulfillment", "refund", "return"

Key = tuple[str, str]


def parts_of(order: Order | None) -> Iterator[tuple[Key, int]]:
    """The kind and the id of each part, and when it was made."""
    if order is not None:
        yield from (((FULFILLMENT, each.id), each.created_at) for each in order.fulfillments)
        yield from (((REFUND, each.id), each.created_at) for each in order.refunds)
        yield from (((RETURN, each.id), each.created_at) for each in order.returns)


async def add(tx: Tx, old: Order | None, new: Order, *, shop_id: int) -> None:
    """Index the parts that `new` has and `old` has not."""
    known = {key for key, _ in parts_of(old)}
    for key, created_at in parts_of(new):
        if key not in known:
            await tx.execute(ADD, created_at=created_at, **_place(key, new.id, shop_id))


async def remove(tx: Tx, order: Order, *, shop_id: int) -> None:
    for key, _ in parts_of(order):
        await tx.execute(REMOVE, **_place(key, order.id, shop_id))


async def orders_with(tx: Tx, kind: str, part_id: str, *, shop_id: int) -> list[int]:
    """The orders that have this part: one, or two where channels gave the same id twice."""
    rows = await tx.fetch(FIND, shop_id=shop_id, kind=kind, id=part_id)
    return [int(row[0]) for row in rows]


def _place(key: Key, order_id: int, shop_id: int) -> dict[str, Any]:
    return {"shop_id": shop_id, "kind": key[0], "id": key[1], "order_id": order_id}


class Listed(Struct, frozen=True):
    """A part, when it was made, and the body of its order."""

    id: str
    created_at: int
    order_id: int
    body: bytes


class Among(Struct, frozen=True, kw_only=True):
    """Which parts are listed; what is None does not narrow the list."""

    kind: str
    order_id: int | None = None
    ids: tuple[str, ...] | None = None
    since: int | None = None


async def page(
    tx: Tx, among: Among, *, shop_id: int, key: tuple[Any, ...], backward: bool, limit: int
) -> list[Listed]:
    """Parts, newest first, from after `key`, or up to it where `backward`."""
    clauses = ["p.shop_id = :shop_id", "p.kind = :kind"]
    params: dict[str, Any] = {"shop_id": shop_id, "kind": among.kind, "limit": limit}
    if among.order_id is not None:
        clauses.append("p.order_id = :order_id")
        params["order_id"] = among.order_id
    if among.ids is not None:
        names = [f"part_{index}" for index in range(len(among.ids))]
        clauses.append(f"p.id IN ({', '.join(f':{name}' for name in names)})")
        params |= dict(zip(names, among.ids, strict=True))
    if among.since is not None:
        clauses.append("o.created_at >= :since")
        params["since"] = among.since
    if key:
        clauses.append(f"(p.created_at, p.id) {'>' if backward else '<'} (:key_at, :key_id)")
        params |= {"key_at": key[0], "key_id": key[1]}
    way = "ASC" if backward else "DESC"
    rows = await tx.fetch(
        "SELECT p.id, p.created_at, o.id, o.body FROM order_parts p"
        " JOIN orders o ON o.shop_id = p.shop_id AND o.id = p.order_id"
        f" WHERE {' AND '.join(clauses)} ORDER BY p.created_at {way}, p.id {way} LIMIT :limit",
        **params,
    )
    found = [Listed(*row) for row in rows]
    return found[::-1] if backward else found
