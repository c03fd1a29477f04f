"""An order without the people in it: money, lines and dates stay as they are. Pure."""

from msgspec.structs import replace

from till.customers.customer import Customer
from till.orders.movements import Fulfillment, Reason, Refund, Return, Tracking, Transaction
from till.orders.order import Order
from till.orders.pay import LAPSED

# What names a person, or what people wrote about one, tags among it.
GONE = ("note", "tags", "email", "phone", "i18n", "shipping_address", "billing_address")


def forgotten(order: Order, *, at: int) -> Order:
    """`order` in its next version, with nothing personal in it; the same order if nothing was."""
    bare = replace(
        order,
        customer=_customer(order),
        buyer_accepts_marketing=False,
        transactions=tuple(_transaction(each) for each in order.transactions),
        fulfillments=tuple(_fulfillment(each) for each in order.fulfillments),
        refunds=tuple(_refund(each) for each in order.refunds),
        returns=tuple(_return(each) for each in order.returns),
        **dict.fromkeys(GONE),
    )
    return order if bare == order else replace(bare, erased_at=at).changed(at)


def _customer(order: Order) -> Customer | None:
    """Who bought, by nothing but the id that the shop has for them."""
    if order.customer is None:
        return None
    return Customer(id=order.customer_id or order.customer.id, currency=order.customer.currency)


def _transaction(each: Transaction) -> Transaction:
    """What lapsed is told by that one message, which Till wrote itself."""
    return each if each.message == LAPSED else replace(each, message=None)


def _fulfillment(each: Fulfillment) -> Fulfillment:
    """A carrier tells where a parcel went to whoever knows its number."""
    return replace(each, message=None, tracking=Tracking(company=each.tracking.company))


def _reason(reason: Reason) -> Reason:
    return Reason(type=reason.type)


def _refund(each: Refund) -> Refund:
    units = tuple(replace(unit, reason=_reason(unit.reason)) for unit in each.units)
    return replace(each, note=None, units=units)


def _return(each: Return) -> Return:
    units = tuple(replace(unit, note=None, reason=_reason(unit.reason)) for unit in each.units)
    return replace(each, note=None, decline_reason=None, units=units)
