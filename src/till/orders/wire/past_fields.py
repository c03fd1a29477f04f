"""The shapes of what a request says happened to an order before it came here."""

from typing import Annotated

from msgspec import UNSET

from till.dialect import readers
from till.dialect.readers import Note
from till.orders.wire.kinds import (
    MOST,
    Amount,
    Currency,
    Id,
    Ignored,
    In,
    Line,
    OwnId,
    OwnIgnored,
    OwnLine,
    OwnText,
    OwnTime,
    Text,
    Time,
    Unset,
)
from till.orders.words import FulfillmentState, RestockType, TransactionKind, TransactionStatus

Some = Annotated[int | Unset | None, readers.whole(1, MOST)]
Kind = Annotated[int | Unset | None, readers.whole(0, 1_000)]


class PastTransactionIn(In, kw_only=True, frozen=True):
    """Money that was moved; `parentId` is the `id` of an earlier one. Without an amount: all of it."""

    kind: Annotated[TransactionKind, readers.one_of(TransactionKind, nullable=False)]
    status: Annotated[TransactionStatus | Unset | None, readers.one_of(TransactionStatus)] = UNSET
    amount: Amount = UNSET
    currency: Currency = UNSET
    id: Id = UNSET
    parent_id: Id = UNSET
    gateway: Line = UNSET
    authorization: Line = UNSET
    channel_trx_no: Line = UNSET
    message: Line = UNSET
    created_at: Time = UNSET
    processed_at: Time = UNSET
    order_id: Ignored = UNSET
    payment_id: Ignored = UNSET


class PastUnitsIn(In, kw_only=True, frozen=True):
    """Units of a line item: of `lineItemId`, else of `id`, else of the one line with this variant."""

    line_item_id: Id = UNSET
    id: Id = UNSET
    product_id: Id = UNSET
    variant_id: Id = UNSET
    quantity: Some = UNSET
    fulfillment_order_id: Ignored = UNSET
    shop_id: Ignored = UNSET


class PastFulfillmentIn(In, kw_only=True, frozen=True):
    """A shipment that was made; without line items, of what the statuses say was shipped."""

    fulfill_id: Annotated[Id, Note(also=("id",))] = UNSET
    order_id: Ignored = UNSET
    status: Annotated[FulfillmentState | Unset | None, readers.one_of(FulfillmentState)] = UNSET
    created_at: Annotated[Time, Note(also=("createdTime",))] = UNSET
    updated_at: Annotated[Time, Note(also=("updatedTime",))] = UNSET
    fulfill_time: OwnTime = UNSET
    line_items: Annotated[tuple[PastUnitsIn, ...] | Unset | None, readers.ADDITIVE] = UNSET
    tracking_number: OwnLine = UNSET
    tracking_company: OwnLine = UNSET
    tracking_url: Annotated[str | Unset | None, readers.text(2_000), readers.ADDITIVE] = UNSET
    location_id: OwnId = UNSET
    message: OwnText = UNSET
    name: OwnIgnored = UNSET
    cancelled_at: OwnIgnored = UNSET


class PastRefundShippingIn(In, kw_only=True, frozen=True):
    """How much of the shipping was given back."""

    amount: Amount = UNSET


class PastRefundUnitsIn(In, kw_only=True, frozen=True):
    """Units that were given back; what they were worth is worked out where it is left out."""

    line_item_id: Id = UNSET
    id: Id = UNSET
    quantity: Some = UNSET
    subtotal: Amount = UNSET
    total_tax: Amount = UNSET
    rights_reason: Line = UNSET
    rights_reason_type: Kind = UNSET
    restock_type: Annotated[RestockType | Unset | None, readers.one_of(RestockType)] = UNSET
    location_id: Id = UNSET
    line_item: Ignored = UNSET


class PastRefundIn(In, kw_only=True, frozen=True):
    """A refund that was made; status 0 waits for review, 1 is done, 2 was declined."""

    refund_id: Annotated[Id, Note(also=("id",))] = UNSET
    status: Annotated[int | Unset | None, readers.whole(0, 2)] = UNSET
    amount: Annotated[Amount, Note(also=("totalRefundPrice",))] = UNSET
    currency: Currency = UNSET
    shipping: PastRefundShippingIn | Unset | None = UNSET
    total_refund_shipping_price: Amount = UNSET
    note: Text = UNSET
    rights_type: Kind = UNSET
    line_items: Annotated[tuple[PastRefundUnitsIn, ...] | Unset | None, Note(also=("refundLineItems",))] = (
        UNSET
    )
    processed_time: Time = UNSET
    create_time: Time = UNSET
    update_time: Time = UNSET
    order_id: Ignored = UNSET
    customer_id: Ignored = UNSET
    return_id: Ignored = UNSET
    transactions: Ignored = UNSET
