"""Hides what a caller was not granted: the keys stay, the values are null (rulings.md §6.4)."""

from typing import Any

import msgspec

from till.caller import Protected
from till.orders.wire.answer import OrderOut
from till.orders.wire.people import AddressOut, CustomerOut

Json = dict[str, Any]
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


EVENT_FIELDS = {"email": Protected.EMAIL, "phone": Protected.PHONE}
EVENT_NAMES = dict.fromkeys(("firstName", "lastName", "name"), Protected.NAME)
EVENT_ADDRESSES = ("shippingAddress", "billingAddress")
# What names an address and whose it is; all else of one tells where somebody lives.
NOT_WHERE = {"id", "customerId", "isDefault"}


def mask_event(payload: Json, hidden: frozenset[Protected]) -> Json:
    """The payload of an order event in the typed profile, without what its receiver was not granted.

    As in answers, keys stay and values are null (rulings.md §6.4); `payload` itself is left alone.
    """
    order = payload["order"]
    changed = _without(order, EVENT_FIELDS, hidden)
    for name in EVENT_ADDRESSES:
        if order.get(name) is not None:
            changed[name] = _mask_told_address(order[name], hidden)
    if order.get("customer") is not None:
        changed["customer"] = _mask_told_customer(order["customer"], hidden)
    return payload | {"order": changed}


def _without(told: Json, kinds: dict[str, Protected], hidden: frozenset[Protected]) -> Json:
    return told | {name: None for name, kind in kinds.items() if name in told and kind in hidden}


def _mask_told_address(address: Json, hidden: frozenset[Protected]) -> Json:
    kinds = {name: Protected.ADDRESS for name in address if name not in NOT_WHERE}
    return _without(address, kinds | EVENT_NAMES | {"phone": Protected.PHONE}, hidden)


def _mask_told_customer(customer: Json, hidden: frozenset[Protected]) -> Json:
    changed = _without(customer, EVENT_NAMES | EVENT_FIELDS, hidden)
    changed["addresses"] = [_mask_told_address(each, hidden) for each in customer["addresses"]]
    if customer["defaultAddress"] is not None:
        changed["defaultAddress"] = _mask_told_address(customer["defaultAddress"], hidden)
    return changed
