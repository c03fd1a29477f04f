"""Examples of what a client sends to move money and goods, for the description of the API."""

from typing import Any

LINE = {"lineItemId": "669751112", "quantity": 1}
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
