"""The enumerations of an order (genstore.md §9.2, semantics.md §1.9)."""

from enum import StrEnum


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


class CustomerState(StrEnum):
    DISABLED = "disabled"
    ENABLED = "enabled"
    INVITED = "invited"
    DECLINED = "declined"


class TransactionKind(StrEnum):
    AUTHORIZATION = "authorization"
    SALE = "sale"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"


class State(StrEnum):
    """Where an order is in its life."""

    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"
