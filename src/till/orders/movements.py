"""What happens to an order: money and goods moved for it, out and back.

Amounts are minor units of the order's currency, times microseconds in UTC. What is `born` was told by
the channel when the order was placed; everything else was done here.
"""

from till.orders.words import (
    FulfillmentState,
    RefundStatus,
    RestockType,
    ReturnStatus,
    TransactionKind,
    TransactionStatus,
)
from till.value import Value


class Transaction(Value, kw_only=True, frozen=True):
    """Money moved for an order; never changed once booked (semantics.md §2.1)."""

    id: str
    kind: TransactionKind
    amount: int
    gateway: str
    created_at: int
    parent_id: str | None = None
    status: TransactionStatus = TransactionStatus.SUCCESS
    processed_at: int | None = None
    authorization: str | None = None
    channel_trx_no: str | None = None
    message: str | None = None


class Units(Value, kw_only=True, frozen=True):
    """So many units of one line item."""

    line_id: str
    quantity: int


class FulfilledUnits(Units, kw_only=True, frozen=True):
    """Units in one fulfillment."""

    id: str


class Tracking(Value, kw_only=True, frozen=True):
    """How a shipment is followed."""

    number: str | None = None
    company: str | None = None
    url: str | None = None


class Fulfillment(Value, kw_only=True, frozen=True):
    """A shipment of some units; `number` counts them within the order, from 1."""

    id: str
    status: FulfillmentState
    created_at: int
    updated_at: int
    number: int = 0
    units: tuple[FulfilledUnits, ...] = ()
    tracking: Tracking = Tracking()
    location_id: str | None = None
    message: str | None = None
    fulfilled_at: int | None = None  # when it left, where that was told apart from when it was made
    cancelled_at: int | None = None  # when it was cancelled here
    born: bool = False

    @property
    def is_live(self) -> bool:
        """True while its units count as shipped."""
        return self.status is FulfillmentState.SUCCESS


class Reason(Value, kw_only=True, frozen=True):
    """Why units come back, in words and as the platform's number (genstore.md §7.12)."""

    text: str | None = None
    type: int = 0


class RefundedUnits(Units, kw_only=True, frozen=True):
    """Units refunded, what they are worth, and how many of them had not been shipped."""

    id: str
    subtotal: int
    tax: int
    unshipped: int = 0
    restock: RestockType = RestockType.NO_RESTOCK
    reason: Reason = Reason()
    location_id: str | None = None


class Refund(Value, kw_only=True, frozen=True):
    """Money or units given back, and why.

    `reduction` is what the order's total falls by for it: value of units that leave with it, shipping,
    and what was paid beyond both. It counts once the refund is done.
    """

    id: str
    amount: int
    created_at: int
    updated_at: int
    status: RefundStatus = RefundStatus.DONE
    units: tuple[RefundedUnits, ...] = ()
    shipping: int = 0
    reduction: int = 0
    rights_type: int = 1
    note: str | None = None
    return_id: str | None = None
    wanted: tuple[tuple[str, int], ...] = ()  # asked for: how much of which payment, while in review
    transaction_ids: tuple[str, ...] = ()
    processed_at: int | None = None
    after_cancel: bool = False  # the cancellation took its unshipped units, not the refund
    born: bool = False

    @property
    def is_done(self) -> bool:
        return self.status is RefundStatus.DONE


class ReturnedUnits(Units, kw_only=True, frozen=True):
    """Units on their way back; `subtotal` and `tax` are what the received ones are worth."""

    id: str
    received: int = 0
    subtotal: int = 0
    tax: int = 0
    restock: bool = False
    reason: Reason = Reason()
    note: str | None = None


class Return(Value, kw_only=True, frozen=True):
    """Shipped units that a customer sends back; `number` counts them within the order, from 1."""

    id: str
    number: int
    status: ReturnStatus
    units: tuple[ReturnedUnits, ...]
    created_at: int
    updated_at: int
    note: str | None = None
    decline_reason: str | None = None
    approved_at: int | None = None
    received_at: int | None = None
    closed_at: int | None = None

    @property
    def is_live(self) -> bool:
        """True while units may still come in."""
        return self.status in (ReturnStatus.REQUESTED, ReturnStatus.OPEN)

    @property
    def counts(self) -> bool:
        """True unless nothing will ever have come of it."""
        return self.status not in (ReturnStatus.DECLINED, ReturnStatus.CANCELLED)
