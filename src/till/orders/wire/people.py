"""The customer of an order, and addresses, as answers show them."""

from collections.abc import Callable
from typing import Annotated, TypeVar

from till.customers.customer import Address, Customer, CustomerState
from till.dialect.schemas import Blank, BlankInLists, StringInLists
from till.orders.wire.out import Additive, Out, Time

When = Callable[[int | None], str | None]


class AddressOut(Out, kw_only=True, frozen=True):
    first_name: str | None
    last_name: str | None
    name: str | None
    company: Annotated[str | None, Additive]
    address1: str | None
    address2: str | None
    city: str | None
    province: str | None
    province_code: str | None
    country: str | None
    country_code: str | None
    zip: str | None
    phone: str | None
    latitude: str | None
    longitude: str | None


class CustomerAddressOut(AddressOut, kw_only=True, frozen=True):
    id: Annotated[str | None, Additive]


class CustomerOut(Out, kw_only=True, frozen=True):
    id: str | None
    first_name: str | None
    last_name: str | None
    email: str | None
    phone: str | None
    note: str | None
    tags: str | None
    state: CustomerState | None
    verified_email: bool | None
    tax_exempt: bool | None
    tax_exemptions: Annotated[tuple[str, ...], StringInLists]
    currency: str | None
    created_at: Time | None
    updated_at: Time | None
    default_address: Annotated[CustomerAddressOut | None, Blank]
    addresses: Annotated[tuple[CustomerAddressOut, ...], BlankInLists]


Kind = TypeVar("Kind", bound=AddressOut)


def show_address(address: Address | None) -> AddressOut | None:
    return None if address is None else _shown(AddressOut, address)


def _shown(kind: type[Kind], address: Address) -> Kind:
    return kind(**{name: getattr(address, name) for name in kind.__struct_fields__})


def show_customer(customer: Customer, when: When) -> CustomerOut:
    default = customer.default_address
    fields = {name: getattr(customer, name) for name in CustomerOut.__struct_fields__}
    fields |= {
        "created_at": when(customer.created_at),
        "updated_at": when(customer.updated_at),
        "default_address": None if default is None else _shown(CustomerAddressOut, default),
        "addresses": tuple(_shown(CustomerAddressOut, each) for each in customer.addresses),
    }
    return CustomerOut(**fields)
