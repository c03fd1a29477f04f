"""The words that an order is found by, on both stores alike.

Every word is put behind its shop, so that one index serves all shops and a search touches one.
Words of protected fields stand apart, so that a caller who may not see them cannot search them.
"""

import re
from collections.abc import Iterable
from hashlib import blake2b

from till.customers.customer import Address
from till.dialect.words import tags_of, words
from till.orders.order import Order

PUBLIC, PROTECTED, EXACT = "w", "p", "x"
# PostgreSQL keeps a megabyte of words for a row, and damages what is longer. Exact values come first, then
# people, then the note, the tags and the lines in their order.
MOST = 8_000
SEARCHED = ("note", "tags", "email", "phone", "shipping_address", "billing_address", "customer")


def exact(kind: str, value: str) -> str:
    """A word that stands for exactly `value`, whatever its letters."""
    return EXACT + kind + blake2b(value.casefold().encode("utf-8", "replace"), digest_size=15).hexdigest()


def shop_prefix(shop_id: int) -> str:
    return f"{shop_id:x}z"


def terms_of(order: Order, shop_id: int) -> list[str]:
    """All words of `order`, sorted, each once and with its shop before it."""
    customer = order.customer
    public: list[str | None] = [order.name, order.note, order.source_identifier, order.tags]
    for line in order.line_items:
        public += [line.title, line.sku, line.variant_title]
    protected: list[str | None] = [order.email, order.phone]
    protected += [*_address(order.shipping_address), *_address(order.billing_address)]
    if customer is not None:
        public += [customer.id]
        protected += [customer.first_name, customer.last_name, customer.email, customer.phone]
    found = [*_exact(order), *(PROTECTED + word for word in (*_all(protected), *_phones(order)))]
    found += [PUBLIC + word for word in _all(public)]
    prefix = shop_prefix(shop_id)
    return sorted({prefix + word for word in found[:MOST]})


def searched(order: Order) -> tuple[object, ...]:
    """What of an order can change its words; its lines and its number stay as they are."""
    return tuple(getattr(order, name) for name in SEARCHED)


def _all(texts: Iterable[str | None]) -> dict[str, None]:
    """All words in the order of their first appearance."""
    return dict.fromkeys(words(" ".join(filter(None, texts))))


def _address(address: Address | None) -> list[str | None]:
    return [] if address is None else [address.name, address.first_name, address.last_name]


def _phones(order: Order) -> set[str]:
    """Telephone numbers as one run of digits, however they were grouped."""
    phones = [order.phone]
    phones += [order.shipping_address.phone] if order.shipping_address else []
    phones += [order.customer.phone] if order.customer else []
    return {digits for phone in phones if phone and (digits := re.sub(r"\D", "", phone))}


def _exact(order: Order) -> list[str]:
    found = [exact("t", tag) for tag in tags_of(order.tags)]
    found += [exact("n", order.name)]
    found += [exact("e", order.email)] if order.email else []
    found += [exact("s", order.source_identifier)] if order.source_identifier else []
    buyers = {order.customer_id, order.customer.id if order.customer else None}
    found += [exact("c", each) for each in buyers if each]
    return found
