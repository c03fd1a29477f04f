"""What a new order tells of its customer, and what the shop knows of them for the order."""

from collections.abc import Callable

from msgspec.structs import replace

from till.customers.customer import Address, Customer, Known, Profile, Purchase

SAME_NAMED = ("note", "tags", "state", "verified_email", "tax_exempt", "tax_exemptions")


def told(purchase: Purchase) -> Profile:
    """The customer as the order tells of them; what their object leaves out may stand on the order itself.

    A guest has no customer object (genstore.md §9.1): their name and address are those of the order.
    """
    customer = purchase.customer or Customer()
    place = purchase.address or Address()
    is_nameless = not customer.first_name and not customer.last_name
    email = customer.email or purchase.email
    return Profile(
        first_name=(place if is_nameless else customer).first_name or None,
        last_name=(place if is_nameless else customer).last_name or None,
        email=email,
        phone=customer.phone or purchase.phone,
        subscribed_at=purchase.created_at if purchase.accepts_marketing and email else None,
        addresses=_addresses(customer, purchase.address),
        **{name: getattr(customer, name) for name in SAME_NAMED},
    )


def _addresses(customer: Customer, place: Address | None) -> tuple[Address, ...]:
    """The default address, then the others, each once; else where the order goes."""
    first = customer.default_address
    found = ([] if first is None else [first]) + [each for each in customer.addresses if each != first]
    return tuple(found) or (() if place is None else (place,))


def gaps_filled(news: Profile, known: Profile) -> Profile:
    """Only that of `news` which is not known yet."""
    return Profile(
        **{
            name: getattr(news, name)
            for name in Profile.__struct_fields__
            if getattr(known, name) in (None, ())
        }
    )


def fills_gaps(news: Profile, known: Profile) -> bool:
    """True when `news` holds something that is not known yet."""
    return gaps_filled(news, known) != Profile()


def with_ids(profile: Profile, mint: Callable[[], int]) -> Profile:
    """`profile` with an id for each address that has none."""
    addresses = (each if each.id else replace(each, id=str(mint())) for each in profile.addresses)
    return replace(profile, addresses=tuple(addresses))


def completed(sent: Customer | None, known: Known) -> Customer | None:
    """`sent` with all that is known, where it is nothing but an id (semantics.md §1.2, golden B)."""
    if sent is None or sent.id is None or sent != Customer(id=sent.id):
        return sent
    profile = known.profile
    return replace(
        sent,
        first_name=profile.first_name,
        last_name=profile.last_name,
        email=profile.email,
        phone=profile.phone,
        currency=known.standing.currency,
        created_at=known.created_at,
        updated_at=known.updated_at,
        default_address=next(iter(profile.addresses), None),
        addresses=profile.addresses,
        **{name: getattr(profile, name) for name in SAME_NAMED},
    )
