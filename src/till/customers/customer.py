"""A customer and their addresses, as channels tell of them. Times are microseconds in UTC."""

from enum import StrEnum

from till.value import Value


class CustomerState(StrEnum):
    DISABLED = "disabled"
    ENABLED = "enabled"
    INVITED = "invited"
    DECLINED = "declined"


class Address(Value, kw_only=True, frozen=True):
    id: str | None = None
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


class Profile(Value, kw_only=True, frozen=True):
    """What is known of a customer beside their orders.

    None and empty are gaps, which a later order may fill. Every address has an id, and the first is the
    default one.
    """

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
    subscribed_at: int | None = None  # since when they take e-mails of offers
    addresses: tuple[Address, ...] = ()


class Standing(Value, kw_only=True, frozen=True):
    """What the orders of a customer come to.

    `orders_count` is how many there are that were not deleted; `total_spent` is what was received for
    them less what was given back, in minor units of `currency`, which is that of the first order: those
    in other currencies add nothing.
    """

    orders_count: int
    total_spent: int
    currency: str


class Known(Value, kw_only=True, frozen=True):
    """A customer of the shop; `number` orders them, `id` is what everybody calls them."""

    number: int
    id: str
    created_at: int
    updated_at: int
    profile: Profile
    standing: Standing
    last_order_id: int | None = None  # of the order that came last, unless it was deleted


class Purchase(Value, kw_only=True, frozen=True):
    """What a new order tells of who bought; `spent` is what was received less what was given back."""

    order_id: int
    customer: Customer | None = None
    email: str | None = None
    phone: str | None = None
    address: Address | None = None  # where it goes, else who is billed
    accepts_marketing: bool = False
    currency: str
    spent: int = 0
    created_at: int
    at: int


class Met(Value, kw_only=True, frozen=True):
    """Whom a new order was linked to.

    `customer` and `email` are the order's own, completed where its channel gave nothing of the
    customer but an id that is known (semantics.md §1.2, golden B); `standing` counts the order in.
    """

    id: str
    customer: Customer | None
    email: str | None
    standing: Standing
