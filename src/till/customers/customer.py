"""A customer and their addresses, as channels tell of them. Times are microseconds in UTC."""

from enum import StrEnum

from till.value import Value


class CustomerState(StrEnum):
    DISABLED = "disabled"
    ENABLED = "enabled"
    INVITED = "invited"
    DECLINED = "declined"


class Address(Value, kw_only=True, frozen=True):
    first_name: str | None = None
    last_name: str | None = None
    name: str | None = None
    company: str | None = None
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    province: str | None = None
    province_code: str | None = None
    country: str | None = None
    country_code: str | None = None
    zip: str | None = None
    phone: str | None = None
    latitude: str | None = None
    longitude: str | None = None


class Customer(Value, kw_only=True, frozen=True):
    """The customer as the channel told of them."""

    id: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    note: str | None = None
    tags: str | None = None
    state: CustomerState | None = None
    verified_email: bool | None = None
    tax_exempt: bool | None = None
    tax_exemptions: tuple[str, ...] = ()
    currency: str | None = None
    created_at: int | None = None
    updated_at: int | None = None
    default_address: Address | None = None
    addresses: tuple[Address, ...] = ()
