"""The timeline of an order, and the notes that customer service writes to it. Additive."""

from typing import Annotated

from msgspec import UNSET, Struct, UnsetType

from till.dialect import lists, readers
from till.orders import journal
from till.orders.api.acting import CHANGES, WRITE, by, find, no_part, part, view_of
from till.orders.history import Note, Row
from till.orders.order import Order
from till.orders.refused import Refused
from till.orders.topics import READ
from till.orders.wire import part_examples
from till.orders.wire.reading import said
from till.orders.wire.timeline import (
    EntryAnswer,
    NoteEditRequest,
    NoteRequest,
    TimelineAnswer,
    edited,
    show_note,
    show_timeline,
)
from till.orders.words import Happening
from till.web.call import Answer, Call
from till.web.endpoint import endpoint, endpoints_of

MOST = 1_000


class TooManyNotes(Refused):
    """What one timeline can hold is bounded."""

    says = "Order {order} has {most} notes and edits of notes already: no more can be written."


class TimelineQuery(Struct, kw_only=True, frozen=True, rename="camel", omit_defaults=True):
    kind: Annotated[
        tuple[str, ...] | UnsetType,
        lists.word_list([str(each) for each in Happening]),
        readers.Note(about="Only entries of these kinds."),
    ] = UNSET
    since_id: Annotated[
        str | UnsetType,
        readers.identifier(nullable=False),
        readers.Note(about="Only entries after the one with this id; all where there is none."),
    ] = UNSET
    limit: Annotated[
        int | UnsetType,
        readers.whole(1, MOST, nullable=False),
        readers.Note(about=f"At most so many entries, {MOST:,} without it."),
    ] = UNSET


@endpoint(
    "GET",
    "/orders/{orderId}/timeline",
    "Get the timeline of an order",
    scopes=READ,
    answers=TimelineAnswer,
    tagged=True,
    source="additive",
    group="Timeline",
    shows=part_examples.timeline,
)
async def get_timeline(call: Call, orderId: str, query: TimelineQuery) -> Answer:  # noqa: N803 - the path's own name
    order = await find(call, orderId)
    kinds, after = said(query.kind), said(query.since_id)
    shown = show_timeline(order, await _rows(call, order), call.caller.shop)
    first = next((place for place, each in enumerate(shown, 1) if each.id == after), 0)
    wanted = [each for each in shown[first:] if kinds is None or each.kind in kinds]
    return part(call, "timeline", wanted[: said(query.limit, MOST)], order.version)


@endpoint(
    "POST",
    "/orders/{orderId}/timeline",
    "Write a note",
    scopes=WRITE,
    answers=EntryAnswer,
    source="additive",
    group="Timeline",
    sends=part_examples.NOTE,
    shows=part_examples.entry,
    **CHANGES,
)
async def create_note(call: Call, orderId: str, body: NoteRequest) -> Answer:  # noqa: N803 - likewise
    order = await _to_annotate(call, orderId)
    sent = body.note
    note = Note(text=sent.text, author=said(sent.author), pinned=said(sent.pinned, default=False))
    return await _written(call, order, note)


@endpoint(
    "PUT",
    "/orders/{orderId}/timeline/{entryId}",
    "Edit a note",
    scopes=WRITE,
    answers=EntryAnswer,
    source="additive",
    group="Timeline",
    sends=part_examples.NOTE_EDIT,
    shows=part_examples.entry,
    **CHANGES,
)
async def update_note(call: Call, orderId: str, entryId: str, body: NoteEditRequest) -> Answer:  # noqa: N803 - likewise
    order = await _to_annotate(call, orderId)
    now = _note(await _rows(call, order), entryId)
    if now is None:
        raise no_part("note", entryId)
    changed = edited(now, body.note, int(entryId))
    return await _written(call, order, None if changed == now else changed, entryId)


async def _to_annotate(call: Call, order_id: str) -> Order:
    """The order, in the version that the caller names."""
    order = await find(call, order_id)
    call.must_match(order.version, lambda: view_of(call).order(order))
    return order


async def _written(call: Call, order: Order, note: Note | None, note_id: str | None = None) -> Answer:
    """Write `note` if there is one to write, and show the note that it makes or edits."""
    if note is not None:
        if sum(each.page.note is not None for each in await _rows(call, order)) >= MOST:
            raise TooManyNotes(order, most=f"{MOST:,}")
        written = await journal.write_note(
            call.tx, note, shop_id=call.caller.shop.id, order_id=order.id, at=call.at, by=by(call)
        )
        note_id = note_id or str(written)
    rows = await _rows(call, order)
    row = next(each for each in rows if str(each.id) == note_id)
    shown = show_note(row, _edits(rows, row.id), call.caller.shop)
    return part(call, "entry", shown, order.version)


async def _rows(call: Call, order: Order) -> list[Row]:
    return await journal.pages(call.tx, shop_id=call.caller.shop.id, order_id=order.id)


def _edits(rows: list[Row], note_id: int) -> list[Row]:
    return [each for each in rows if each.page.note is not None and each.page.note.edits == note_id]


def _note(rows: list[Row], entry_id: str) -> Note | None:
    """The note of that id as it reads now."""
    for row in rows:
        if str(row.id) == entry_id and row.page.note is not None and row.page.note.edits is None:
            latest = [row, *_edits(rows, row.id)][-1].page.note
            return None if latest is None else Note(latest.text, latest.author, latest.pinned, row.id)
    return None


ENDPOINTS = endpoints_of(vars())
