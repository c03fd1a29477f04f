"""The shapes of what a request says of the lines of an order, and of what is added or taken off."""

from decimal import Decimal
from typing import Annotated, Any

from msgspec import UNSET

from till.dialect import readers
from till.dialect.readers import Note, Reader, Unfit
from till.orders.wire.kinds import (
    MOST,
    Amount,
    Currency,
    Flag,
    Id,
    In,
    Line,
    OwnId,
    OwnIgnored,
    OwnLine,
    Units,
    Unset,
    Weight,
)
from till.orders.words import DiscountType, LineStatus

MOST_APPLICATIONS = 1_000
BY_NUMBER = {"1": DiscountType.FIXED_AMOUNT, "2": DiscountType.PERCENTAGE, "3": DiscountType.SHIPPING}


def discount_type() -> Reader:
    """The type of a code by its word, or by the number that events print (genstore.md §8.4)."""
    words = readers.one_of(DiscountType)

    def read(value: Any) -> DiscountType:
        number = BY_NUMBER.get(value if isinstance(value, str) else str(value))
        if number is not None and not isinstance(value, bool):
            return number
        found: DiscountType = words.read(value)
        return found

    numbers = {"enum": [*BY_NUMBER, *map(int, BY_NUMBER)]}
    return Reader(read, {"anyOf": [words.schema, numbers]})


def counting() -> Reader:
    """A rate of tax in per cent, or one money in another."""
    amount = readers.amount()

    def read(value: Any) -> Decimal:
        found: Decimal = amount.read(value)
        if found >= MOST:
            raise Unfit(f"must be less than {MOST:,}")
        return found

    text, number = amount.schema["anyOf"]
    text = text | {"pattern": r"^0{0,14}[0-9]{1,6}(\.[0-9]{1,30})?$", "examples": ["10"]}
    return Reader(read, {"anyOf": [text, number | {"exclusiveMaximum": MOST}]})


class TaxLineIn(In, kw_only=True, frozen=True):
    """One tax; its rate is in per cent."""

    price: Annotated[Decimal, readers.amount(nullable=False)]
    title: Line = UNSET
    rate: Annotated[Decimal | Unset | None, counting()] = UNSET
    price_set: OwnIgnored = UNSET


class ShippingLineIn(In, kw_only=True, frozen=True):
    """One way of shipping, and its price before and after what was taken off it."""

    price: Annotated[Decimal, readers.amount(nullable=False)]
    id: Id = UNSET
    title: Line = UNSET
    code: Line = UNSET
    source: Line = UNSET
    discounted_price: Amount = UNSET
    tax_lines: tuple[TaxLineIn, ...] | Unset | None = UNSET
    price_set: OwnIgnored = UNSET
    discounted_price_set: OwnIgnored = UNSET


class DiscountApplicationIn(In, kw_only=True, frozen=True):
    """Why something was taken off; `value` is an amount or a percentage, as its channel tells it."""

    id: Id = UNSET
    code: Line = UNSET
    title: Line = UNSET
    target_type: Line = UNSET
    value: Line = UNSET


class DiscountAllocationIn(In, kw_only=True, frozen=True):
    """What one application took off one line."""

    amount: Annotated[Decimal, readers.amount(nullable=False)]
    discount_application_index: Annotated[int | Unset | None, readers.whole(0, MOST_APPLICATIONS)] = UNSET
    amount_set: OwnIgnored = UNSET


class LineItemIn(In, kw_only=True, frozen=True):
    product_id: Annotated[str, readers.identifier(nullable=False)]
    variant_id: Annotated[str, readers.identifier(nullable=False)]
    title: Annotated[str, readers.text(255, shortest=1, nullable=False)]
    price: Annotated[Decimal, readers.amount(nullable=False)]
    quantity: Annotated[int, readers.whole(1, MOST, nullable=False)]
    id: Id = UNSET
    variant_title: Line = UNSET
    sku: Line = UNSET
    current_quantity: Units = UNSET
    fulfillable_quantity: Units = UNSET
    fulfillment_status: Annotated[
        LineStatus | Unset | None, readers.one_of(LineStatus, none="unfulfilled")
    ] = UNSET
    total_discount: Amount = UNSET
    grams: Weight = UNSET
    taxable: Flag = UNSET
    requires_shipping: Flag = UNSET
    gift_card: Flag = UNSET
    location_id: OwnId = UNSET
    tax_lines: Annotated[tuple[TaxLineIn, ...] | Unset | None, readers.ADDITIVE] = UNSET
    shipping_lines: Annotated[tuple[ShippingLineIn, ...] | Unset | None, readers.ADDITIVE] = UNSET
    discount_allocations: Annotated[
        tuple[DiscountAllocationIn, ...] | Unset | None, Note(additive=True, single=True)
    ] = UNSET
    price_set: OwnIgnored = UNSET
    total_discount_set: OwnIgnored = UNSET
    refundable_quantity: OwnIgnored = UNSET
    already_fulfill_num: OwnIgnored = UNSET
    already_rights_num: OwnIgnored = UNSET


class DiscountCodeIn(In, kw_only=True, frozen=True):
    code: Annotated[str, readers.text(255, nullable=False)]
    amount: Annotated[Decimal, readers.amount(nullable=False)]
    type: Annotated[DiscountType | Unset | None, discount_type()] = UNSET
    rate: Annotated[Decimal | Unset | None, counting(), readers.ADDITIVE] = UNSET


class PaymentTermsIn(In, kw_only=True, frozen=True):
    amount: Annotated[Decimal, readers.amount(nullable=False)]
    currency: Currency = UNSET
    payment_terms_name: OwnLine = UNSET
    payment_id: OwnId = UNSET
    channel_trx_no: OwnLine = UNSET
