"""Whom a wish is about: what the shop finds them by, their orders, and their own row."""

from collections.abc import Iterable, Sequence

import msgspec
from msgspec import Struct

from till.customers import rows
from till.customers.compliance import Person
from till.customers.customer import Known, Profile
from till.customers.keys import Kind, email_key, phone_key
from till.db.port import Row, Tx
from till.orders import terms
from till.orders.order import Order
from till.orders.query import FOUND_BY_WORDS
from till.orders.store import EITHER, Orders, unpack
from till.shop import Shop

GET = f"SELECT {rows.COLUMNS} FROM customers WHERE shop_id = :shop_id AND number = :number"
# No index leads from a customer to their keys: to be read aside.
KEYS = "SELECT kind, value FROM customer_keys WHERE shop_id = :shop_id AND number = :number"
REMOVE_KEY = """
    DELETE FROM customer_keys
    WHERE shop_id = :shop_id AND kind = :kind AND value = :value AND number = :number
"""
CLEAR = f"""
    UPDATE customers SET {", ".join(f"{name} = NULL" for name in rows.PROFILE)}, words = '',
        updated_at = CASE WHEN updated_at > :at THEN updated_at ELSE CAST(:at AS BIGINT) END
    WHERE shop_id = :shop_id AND number = :number
"""
WALK = """
    SELECT number FROM customers WHERE shop_id = :shop_id AND number > :after ORDER BY number LIMIT :most
"""


class Subject(Struct, frozen=True, kw_only=True):
    """A customer by all that the shop knows them by; e-mails and telephone numbers are as in keys.

    `id` is what everybody calls them, `ids` are all that channels have for them.
    """

    number: int
    id: str
    person: Person
    ids: frozenset[str]
    emails: frozenset[bytes]
    phones: frozenset[bytes]

    def owns(self, order: Order) -> bool:
        """True of an order that is linked to them, or to nobody and has their e-mail or telephone number."""
        if order.customer_id is not None:
            return order.customer_id == self.id
        if order.customer is not None and order.customer.id is not None:
            return order.customer.id in self.ids
        return email_key(order.email) in self.emails or phone_key(order.phone) in self.phones


async def known(tx: Tx, *, shop_id: int, number: int) -> Known | None:
    found = await tx.fetch(GET, shop_id=shop_id, number=number)
    return rows.known(found[0]) if found else None


async def keys_of(tx: Tx, *, shop_id: int, number: int) -> list[Row]:
    """The kind and the value of every key; looks at all keys of the shop."""
    return await tx.fetch(KEYS, shop_id=shop_id, number=number)


def subject_of(customer: Known, keys: Sequence[Row]) -> Subject:
    """A customer with these keys, and with those of their own row, which may be there still."""
    profile = customer.profile
    held: dict[Kind, set[bytes]] = {Kind.ID: {customer.id.encode()}, Kind.EMAIL: set(), Kind.PHONE: set()}
    for kind, value in ((Kind.EMAIL, email_key(profile.email)), (Kind.PHONE, phone_key(profile.phone))):
        if value is not None:
            held[kind].add(value)
    for kind, value in keys:
        if kind in held:
            held[Kind(kind)].add(bytes(value))
    return Subject(
        number=customer.number,
        id=customer.id,
        person=Person(id=customer.id, email=profile.email, phone=profile.phone),
        ids=frozenset(each.decode() for each in held[Kind.ID]),
        emails=frozenset(held[Kind.EMAIL]),
        phones=frozenset(held[Kind.PHONE]),
    )


async def orders_of(tx: Tx, subject: Subject, *, shop_id: int) -> list[int]:
    """The orders that may be theirs, in the order of their ids; `Subject.owns` tells which are."""
    wanted = {terms.exact("c", each) for each in subject.ids}
    wanted |= {terms.exact("e", each.decode()) for each in subject.emails}
    wanted |= {terms.PROTECTED + each.decode() for each in subject.phones}
    return [row[0] for row in await _found(tx, "id", wanted, shop_id=shop_id, sort="ORDER BY id")]


async def owned_by(tx: Tx, subject: Subject, shop: Shop) -> list[Order]:
    """The orders of somebody, in the order of their ids."""
    orders = Orders(tx, shop)
    found = [unpack(await orders.get(each)) for each in await orders_of(tx, subject, shop_id=shop.id)]
    return [order for order in found if subject.owns(order)]


async def last_order_at(tx: Tx, customer_id: str, *, shop_id: int) -> int | None:
    """When a customer ordered last; None where nothing of theirs is there."""
    wanted = {terms.exact("c", customer_id)}
    return (await _found(tx, "MAX(created_at)", wanted, shop_id=shop_id))[0][0]  # type: ignore[no-any-return]  # a row


async def _found(tx: Tx, what: str, wanted: set[str], *, shop_id: int, sort: str = "") -> list[Row]:
    quote, either = EITHER[tx.dialect]
    prefix = terms.shop_prefix(shop_id)
    match = either.join(f"{quote}{prefix}{word}{quote}" for word in sorted(wanted))
    sql = f"SELECT {what} FROM orders WHERE shop_id = :shop_id AND {FOUND_BY_WORDS[tx.dialect]} {sort}"
    return await tx.fetch(sql, shop_id=shop_id, match=match)


async def remove_keys(tx: Tx, customer: Known, keys: Sequence[Row], *, shop_id: int) -> None:
    """Remove all keys but the id that everybody calls the customer by."""
    own = (Kind.ID.value, customer.id.encode())
    for kind, value in keys:
        if (kind, bytes(value)) != own:
            await tx.execute(REMOVE_KEY, shop_id=shop_id, kind=kind, value=value, number=customer.number)


async def clear(tx: Tx, *, shop_id: int, number: int, at: int) -> None:
    """Empty a customer's row; its number, id, dates and totals stay."""
    await tx.execute(CLEAR, shop_id=shop_id, number=number, at=at)


async def numbers_after(tx: Tx, after: int, *, shop_id: int, most: int) -> list[int]:
    """The numbers of the next customers of a shop."""
    return [row[0] for row in await tx.fetch(WALK, shop_id=shop_id, after=after, most=most)]


def is_bare(customer: Known) -> bool:
    """True of a customer of whom nothing personal is known."""
    return customer.profile == Profile()


def needles_of(orders: Iterable[int], customer_id: str) -> list[str]:
    """What a kept answer holds if it is about one of these: an order, or a wish of the customer."""
    return [*map(str, orders), f'"customerId":{msgspec.json.encode(customer_id).decode()}']
