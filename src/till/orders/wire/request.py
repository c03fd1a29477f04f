"""From what a request says to an order: what is stated is kept, what is not is completed."""

from msgspec import UNSET, structs

from till import money
from till.customers.customer import Address, Customer
from till.dialect.body import Problems, invalid
from till.money import spell
from till.orders import ledger, totals
from till.orders.order import Order, Stated
from till.orders.place import ONCE_PAID, place
from till.orders.wire.fields import AddressIn, CustomerAddressIn, CustomerIn, OrderIn
from till.orders.wire.reading import Amounts, Mint, optional, said, same_named
from till.orders.wire.request_ledger import LedgerReader
from till.orders.wire.request_lines import (
    to_applications,
    to_codes,
    to_lines,
    to_shipping,
    to_taxes,
    to_terms,
)
from till.orders.wire.request_past import Past
from till.shop import Shop


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
    """The customer; without a default address, the one of the addresses that says it is."""
    addresses: tuple[CustomerAddressIn, ...] = said(sent.addresses, ())
    flagged = next((each for each in addresses if said(each.is_default)), None)
    return Customer(
        **same_named(
            sent,
            Customer,
            default_address=optional(said(sent.default_address, flagged), _customer_address),
            addresses=tuple(map(_customer_address, addresses)),
        )
    )


def _customer_address(sent: CustomerAddressIn) -> Address:
    address = to_address(sent)
    named: str | None = said(sent.country_name)
    return address if address.country or not named else structs.replace(address, country=named)


def to_order(sent: OrderIn, *, shop: Shop, number: int, mint: Mint, at: int) -> Order:
    """The order that `sent` asks for, as version 1; `Invalid` names every field that cannot be."""
    problems: Problems = {}
    amounts = Amounts(said(sent.currency, shop.currency), problems)
    order = _parts(sent, amounts, number=number, mint=mint, at=at)
    if sent.transactions or sent.fulfillments or sent.refunds:
        order = _past(sent, order, amounts, mint, at=at)
    _check_times(order, problems, at=at)
    _check_size(order, problems)
    if problems:
        raise invalid(problems)
    placed = place(order, mint, at=at)
    _check_money(placed, problems, paid_at=order.paid_at)
    if problems:
        raise invalid(problems)
    return placed


def _parts(sent: OrderIn, amounts: Amounts, *, number: int, mint: Mint, at: int) -> Order:
    """The order without what happened to it."""
    lines = to_lines(sent.line_items, amounts, mint)
    customer = optional(sent.customer, to_customer)
    created = said(sent.created_at, at)
    return Order(
        **same_named(
            sent,
            Order,
            id=mint(),
            number=number,
            currency=amounts.currency,
            presentment_currency=said(sent.presentment_currency, amounts.currency),
            created_at=created,
            updated_at=at,
            processed_at=said(sent.processed_at, created),
            closed_at=said(sent.closed_at, said(sent.cancelled_at)),
            line_items=lines,
            email=_email(sent, customer),
            payment_terms=to_terms(sent.payment_terms, sent.more_payment_terms, amounts),
            discount_codes=to_codes(sent.discount_codes, lines, amounts),
            discount_applications=to_applications(sent.discount_applications),
            shipping_lines=to_shipping(sent.shipping_lines, amounts, mint, "order"),
            tax_lines=to_taxes(sent.tax_lines, amounts, "order"),
            convert_rate=optional(sent.convert_rate, lambda rate: f"{rate:f}"),
            transactions=(),
            fulfillments=(),
            refunds=(),
            shipping_address=optional(sent.shipping_address, to_address),
            billing_address=optional(sent.billing_address, to_address),
            customer=customer,
            stated=_stated(sent, amounts),
        )
    )


def _past(sent: OrderIn, order: Order, amounts: Amounts, mint: Mint, *, at: int) -> Order:
    """`order` with what the channel tells of money and goods that were moved for it."""
    past = Past(sent, order.line_items, amounts, mint, at=at)
    told = said(sent.transactions, ())
    names = order.payment_gateway_names or tuple(
        dict.fromkeys(each.gateway for each in told if isinstance(each.gateway, str) and each.gateway)
    )
    reader = LedgerReader(amounts, mint, names, made=order.created_at, at=at)
    order = structs.replace(
        order,
        payment_gateway_names=names,
        transactions=reader.read(told),
        fulfillments=past.fulfillments(said(sent.fulfillments, ()), made=order.created_at),
    )
    if sent.refunds:
        order = structs.replace(order, refunds=past.refunds(sent.refunds, order))
    return order


def _email(sent: OrderIn, customer: Customer | None) -> str | None:
    """An order without an e-mail takes its customer's (semantics.md §1.2, golden B)."""
    if sent.email is UNSET and customer is not None:
        return customer.email
    email: str | None = said(sent.email)
    return email


STATED_AMOUNTS = {
    "total_line_items_price": "totalLineItemsPrice",
    "total_discounts": "totalDiscounts",
    "subtotal_price": "subtotalPrice",
    "total_tax": "totalTax",
    "total_price": "totalPrice",
    "total_shipping_price": "totalShippingPrice",
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


def _check_money(order: Order, problems: Problems, *, paid_at: int | None) -> None:
    """Add what the transactions cannot say: more or less given back than refunds tell, paid without money."""
    told = sum(each.amount for each in order.refunds if each.is_done)
    back = ledger.refunded(order.transactions)
    if told != back:
        sums = (spell(told, order.currency), spell(back, order.currency))
        problems["order.refunds"] = ["come to {}, but {} of what was received was given back".format(*sums)]
    unpaid = order.financial_status not in ONCE_PAID and not ledger.received(order.transactions)
    if paid_at is not None and unpaid:
        problems["order.paidAt"] = ["is given, but nothing was received: state a status or transactions"]


ENDS = {"closed_at", "cancelled_at"}


def _check_times(order: Order, problems: Problems, *, at: int) -> None:
    for name, wire in (
        ("created_at", "createdAt"),
        ("processed_at", "processedAt"),
        ("closed_at", "closedAt"),
        ("cancelled_at", "cancelledAt"),
        ("paid_at", "paidAt"),
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
