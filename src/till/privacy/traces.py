"""What an order left behind in a shop: its events, what was sent of them, its timeline; without the people.

All but the cart that it was, which is taken away, is rewritten in place: numbers, ids, versions and times
stay, so that nobody who reads or replays the events of a shop misses one, and what is still owed is sent as
it reads now, signed as it is sent.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from till.db.port import Dialect, Row, Tx
from till.deliveries.attempt import DETAILS
from till.deliveries.attempt import encode as encode_details
from till.orders.history import Details, Entry, Note, Page
from till.privacy.payload import ERASED, forgotten

TIMELINE = "SELECT id, body FROM order_timeline WHERE shop_id = :shop_id AND order_id = :order_id ORDER BY id"
SET_TIMELINE = """
    UPDATE order_timeline SET body = :body WHERE shop_id = :shop_id AND order_id = :order_id AND id = :id
"""
CHANGE = "SELECT payload FROM changes WHERE shop_id = :shop_id AND number = :number"
SET_CHANGE = "UPDATE changes SET payload = :payload WHERE shop_id = :shop_id AND number = :number"
# A change has its events' numbers from its own on.
EVENTS = """
    SELECT number, payload FROM events
    WHERE shop_id = :shop_id AND number >= :first AND number < :first + 32 AND change_number = :first
"""
SET_EVENT = "UPDATE events SET payload = :payload WHERE shop_id = :shop_id AND number = :number"
# Those that were sent as a test are of an event too; examples, which are of none, stand at number 0.
FORMS = "SELECT form, payload FROM event_forms WHERE shop_id = :shop_id AND number = :number"
SET_FORM = """
    UPDATE event_forms SET payload = :payload WHERE shop_id = :shop_id AND number = :number AND form = :form
"""
# A reason may hold what a receiver answered.
REASONS = """
    UPDATE deliveries SET reason = :reason
    WHERE shop_id = :shop_id AND resource_id = :resource_id AND reason IS NOT NULL AND attempts > 0
        AND topic NOT LIKE 'webhook/%'
"""
ATTEMPTS = """
    SELECT a.delivery_id, a.number, a.details FROM deliveries d
    JOIN attempts a ON a.shop_id = d.shop_id AND a.delivery_id = d.id
    WHERE d.shop_id = :shop_id AND d.resource_id = :resource_id
"""
SET_ATTEMPT = """
    UPDATE attempts SET response = NULL, details = :details
    WHERE shop_id = :shop_id AND delivery_id = :delivery_id AND number = :number
"""
# Whether bytes hold one of some texts; to look is much cheaper than to decode.
HOLDS = {
    Dialect.SQLITE: "EXISTS (SELECT 1 FROM json_each(:needles) n"
    " WHERE instr({0}, CAST(n.value AS BLOB)) > 0)",
    Dialect.POSTGRESQL: "EXISTS (SELECT 1 FROM jsonb_array_elements_text(CAST(:needles AS jsonb)) n (value)"
    " WHERE position(convert_to(n.value, 'UTF8') IN {0}) > 0)",
}
ANSWERS = """
    SELECT installation_id, target, key, body FROM kept_answers
    WHERE shop_id = :shop_id AND created_at >= :since AND created_at < :until AND {about}
"""
SET_ANSWER = """
    UPDATE kept_answers SET body = :body
    WHERE shop_id = :shop_id AND installation_id = :installation_id AND target = :target AND key = :key
"""
# A cart may hold a note of its visitor, who is known once it became an order.
CART = "DELETE FROM carts WHERE shop_id = :shop_id AND order_id = :order_id"
CARTS = "DELETE FROM carts WHERE shop_id = :shop_id"
# Free text among the details of an entry.
FREE = ("message",)
_PAGES = msgspec.json.Decoder(Page)


async def forget_order(tx: Tx, *, shop_id: int, order_id: int) -> None:
    """Rewrite all that an order left behind, which must not be changed meanwhile."""
    changes: set[int] = set()
    for entry_id, body in await tx.fetch(TIMELINE, shop_id=shop_id, order_id=order_id):
        page = _PAGES.decode(body)
        if page.events:
            changes.add(min(page.events))
        bare = msgspec.json.encode(_bare_page(page))
        if bare != bytes(body):
            await tx.execute(SET_TIMELINE, shop_id=shop_id, order_id=order_id, id=entry_id, body=bare)
    for number in sorted(changes):
        await forget_change(tx, shop_id=shop_id, number=number)
    await forget_attempts(tx, shop_id=shop_id, resource_id=order_id)
    await tx.execute(CART, shop_id=shop_id, order_id=order_id)


async def forget_carts(tx: Tx, *, shop_id: int) -> None:
    """Let go of every cart of a shop."""
    await tx.execute(CARTS, shop_id=shop_id)


async def forget_change(tx: Tx, *, shop_id: int, number: int) -> None:
    """Rewrite a change, what its events tell of their own, and every form in which they were told."""
    for (payload,) in await tx.fetch(CHANGE, shop_id=shop_id, number=number):
        await _rewrite(tx, SET_CHANGE, payload, shop_id=shop_id, number=number)
    for event, payload in await tx.fetch(EVENTS, shop_id=shop_id, first=number):
        if payload is not None:
            await _rewrite(tx, SET_EVENT, payload, shop_id=shop_id, number=event)
        for form, shown in await tx.fetch(FORMS, shop_id=shop_id, number=event):
            await _rewrite(tx, SET_FORM, shown, shop_id=shop_id, number=event, form=form)


async def forget_attempts(tx: Tx, *, shop_id: int, resource_id: int) -> None:
    """Let go of what receivers answered when they were told of an order: they may have sent it back."""
    await tx.execute(REASONS, shop_id=shop_id, resource_id=resource_id, reason=ERASED)
    rows = await tx.fetch(ATTEMPTS, shop_id=shop_id, resource_id=resource_id)
    for delivery_id, number, details in rows:
        bare = bare_details(details)
        await tx.execute(SET_ATTEMPT, shop_id=shop_id, delivery_id=delivery_id, number=number, details=bare)


def bare_details(details: bytes) -> bytes:
    """What is kept of an attempt, without what the receiver sent."""
    told = DETAILS.decode(bytes(details))
    sentence = None if told.sentence is None else ERASED
    return encode_details(replace(told, response=(), sentence=sentence))


async def answers_about(tx: Tx, *, shop_id: int, needles: Sequence[str], since: int, until: int) -> list[Row]:
    """The answers kept for Idempotency-Keys in a span of time whose body holds one of some texts."""
    return await tx.fetch(
        ANSWERS.format(about=HOLDS[tx.dialect].format("body")),
        shop_id=shop_id,
        needles=msgspec.json.encode(needles).decode(),
        since=since,
        until=until,
    )


async def forget_answers(tx: Tx, rows: Iterable[Row], *, shop_id: int) -> None:
    """Rewrite kept answers; they go on keeping a request from being done twice."""
    for installation_id, target, key, body in rows:
        if body:
            place = {"installation_id": installation_id, "target": target, "key": key}
            await _rewrite(tx, SET_ANSWER, body, name="body", shop_id=shop_id, **place)


def tells(payload: bytes) -> bool:
    """True of JSON that holds something of people still."""
    return forgotten(bytes(payload)) != bytes(payload)


async def _rewrite(tx: Tx, statement: str, payload: bytes, *, name: str = "payload", **place: Any) -> None:
    bare = forgotten(bytes(payload))
    if bare != bytes(payload):
        await tx.execute(statement, **{name: bare}, **place)


def _bare_page(page: Page) -> Page:
    """A page of a timeline without notes, and without what else somebody wrote."""
    note = page.note
    if note is not None:
        note = Note(ERASED, None, note.pinned, note.edits)
    return replace(page, note=note, entries=[_bare_entry(each) for each in page.entries])


def _bare_entry(entry: Entry) -> Entry:
    details: Details = {name: value for name, value in entry.details.items() if name not in FREE}
    if details.get("tracking"):
        details["tracking"] = details["tracking"] | {"number": None}
    return Entry(entry.kind, details)
