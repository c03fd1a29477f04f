"""From what a request says to an order: what is stated is kept, what is not is completed."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar

from msgspec import UNSET, Struct, UnsetType, structs

from till import money
from till.customers.customer import Address, Customer
from till.dialect.body import Problems, invalid
from till.dialect.readers import Unfit, minor_units
from till.orders import totals
from till.orders.movements import Fulfillment
from till.orders.order import Order, Stated
from till.orders.parts import DiscountCode, LineItem, PaymentTerms, StatedLine
from till.orders.place import place
from till.orders.wire.fields import (
    AddressIn,
    CustomerIn,
    DiscountCodeIn,
    FulfillmentIn,
    LineItemIn,
    OrderIn,
    PaymentTermsIn,
)
from till.orders.words import DiscountType, FulfillmentState
from till.shop import Shop

T = TypeVar("T")
Mint = Callable[[], int]


def said(value: T | UnsetType | None, default: Any = None) -> Any:
    """`value` where the request gave one that is not null, else `default`."""
    return default if value is UNSET or value is None else value


def same_named(source: Struct, kind: type[Struct], **others: Any) -> dict[str, Any]:
    """The fields that `kind` shares with `source` and `source` states; `others` win."""
    for name in _shared(type(source), kind):
        if name not in others:
            value = getattr(source, name)
            if value is not UNSET and value is not None:
                others[name] = value
    return others


@lru_cache(maxsize=64)
def _shared(source: type[Struct], kind: type[Struct]) -> tuple[str, ...]:
    return tuple(name for name in source.__struct_fields__ if name in kind.__struct_fields__)


def to_address(sent: AddressIn) -> Address:
    """The address; its `name` is composed where it was left out."""
    address = Address(**same_named(sent, Address))
    if address.name is None and sent.name is UNSET:
        address = structs.replace(address, name=composed(address))
    return address


def composed(address: Address) -> str | None:
    """The name that first and last name make."""
    parts = [part for part in (address.first_name, address.last_name) if part]
    return " ".join(parts) or None


def to_customer(sent: CustomerIn) -> Customer:
    return Customer(
        **same_named(
            sent,
            Customer,
            default_address=optional(sent.default_address, to_address),
            addresses=tuple(to_address(each) for each in said(sent.addresses, ())),
        )
    )


def optional(value: T | UnsetType | None, change: Callable[[T], Any]) -> Any:
    return None if value is UNSET or value is None else change(value)


class Amounts:
    """Turns decimals into minor units of one currency and gathers what cannot be turned."""

    def __init__(self, currency: str, problems: Problems) -> None:
        self.currency = currency
        self.problems = problems

    def __call__(self, value: Decimal | UnsetType | None, path: str) -> Any:
        if value is UNSET or value is None:
            return None
        return self.of(value, path, self.currency)

    def of(self, value: Decimal, path: str, currency: str) -> int:
        try:
            return minor_units(value, currency)
        except Unfit as error:
            self.problems[path] = [str(error)]
            return 0


def to_order(sent: OrderIn, *, shop: Shop, number: int, mint: Mint, at: int) -> Order:
    """The order that `sent` asks for, as version 1; `Invalid` names every field that cannot be."""
    problems: Problems = {}
    currency = said(sent.currency, shop.currency)
    amounts = Amounts(currency, problems)
    lines = _lines(sent.line_items, amounts, mint)
    customer = optional(sent.customer, to_customer)
    created = said(sent.created_at, at)
    order = Order(
        **same_named(
            sent,
            Order,
            id=mint(),
            number=number,
            currency=currency,
            presentment_currency=said(sent.presentment_currency, currency),
            created_at=created,
            updated_at=at,
            processed_at=said(sent.processed_at, created),
            closed_at=said(sent.closed_at, said(sent.cancelled_at)),
            line_items=lines,
            email=_email(sent, customer),
            payment_terms=optional(sent.payment_terms, lambda terms: (_terms(terms, amounts),)) or (),
            discount_codes=_codes(said(sent.discount_codes, ()), lines, amounts),
            fulfillments=_fulfillments(said(sent.fulfillments, ()), mint, at=created),
            shipping_address=optional(sent.shipping_address, to_address),
            billing_address=optional(sent.billing_address, to_address),
            customer=customer,
            stated=_stated(sent, amounts),
        )
    )
    _check_times(order, problems, at=at)
    _check_size(order, problems)
    if problems:
        raise invalid(problems)
    return place(order, mint, at=at)


def _email(sent: OrderIn, customer: Customer | None) -> str | None:
    """An order without an e-mail takes its customer's (semantics.md §1.2, golden B)."""
    if sent.email is UNSET and customer is not None:
        return customer.email
    email: str | None = said(sent.email)
    return email


def _lines(sent: tuple[LineItemIn, ...], amounts: Amounts, mint: Mint) -> tuple[LineItem, ...]:
    """The line items; an id is kept where no other line of the order has it (rulings.md §4.3)."""
    often = Counter(said(line.id) for line in sent)
    found = []
    for index, line in enumerate(sent):
        own = said(line.id)
        line_id = own if own and often[own] == 1 else str(mint())
        found.append(_line(line, amounts, line_id, f"order.lineItems[{index}]"))
    return tuple(found)


def _line(sent: LineItemIn, amounts: Amounts, line_id: str, path: str) -> LineItem:
    for name, wire in (
        ("current_quantity", "currentQuantity"),
        ("fulfillable_quantity", "fulfillableQuantity"),
    ):
        if said(getattr(sent, name), 0) > sent.quantity:
            amounts.problems[f"{path}.{wire}"] = ["is more than the line's quantity"]
    return LineItem(
        **same_named(
            sent,
            LineItem,
            id=line_id,
            price=amounts.of(sent.price, f"{path}.price", amounts.currency),
            total_discount=amounts(sent.total_discount, f"{path}.totalDiscount") or 0,
            stated=StatedLine(**same_named(sent, StatedLine)),
        )
    )


def _codes(
    sent: tuple[DiscountCodeIn, ...], lines: tuple[LineItem, ...], amounts: Amounts
) -> tuple[DiscountCode, ...]:
    found = []
    for index, code in enumerate(sent):
        kind = said(code.type, DiscountType.FIXED_AMOUNT)
        path = f"order.discountCodes[{index}].amount"
        rate = code.amount if kind is DiscountType.PERCENTAGE else None
        if rate is not None and rate > 100:
            amounts.problems[path] = ["is a percentage and must be at most 100"]
        value = rate if rate is not None else amounts.of(code.amount, path, amounts.currency)
        amount = totals.code_amount(kind, value, lines)
        found.append(DiscountCode(code=code.code, amount=amount, type=kind, rate=rate))
    return tuple(found)


def _terms(sent: PaymentTermsIn, amounts: Amounts) -> PaymentTerms:
    currency = said(sent.currency, amounts.currency)
    amount = amounts.of(sent.amount, "order.paymentTerms.amount", currency)
    return PaymentTerms(amount=amount, currency=currency)


def _fulfillments(sent: tuple[FulfillmentIn, ...], mint: Mint, *, at: int) -> tuple[Fulfillment, ...]:
    return tuple(
        Fulfillment(
            id=said(each.fulfill_id) or str(mint()),
            status=said(each.status, FulfillmentState.SUCCESS),
            created_at=said(each.created_at, at),
            updated_at=said(each.updated_at, said(each.created_at, at)),
            number=number,
            born=True,
        )
        for number, each in enumerate(sent, 1)
    )


STATED_AMOUNTS = {
    "total_line_items_price": "totalLineItemsPrice",
    "total_discounts": "totalDiscounts",
    "subtotal_price": "subtotalPrice",
    "total_tax": "totalTax",
    "total_price": "totalPrice",
    "total_outstanding": "totalOutstanding",
    "current_total_discounts": "currentTotalDiscounts",
    "current_subtotal_price": "currentSubtotalPrice",
    "current_total_tax": "currentTotalTax",
    "current_total_price": "currentTotalPrice",
}


def _stated(sent: OrderIn, amounts: Amounts) -> Stated:
    found = {name: amounts(getattr(sent, name), f"order.{wire}") for name, wire in STATED_AMOUNTS.items()}
    cancelled = said(sent.cancelled_at) is not None
    return Stated(**same_named(sent, Stated, cancelled=cancelled, **found))


ENDS = {"closed_at", "cancelled_at"}


def _check_times(order: Order, problems: Problems, *, at: int) -> None:
    for name, wire in (
        ("created_at", "createdAt"),
        ("processed_at", "processedAt"),
        ("closed_at", "closedAt"),
        ("cancelled_at", "cancelledAt"),
    ):
        value = getattr(order, name)
        if value is not None and value > at:
            problems[f"order.{wire}"] = ["is in the future"]
        elif name in ENDS and value is not None and value < order.created_at:
            problems[f"order.{wire}"] = ["is earlier than createdAt"]


def _check_size(order: Order, problems: Problems) -> None:
    shown = totals.totals(order)
    if shown.total_weight > money.LARGEST:
        problems["order.totalWeight"] = ["is more than a weight can be"]
    elif max(structs.astuple(shown)) > money.LARGEST:
        problems["order.lineItems"] = ["add up to more than an amount can be"]
