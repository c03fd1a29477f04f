"""Examples for the description of the API: what a client sends to move money and goods, and is answered."""

from functools import lru_cache
from itertools import count
from typing import Any

import msgspec

from till.clock import SECOND
from till.dialect.body import read
from till.orders import pay, quote, refund, returns, ship
from till.orders.history import Note, Page, Row, Who, entries
from till.orders.movements import Reason, Tracking
from till.orders.order import Order
from till.orders.wire import examples as orders
from till.orders.wire.fields import OrderRequest
from till.orders.wire.money import show_payment, show_transaction
from till.orders.wire.refunds import show_quote, show_refund
from till.orders.wire.request import to_order
from till.orders.wire.returns import show_return
from till.orders.wire.shipping import show_fulfillment
from till.orders.wire.timeline import show_note, show_timeline
from till.orders.words import RestockType, TransactionKind

LINE_ID = "669751112"
LINE = {"lineItemId": LINE_ID, "quantity": 1}
TRANSACTION: dict[str, Any] = {
    "capture": {"transaction": {"kind": "capture"}},
    "part of it": {"transaction": {"kind": "sale", "amount": "20.00", "gateway": "bank transfer"}},
}
PAID: dict[str, Any] = {"by bank transfer": {"gateway": "bank transfer"}}
SHIPMENT: dict[str, Any] = {
    "everything": {"fulfillment": {"orderId": "300157930096874", "trackingNumber": "1Z999AA10123456784"}},
    "one unit": {"fulfillment": {"orderId": "300157930096874", "lineItems": [LINE]}},
}
TRACKING: dict[str, Any] = {
    "number": {"fulfillment": {"trackingNumber": "1Z999AA10123456784", "trackingCompany": "UPS"}}
}
REFUND: dict[str, Any] = {
    "one unit": {
        "refund": {"orderId": "300157930096874", "lineItems": [LINE | {"restockType": "return"}]},
    },
    "amount only": {"refund": {"orderId": "300157930096874", "amount": "5.00", "note": "Scratched."}},
}
REVIEW: dict[str, Any] = {"approve": {"refund": {"status": 1}}, "decline": {"refund": {"status": 2}}}
RETURN: dict[str, Any] = {"one unit": {"return": {"lineItems": [LINE | {"reason": "Too small"}]}}}
RECEIVE: dict[str, Any] = {"back on the shelf": {"restock": True}}
DECLINE: dict[str, Any] = {"too late": {"reason": "Bought more than 30 days ago."}}
NOTE: dict[str, Any] = {"call": {"note": {"text": "Called: deliver on Friday.", "author": "Kim"}}}
NOTE_EDIT: dict[str, Any] = {"pin": {"note": {"pinned": True}}}

MINUTE = 60 * SECOND
APP = Who("app", "4c1d9e62f07ab835", "Helpdesk")
TOPICS = (["orders/create"], ["orders/paid", "orders/update"], ["orders/fulfilled", "orders/update"])


@lru_cache(maxsize=1)
def life() -> tuple[Order, ...]:
    """An order as it was placed, paid, shipped, partly refunded, and about to come back."""
    mint = count(300_157_930_096_874).__next__
    at = orders.AT
    body = {"order": orders.WHOLE | {"financialStatus": "pending"}}
    placed = to_order(read(OrderRequest, body, "").order, shop=orders.SHOP, number=1001, mint=mint, at=at)
    sale = pay.Booking(kind=TransactionKind.SALE, gateway="bank transfer")
    paid = pay.book(placed, sale, mint=mint, at=at + MINUTE)
    tracking = Tracking(
        number="1Z999AA10123456784", company="UPS", url="https://www.ups.com/track?num=1Z999AA10123456784"
    )
    shipped = ship.ship(paid, ship.Shipment(tracking=tracking), mint=mint, at=at + 2 * MINUTE)
    refunded = refund.refund(shipped, _wish(), mint=mint, at=at + 3 * MINUTE)
    asked = returns.AskedUnits(line_id=LINE_ID, quantity=1, reason=Reason(text="Too small"))
    wish = returns.ReturnWish(units=(asked,), note="Keeps the other one.")
    return placed, paid, shipped, refunded, returns.request(refunded, wish, mint=mint, at=at + 4 * MINUTE)


def _wish() -> quote.RefundWish:
    unit = quote.WantedUnits(line_id=LINE_ID, quantity=1, restock=RestockType.RETURN)
    return quote.RefundWish(units=(unit,), rights_type=2, note="Scratched.")


def _one(key: str, shown: Any) -> dict[str, Any]:
    return {key: msgspec.to_builtins(shown)}


def transaction() -> dict[str, Any]:
    order = life()[1]
    return _one("transaction", show_transaction(order, order.transactions[0], orders.SHOP))


def transactions() -> dict[str, Any]:
    order = life()[-1]
    shown = [show_transaction(order, each, orders.SHOP) for each in order.transactions]
    return _one("transactions", shown)


def payment() -> dict[str, Any]:
    order = life()[1]
    return _one("payment", show_payment(order, order.transactions[0], orders.SHOP))


def fulfillment() -> dict[str, Any]:
    order = life()[2]
    return _one("fulfillment", show_fulfillment(order, order.fulfillments[0], orders.SHOP))


def fulfillments() -> dict[str, Any]:
    return {"fulfillments": [fulfillment()["fulfillment"]]}


def refund_() -> dict[str, Any]:
    order = life()[3]
    return _one("refund", show_refund(order, order.refunds[0], orders.SHOP))


def refunds() -> dict[str, Any]:
    return {"refunds": [refund_()["refund"]]}


def quote_() -> dict[str, Any]:
    order = life()[2]
    draft, backs = refund.drafted(order, _wish(), mint=count(1).__next__, at=orders.AT + 3 * MINUTE)
    most = sum(each.amount for each in order.transactions)
    return _one("refund", show_quote(order, draft, backs, most, orders.SHOP))


def return_() -> dict[str, Any]:
    order = life()[-1]
    return _one("return", show_return(order, order.returns[0], orders.SHOP))


def returns_() -> dict[str, Any]:
    return {"returns": [return_()["return"]]}


def _note() -> Row:
    note = Note("Called: deliver on Friday.", author="Kim")
    return Row(300_157_930_096_899, orders.AT + 5 * MINUTE, Page(APP, note=note))


def entry() -> dict[str, Any]:
    return _one("entry", show_note(_note(), [], orders.SHOP))


def timeline() -> dict[str, Any]:
    stages = life()
    rows = [
        Row(
            300_157_930_096_890 + index,
            new.updated_at,
            Page(
                APP,
                version=new.version,
                entries=entries(stages[index - 1] if index else None, new),
                events={1 + 2 * index + place: topic for place, topic in enumerate(topics)},
            ),
        )
        for index, (new, topics) in enumerate(zip(stages, TOPICS, strict=False))
    ]
    return _one("timeline", show_timeline(stages[-1], [*rows, _note()], orders.SHOP))
