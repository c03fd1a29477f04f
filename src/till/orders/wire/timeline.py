"""The timeline of an order on the wire: what happened in words, and notes with their history."""

from collections.abc import Callable
from typing import Annotated

import msgspec
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from till.clock import iso
from till.dialect import readers
from till.money import spell
from till.orders.history import Details, Entry, Note, Row
from till.orders.order import Order
from till.orders.wire.kinds import Flag, In, Line
from till.orders.wire.out import Money, Out, Time
from till.orders.words import CancelReason, Happening, TransactionKind
from till.shop import Shop

SENTENCES = {
    Happening.CREATED: "The order was placed{source}.",
    Happening.EDITED: "Changed: {fields}.",
    Happening.CONFIRMED: "The order was confirmed.",
    Happening.AUTHORIZED: "{amount} was authorized ({gateway}).",
    Happening.PAID: "{amount} was paid ({gateway}).",
    Happening.CAPTURED: "{amount} was captured ({gateway}).",
    Happening.VOIDED: "{amount} that was held was let go ({gateway}).",
    Happening.LAPSED: "{amount} that was held for a week lapsed ({gateway}).",
    Happening.PAYMENT_PENDING: "{transaction} of {amount} is pending ({gateway}).",
    Happening.PAYMENT_FAILED: "{transaction} of {amount} failed ({gateway}).",
    Happening.SHIPPED: "{count} shipped as {order}.{number}{tracking}.",
    Happening.TRACKING_UPDATED: "The tracking of shipment {order}.{number} changed{tracking}.",
    Happening.SHIPMENT_CANCELLED: "Shipment {order}.{number} was cancelled.",
    Happening.REFUND_REQUESTED: "A refund of {amount} waits for review.",
    Happening.REFUNDED: "{amount} was refunded{units}.",
    Happening.REFUND_DECLINED: "A refund of {amount} was declined.",
    Happening.REFUND_EDITED: "The note of a refund of {amount} changed.",
    Happening.RETURN_REQUESTED: "Return {order}-R{number} was requested: {count}.",
    Happening.RETURN_APPROVED: "Return {order}-R{number} was approved: {count}.",
    Happening.RETURN_DECLINED: "Return {order}-R{number} was declined.",
    Happening.RETURN_RECEIVED: "Of return {order}-R{number}, {received} came in.",
    Happening.RETURN_CANCELLED: "Return {order}-R{number} was cancelled.",
    Happening.RETURN_CLOSED: "Return {order}-R{number} was closed.",
    Happening.CLOSED: "The order was closed.",
    Happening.REOPENED: "The order was reopened.",
    Happening.CANCELLED: "The order was cancelled ({reason}){restock}.",
    Happening.ERASED: "The personal data in the order was erased.",
}


TRANSACTIONS = {
    "authorization": "An authorization",
    "sale": "A payment",
    "capture": "A capture",
    "void": "A void",
    "refund": "A refund",
}


class NoteIn(In, kw_only=True, frozen=True):
    text: Annotated[str, readers.text(5_000, shortest=1, nullable=False)]
    author: Line = UNSET
    pinned: Flag = UNSET


class NoteRequest(In, kw_only=True, frozen=True):
    note: NoteIn


class NoteEditIn(In, kw_only=True, frozen=True):
    text: Annotated[str | UnsetType, readers.text(5_000, shortest=1, nullable=False)] = UNSET
    pinned: Flag = UNSET


class NoteEditRequest(In, kw_only=True, frozen=True):
    note: NoteEditIn


class WhoOut(Out, kw_only=True, frozen=True):
    type: str
    id: str
    name: str | None


class EventOut(Out, kw_only=True, frozen=True):
    """An event that the change was told as, by its number in the shop."""

    number: int
    topic: str


class OlderNoteOut(Out, kw_only=True, frozen=True):
    """What a note said before."""

    text: str
    pinned: bool
    at: Time
    by: WhoOut


class DetailUnitsOut(Out, kw_only=True, frozen=True):
    line_item_id: str
    quantity: int


class DetailTrackingOut(Out, kw_only=True, frozen=True):
    number: str | None
    company: str | None


class DetailsOut(Out, kw_only=True, frozen=True, omit_defaults=True):
    """What happened, for a program; each kind of entry has those of the keys that say something of it."""

    source_name: str | UnsetType = UNSET
    fields: tuple[str, ...] | UnsetType = UNSET
    transaction_id: str | UnsetType = UNSET
    kind: TransactionKind | UnsetType = UNSET
    fulfillment_id: str | UnsetType = UNSET
    refund_id: str | UnsetType = UNSET
    return_id: str | UnsetType = UNSET
    number: int | UnsetType = UNSET
    amount: Money | UnsetType = UNSET
    gateway: str | UnsetType = UNSET
    message: str | UnsetType = UNSET
    units: tuple[DetailUnitsOut, ...] | UnsetType = UNSET
    received: int | UnsetType = UNSET
    tracking: DetailTrackingOut | UnsetType = UNSET
    reason: CancelReason | UnsetType | None = UNSET
    restock: bool | UnsetType = UNSET


class EntryOut(Out, kw_only=True, frozen=True):
    id: str
    at: Time
    kind: Happening
    text: str
    by: WhoOut
    version: int | None
    events: tuple[EventOut, ...]
    details: DetailsOut
    author: str | None
    pinned: bool
    history: tuple[OlderNoteOut, ...]


class TimelineAnswer(Out, kw_only=True, frozen=True):
    timeline: tuple[EntryOut, ...]


class EntryAnswer(Out, kw_only=True, frozen=True):
    entry: EntryOut


def show_timeline(order: Order, rows: list[Row], shop: Shop) -> list[EntryOut]:
    """Every entry, oldest first; a change in which several things happened is as many entries."""
    edits: dict[int, list[Row]] = {}
    for row in rows:
        if row.page.note is not None and row.page.note.edits is not None:
            edits.setdefault(row.page.note.edits, []).append(row)
    shown: list[EntryOut] = []
    for row in rows:
        if row.page.note is None:
            shown += [_entry(order, row, each, index, shop) for index, each in enumerate(row.page.entries)]
        elif row.page.note.edits is None:
            shown.append(show_note(row, edits.get(row.id, []), shop))
    return shown


def show_note(row: Row, edits: list[Row], shop: Shop) -> EntryOut:
    """A note as it reads now, and what it said before."""
    versions = [(each.page.note, each) for each in (row, *edits) if each.page.note is not None]
    now: Note = versions[-1][0]
    older = tuple(
        OlderNoteOut(text=note.text, pinned=note.pinned, at=iso(each.at, shop.timezone), by=_who(each))
        for note, each in versions[:-1]
    )
    return EntryOut(
        id=str(row.id),
        at=iso(row.at, shop.timezone),
        kind=Happening.NOTE,
        text=now.text,
        by=_who(row),
        version=None,
        events=(),
        details=DetailsOut(),
        author=now.author,
        pinned=now.pinned,
        history=older,
    )


def edited(old: Note, sent: NoteEditIn, note_id: int) -> Note:
    """`old` with what was sent, as an edit of the note `note_id`."""
    text = old.text if sent.text is UNSET else sent.text
    pinned = old.pinned if sent.pinned is UNSET or sent.pinned is None else bool(sent.pinned)
    return replace(old, text=text, pinned=pinned, edits=note_id)


def _who(row: Row) -> WhoOut:
    by = row.page.by
    return WhoOut(type=by.type, id=by.id, name=by.name)


def _entry(order: Order, row: Row, entry: Entry, index: int, shop: Shop) -> EntryOut:
    return EntryOut(
        id=str(row.id) if index == 0 else f"{row.id}-{index}",
        at=iso(row.at, shop.timezone),
        kind=entry.kind,
        text=sentence(order, entry),
        by=_who(row),
        version=row.page.version,
        events=tuple(EventOut(number=number, topic=topic) for number, topic in row.page.events.items()),
        details=_details(order, entry.details),
        author=None,
        pinned=False,
        history=(),
    )


def _details(order: Order, details: Details) -> DetailsOut:
    """With amounts spelled as everywhere."""
    amount = details.get("amount")
    spelled = {} if amount is None else {"amount": spell(amount, order.currency)}
    return msgspec.convert(details | spelled, DetailsOut)


class _Words(Struct):
    """What the sentences may name."""

    order: Order
    details: Details

    def __getitem__(self, name: str) -> str:
        details = self.details
        if name == "amount":
            return f"{spell(details['amount'], self.order.currency)} {self.order.currency}"
        if name == "order":
            return self.order.name
        if name == "count":
            return _pieces(sum(unit["quantity"] for unit in details["units"]))
        if name == "received":
            return _pieces(details["received"])
        optional: dict[str, Callable[[], str]] = {
            "source": lambda: f" through {details['sourceName']}" if "sourceName" in details else "",
            "fields": lambda: ", ".join(each.replace("_", " ") for each in details["fields"]),
            "tracking": lambda: _tracking(details.get("tracking") or {}),
            "units": lambda: f" for {self['count']}" if details.get("units") else "",
            "transaction": lambda: TRANSACTIONS[details["kind"]],
            "restock": lambda: ", its units put back" if details.get("restock") else "",
        }
        return optional[name]() if name in optional else str(details.get(name) or "")


def sentence(order: Order, entry: Entry) -> str:
    """One sentence for people."""
    return SENTENCES[entry.kind].format_map(_Words(order, entry.details))


def _pieces(count: int) -> str:
    return f"{count} unit" if count == 1 else f"{count} units"


def _tracking(tracking: dict[str, str]) -> str:
    told = " ".join(filter(None, (tracking.get("company"), tracking.get("number"))))
    return f", tracked as {told}" if told else ""
