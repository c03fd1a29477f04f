"""The REST form of a customer (genstore.md §7.13): all documented keys, always, and two additive ones."""

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec.structs import replace

from till.caller import Protected
from till.clock import iso
from till.customers.customer import Address, CustomerState, Known
from till.dialect.out import Additive, Money, Out, Time
from till.dialect.words import tags_of
from till.money import spell

SAME_NAMED = ("company", "address1", "address2", "city", "province_code", "country_code", "zip")


class StateWord(StrEnum):
    DECLINED = "DECLINED"
    DISABLED = "DISABLED"
    ENABLED = "ENABLED"
    INVITED = "INVITED"


class ConsentState(StrEnum):
    SUBSCRIBED = "SUBSCRIBED"
    NOT_SUBSCRIBED = "NOT_SUBSCRIBED"


class TaxExemptionRegionOut(Out, kw_only=True, frozen=True):
    country: str
    apply_to_all_subdivision: bool
    subdivisions: tuple[str, ...]


class RegionalTaxExemptionsOut(Out, kw_only=True, frozen=True):
    apply_to_all_region: bool
    tax_exemption_regions: tuple[TaxExemptionRegionOut, ...]


class MarketingConsentOut(Out, kw_only=True, frozen=True):
    state: ConsentState
    consent_update_time: Time | None


class CustomerRecordAddressOut(Out, kw_only=True, frozen=True):
    id: str
    first_name: str | None
    last_name: str | None
    company: str | None
    address1: str | None
    address2: str | None
    city: str | None
    province_code: str | None
    country_code: str | None
    zip: str | None
    phone: str | None
    is_default_address: bool


class CustomerRecordOut(Out, kw_only=True, frozen=True):
    id: str
    email: str | None
    phone: str | None
    first_name: str | None
    last_name: str | None
    notes: str | None
    tags: tuple[str, ...]
    state: StateWord
    verified_email: bool
    orders_count: int
    total_spent: Money
    currency: Annotated[str, Additive]
    last_order_id: Annotated[str | None, Additive]
    tax_exempt: bool
    tax_exemptions: RegionalTaxExemptionsOut
    sms_marketing_consent: MarketingConsentOut
    email_marketing_consent: MarketingConsentOut
    addresses: tuple[CustomerRecordAddressOut, ...]
    create_time: Time
    update_time: Time


class CustomerAnswer(Out, kw_only=True, frozen=True):
    """One customer in its envelope."""

    customer: CustomerRecordOut


class CustomersAnswer(Out, kw_only=True, frozen=True):
    """A page of customers; the `Link` header leads to the next."""

    customers: tuple[CustomerRecordOut, ...]


class CustomerCountAnswer(Out, kw_only=True, frozen=True):
    count: int


CUSTOMER_FIELDS = frozenset(info.encode_name for info in msgspec.structs.fields(CustomerRecordOut))


def show(customer: Known, zone: str) -> CustomerRecordOut:
    """`customer` as an answer shows them, with times in `zone`.

    Nobody told of regions or of text messages: channels say only that a customer is exempt from
    tax, and that they take e-mails of offers.
    """
    profile, standing = customer.profile, customer.standing
    since = profile.subscribed_at
    state = ConsentState.NOT_SUBSCRIBED if since is None else ConsentState.SUBSCRIBED
    exempt = profile.tax_exempt is True
    return CustomerRecordOut(
        id=customer.id,
        email=profile.email,
        phone=profile.phone,
        first_name=profile.first_name,
        last_name=profile.last_name,
        notes=profile.note,
        tags=tuple(tags_of(profile.tags)),
        state=StateWord((profile.state or CustomerState.DISABLED).upper()),
        verified_email=profile.verified_email is True,
        orders_count=standing.orders_count,
        total_spent=spell(standing.total_spent, standing.currency),
        currency=standing.currency,
        last_order_id=None if customer.last_order_id is None else str(customer.last_order_id),
        tax_exempt=exempt,
        tax_exemptions=RegionalTaxExemptionsOut(apply_to_all_region=exempt, tax_exemption_regions=()),
        sms_marketing_consent=MarketingConsentOut(
            state=ConsentState.NOT_SUBSCRIBED, consent_update_time=None
        ),
        email_marketing_consent=MarketingConsentOut(
            state=state, consent_update_time=None if since is None else iso(since, zone)
        ),
        addresses=tuple(
            _address(address, is_default=index == 0) for index, address in enumerate(profile.addresses)
        ),
        create_time=iso(customer.created_at, zone),
        update_time=iso(customer.updated_at, zone),
    )


def _address(address: Address, *, is_default: bool) -> CustomerRecordAddressOut:
    return CustomerRecordAddressOut(
        id=address.id or "",
        first_name=address.first_name,
        last_name=address.last_name,
        phone=address.phone,
        is_default_address=is_default,
        **{name: getattr(address, name) for name in SAME_NAMED},
    )


KINDS = {
    "first_name": Protected.NAME,
    "last_name": Protected.NAME,
    "email": Protected.EMAIL,
    "phone": Protected.PHONE,
}


def mask(shown: CustomerRecordOut, hidden: frozenset[Protected]) -> CustomerRecordOut:
    """`shown` with the protected fields that the caller was not granted as null (rulings.md §6.4)."""
    if not hidden:
        return shown
    own = {name: None for name, kind in KINDS.items() if kind in hidden}
    kinds = KINDS | dict.fromkeys(SAME_NAMED, Protected.ADDRESS)
    of_address = {
        name: None
        for name, kind in kinds.items()
        if kind in hidden and name in CustomerRecordAddressOut.__struct_fields__
    }
    return replace(shown, addresses=tuple(replace(each, **of_address) for each in shown.addresses), **own)
