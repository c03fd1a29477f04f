"""The enumerations of an order (genstore.md §9.2, semantics.md §1.9)."""

from enum import IntEnum, StrEnum


class FinancialStatus(StrEnum):
    PENDING = "pending"
    AUTHORIZED = "authorized"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    VOIDED = "voided"


class FulfillmentStatus(StrEnum):
    """How much has been shipped; nothing at all is no status."""

    PARTIAL = "partial"
    FULFILLED = "fulfilled"
    RESTOCKED = "restocked"


class LineStatus(StrEnum):
    PARTIAL = "partial"
    FULFILLED = "fulfilled"
    NOT_ELIGIBLE = "not_eligible"


class FulfillmentState(StrEnum):
    """What became of one fulfillment."""

    PENDING = "pending"
    OPEN = "open"
    SUCCESS = "success"
    CANCELLED = "cancelled"
    ERROR = "error"
    FAILURE = "failure"


class CancelReason(StrEnum):
    CUSTOMER = "customer"
    INVENTORY = "inventory"
    FRAUD = "fraud"
    DECLINED = "declined"
    STAFF = "staff"
    OTHER = "other"


class DiscountType(StrEnum):
    FIXED_AMOUNT = "fixed_amount"
    PERCENTAGE = "percentage"
    SHIPPING = "shipping"


class TransactionKind(StrEnum):
    AUTHORIZATION = "authorization"
    SALE = "sale"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"


class TransactionStatus(StrEnum):
    """Whether the money moved; only a success counts."""

    SUCCESS = "success"
    PENDING = "pending"
    FAILURE = "failure"
    ERROR = "error"


class RestockType(StrEnum):
    """What becomes of refunded units: kept as they are, not shipped after all, or taken back."""

    NO_RESTOCK = "no_restock"
    CANCEL = "cancel"
    RETURN = "return"


class RefundStatus(IntEnum):
    """Where a refund is in its review (genstore.md §8.4 prints 1 for what was given back)."""

    REVIEW = 0
    DONE = 1
    DECLINED = 2


class ReturnStatus(StrEnum):
    REQUESTED = "requested"
    OPEN = "open"
    RECEIVED = "received"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    CLOSED = "closed"


class Action(StrEnum):
    """What may be done with an order; every answer says which of it is open now."""

    EDIT = "edit"
    CONFIRM = "confirm"
    AUTHORIZE = "authorize"
    PAY = "pay"
    CAPTURE = "capture"
    VOID = "void"
    SHIP = "ship"
    UPDATE_TRACKING = "update_tracking"
    CANCEL_SHIPMENT = "cancel_shipment"
    RETURN = "return"
    REFUND = "refund"
    CANCEL = "cancel"
    CLOSE = "close"
    REOPEN = "reopen"
    DELETE = "delete"


class State(StrEnum):
    """Where an order is in its life."""

    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Happening(StrEnum):
    """What a timeline tells."""

    CREATED = "created"
    EDITED = "edited"
    CONFIRMED = "confirmed"
    AUTHORIZED = "authorized"
    PAID = "paid"
    CAPTURED = "captured"
    VOIDED = "voided"
    LAPSED = "lapsed"
    PAYMENT_PENDING = "payment_pending"
    PAYMENT_FAILED = "payment_failed"
    SHIPPED = "shipped"
    TRACKING_UPDATED = "tracking_updated"
    SHIPMENT_CANCELLED = "shipment_cancelled"
    REFUND_REQUESTED = "refund_requested"
    REFUNDED = "refunded"
    REFUND_DECLINED = "refund_declined"
    REFUND_EDITED = "refund_edited"
    RETURN_REQUESTED = "return_requested"
    RETURN_APPROVED = "return_approved"
    RETURN_DECLINED = "return_declined"
    RETURN_RECEIVED = "return_received"
    RETURN_CANCELLED = "return_cancelled"
    RETURN_CLOSED = "return_closed"
    CLOSED = "closed"
    REOPENED = "reopened"
    CANCELLED = "cancelled"
    NOTE = "note"
    ERASED = "erased"
