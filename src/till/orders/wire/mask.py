"""Hides what a caller was not granted: the keys stay, the values are null (rulings.md §6.4)."""

import msgspec

from till.caller import Protected
from till.orders.wire.answer import OrderOut
from till.orders.wire.people import AddressOut, CustomerOut

ADDRESS_KINDS = {"first_name": Protected.NAME, "last_name": Protected.NAME, "name": Protected.NAME}


def mask(shown: OrderOut, hidden: frozenset[Protected]) -> OrderOut:
    """`shown` with the protected fields that the caller was not granted as null (rulings.md §6.4)."""
    if not hidden:
        return shown
    customer = shown.customer
    return msgspec.structs.replace(
        shown,
        email=None if Protected.EMAIL in hidden else shown.email,
        phone=None if Protected.PHONE in hidden else shown.phone,
        shipping_address=_mask_address(shown.shipping_address, hidden),
        billing_address=_mask_address(shown.billing_address, hidden),
        customer=None if customer is None else _mask_customer(customer, hidden),
    )


def _mask_address(address: AddressOut | None, hidden: frozenset[Protected]) -> AddressOut | None:
    if address is None:
        return None
    kinds = ADDRESS_KINDS | {"phone": Protected.PHONE}
    gone = [name for name in AddressOut.__struct_fields__ if kinds.get(name, Protected.ADDRESS) in hidden]
    return msgspec.structs.replace(address, **dict.fromkeys(gone))


def _mask_customer(customer: CustomerOut, hidden: frozenset[Protected]) -> CustomerOut:
    name = Protected.NAME in hidden
    return msgspec.structs.replace(
        customer,
        first_name=None if name else customer.first_name,
        last_name=None if name else customer.last_name,
        email=None if Protected.EMAIL in hidden else customer.email,
        phone=None if Protected.PHONE in hidden else customer.phone,
        default_address=_mask_address(customer.default_address, hidden),
        addresses=tuple(
            address for each in customer.addresses if (address := _mask_address(each, hidden)) is not None
        ),
    )
