"""Changing what may be changed of an order: contact, note, tags and addresses (rulings.md §5.1)."""

from msgspec.structs import replace

from till.customers.customer import Address
from till.orders.order import Order
from till.value import Value


class Edit(Value, kw_only=True, frozen=True):
    """The fields that `PUT` may change, as they shall be."""

    note: str | None
    tags: str | None
    email: str | None
    phone: str | None
    shipping_address: Address | None
    billing_address: Address | None
    buyer_accepts_marketing: bool


def edit(order: Order, wish: Edit, *, at: int) -> Order:
    """`order` with these fields; the same order when nothing differs."""
    changed = replace(order, **{name: getattr(wish, name) for name in wish.__struct_fields__})
    return order if changed == order else changed.changed(at)
