"""What a cancellation would do, told without doing it."""

from collections.abc import Callable
from typing import Annotated

import msgspec
from msgspec import UNSET, Struct, UnsetType

from till.dialect import readers
from till.dialect.scalars import documented
from till.errors import Invalid
from till.orders.api.acting import view_of
from till.orders.order import Order
from till.orders.store import Orders
from till.orders.topics import TOPICS
from till.orders.wire.answer import OrderOut
from till.orders.wire.money import TransactionOut, show_transaction
from till.orders.wire.out import Out
from till.orders.wire.refunds import RefundOut, show_refund
from till.orders.words import TransactionKind
from till.shop import Fidelity
from till.web.call import Answer, Call, etag
from till.webhooks.topic import told


class CancelQuery(Struct, kw_only=True, frozen=True, rename="camel", omit_defaults=True):
    dry_run: Annotated[
        bool | UnsetType,
        readers.flag(nullable=False),
        readers.Note(additive=True, about="Answer what would happen, and do nothing."),
    ] = UNSET


class ForesightAnswer(Out, kw_only=True, frozen=True):
    """Of a dry run: whether it would be done, what forbids it, and all that would come of it."""

    allowed: bool
    code: str | None
    error: str | None
    order: OrderOut
    refund: RefundOut | None
    voided: tuple[TransactionOut, ...]
    topics: tuple[str, ...]


def foreseen(call: Call, old: Order, command: Callable[[Order], Order]) -> Answer:
    """The order as `command` would leave it, and what would be told; or what forbids it."""
    view, shop = view_of(call), call.caller.shop
    try:
        new, refusal = Orders(call.tx, shop).outcome(old, command), None
    except Invalid as why:
        new, refusal = old, why
    booked = new.transactions[len(old.transactions) :]
    refunds = new.refunds[len(old.refunds) :]
    shown = {
        "allowed": refusal is None,
        "code": refusal.code if refusal else None,
        "error": refusal.message if refusal else None,
        "order": msgspec.Raw(view.order(new)),
        "refund": show_refund(new, refunds[0], shop) if refunds else None,
        "voided": [show_transaction(new, each, shop) for each in booked if each.kind is TransactionKind.VOID],
        "topics": [topic.name for topic in told(TOPICS, old, new)] if new != old else [],
    }
    raw = msgspec.json.encode(shown)
    if call.fidelity is Fidelity.DOCUMENTED:
        raw = msgspec.json.encode(documented(msgspec.json.decode(raw)))
    return Answer(raw, (etag(old.version),))
