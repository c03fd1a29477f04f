"""One shop's customers at rest."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from till.customers import rows, statements
from till.customers.customer import Known, Met, Profile, Purchase, Standing
from till.customers.keys import EXACT, Keys, Kind, exact_keys, id_key, text_of, word_keys
from till.customers.profile import completed, fills_gaps, gaps_filled, told, with_ids
from till.customers.query import Where
from till.customers.search import narrow
from till.db.port import Row, Tx
from till.errors import NotFound
from till.shop import Shop

Mint = Callable[[], int]
Owners = dict[Kind, int]


class CustomerNotFound(NotFound):
    """No such customer in this shop."""


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who a new order says bought, and what they are found by."""

    purchase: Purchase
    own_id: str | None
    news: Profile
    keys: Keys

    def held(self, owners: Owners, number: int) -> Profile:
        """What is told of them, without an e-mail or a telephone number that is another customer's."""
        has_email, has_phone = (owners.get(kind) == number for kind in (Kind.EMAIL, Kind.PHONE))
        news = self.news
        return replace(news, email=news.email if has_email else None, phone=news.phone if has_phone else None)


@dataclass(frozen=True, slots=True)
class Customers:
    """Every order that is added, changed or deleted is told here, so that the totals are always true."""

    tx: Tx
    shop: Shop

    async def meet(self, purchase: Purchase, mint: Mint) -> Met | None:
        """The customer of a new order, found or made, with the order counted in; None for nobody.

        One statement for a customer who is known, three for one who is new or of whom the order
        tells something new.
        """
        buyer = buyer_of(purchase)
        if not buyer.keys:
            return None
        found = await self._count_in(buyer)
        if found is None:
            made = await self._make(buyer, mint)
            return Met(id=made.id, customer=purchase.customer, email=purchase.email, standing=made.standing)
        customer, owners = found
        if _is_news(buyer, customer, owners):
            await self._learn(buyer, customer, owners, mint)
        sent = completed(purchase.customer, customer)
        email = purchase.email
        if sent is not None and sent is not purchase.customer:
            email = email or sent.email
        return Met(id=customer.id, customer=sent, email=email, standing=customer.standing)

    async def count(self, customer_id: str, *, spent: int, currency: str, at: int) -> Standing:
        """What a customer's orders come to once one of them, in `currency`, brought `spent` more."""
        if spent:
            return await self._move(customer_id, gone=None, spent=spent, currency=currency, at=at)
        key = id_key(customer_id)
        return _standing(await self.tx.fetch(statements.LOOK, shop_id=self.shop.id, key=key), customer_id)

    async def leave(self, customer_id: str, *, order_id: int, spent: int, currency: str, at: int) -> Standing:
        """The same once one of them, which had brought `spent`, was deleted."""
        return await self._move(customer_id, gone=order_id, spent=-spent, currency=currency, at=at)

    async def get(self, customer_id: str) -> Known:
        """The customer who has this id; `CustomerNotFound` where nobody has."""
        found = await self.tx.fetch(statements.GET, shop_id=self.shop.id, key=id_key(customer_id))
        if not found:
            raise _unknown(customer_id)
        return rows.known(found[0])

    async def number_of(self, customer_id: int) -> int:
        """The place among all that an id stands for; one that nobody has is taken for a place."""
        key = id_key(str(customer_id))
        found = await self.tx.fetch(statements.NUMBER_OF, shop_id=self.shop.id, key=key)
        return int(found[0][0]) if found else customer_id

    async def page(
        self, where: Where, *, key: tuple[int, ...], backward: bool, ascending: bool, limit: int
    ) -> list[Known]:
        """At most `limit` customers from just after `key`, in the order in which they are shown.

        Sorted by (createTime, number), newest first, or `ascending` by number.
        """
        await narrow(self.tx, where)
        clause, params = where.page(key=key, backward=backward, ascending=ascending)
        sql = f"SELECT {rows.COLUMNS} FROM customers WHERE {clause} LIMIT :limit"
        found = [rows.known(row) for row in await self.tx.fetch(sql, limit=limit, **params)]
        return found[::-1] if backward else found

    async def number(self, where: Where) -> int:
        """How many customers `where` meets."""
        sql = f"SELECT count(*) FROM customers WHERE {where.sql}"
        return int((await self.tx.fetch(sql, **where.params))[0][0])

    async def _count_in(self, buyer: Buyer) -> tuple[Known, Owners] | None:
        """Count the order of somebody known in; answers them, and who has which of the keys."""
        purchase = buyer.purchase
        found = await self.tx.fetch(
            statements.COUNT_IN,
            shop_id=self.shop.id,
            currency=purchase.currency,
            spent=purchase.spent,
            order_id=purchase.order_id,
            at=purchase.at,
            **_named(buyer.keys),
        )
        if not found:
            return None
        owners = zip(EXACT, found[0][rows.WIDTH :], strict=True)
        return rows.known(found[0]), {kind: number for kind, number in owners if number is not None}

    async def _make(self, buyer: Buyer, mint: Mint) -> Known:
        """Make a customer, unless a work beside this one has just made the same."""
        purchase, keys = buyer.purchase, buyer.keys
        sent = purchase.customer
        words = word_keys(buyer.news)
        owners = await self._claim(buyer, keys, words, mint())
        owner = next(owners[kind] for kind in keys)
        made = Known(
            number=owner,
            id=buyer.own_id or str(owner),
            created_at=purchase.created_at if sent is None else sent.created_at or purchase.created_at,
            updated_at=purchase.at,
            profile=with_ids(buyer.held(owners, owner), mint),
            standing=Standing(orders_count=1, total_spent=purchase.spent, currency=purchase.currency),
            last_order_id=purchase.order_id,
        )
        return await self._put(made, text_of(words, _of(owner, keys, owners)))

    async def _learn(self, buyer: Buyer, customer: Known, owners: Owners, mint: Mint) -> None:
        """Fill the gaps in what is known of a customer whose order is counted in already."""
        free = {kind: value for kind, value in buyer.keys.items() if kind not in owners}
        words = word_keys(gaps_filled(buyer.news, customer.profile))
        if free or words:
            owners = owners | await self._claim(buyer, free, words, customer.number)
        learnt = replace(
            customer,
            profile=with_ids(buyer.held(owners, customer.number), mint),
            standing=replace(customer.standing, orders_count=0, total_spent=0),
            last_order_id=buyer.purchase.order_id,
        )
        await self._put(learnt, text_of(words, _of(customer.number, free, owners)))

    async def _claim(self, buyer: Buyer, free: Keys, words: list[tuple[Kind, bytes]], fresh: int) -> Owners:
        """Give what nobody has to whom the strongest key names, else to `fresh`; answers who has which."""
        claims: list[tuple[Kind, str | None]] = [
            (kind, value.hex()) for kind, value in (*free.items(), *words)
        ]
        if buyer.own_id is None and free == buyer.keys:
            claims.append((Kind.ID, None))
        found = await self.tx.fetch(
            statements.CLAIM[self.tx.dialect],
            shop_id=self.shop.id,
            fresh=fresh,
            told=json.dumps(claims),
            **_named(buyer.keys),
        )
        return {Kind(kind): number for kind, number in found if kind in free}

    async def _put(self, customer: Known, words: str) -> Known:
        """Store a new customer, or add to one who is there what is not known of them yet."""
        found = await self.tx.fetch(
            statements.PUT,
            shop_id=self.shop.id,
            number=customer.number,
            id=customer.id,
            created_at=customer.created_at,
            updated_at=customer.updated_at,
            last_order_id=customer.last_order_id,
            orders_count=customer.standing.orders_count,
            total_spent=customer.standing.total_spent,
            currency=customer.standing.currency,
            words=words,
            **rows.values(customer.profile),
        )
        return rows.known(found[0])

    async def _move(
        self, customer_id: str, *, gone: int | None, spent: int, currency: str, at: int
    ) -> Standing:
        found = await self.tx.fetch(
            statements.MOVE,
            shop_id=self.shop.id,
            key=id_key(customer_id),
            fewer=0 if gone is None else 1,
            gone=gone,
            spent=spent,
            currency=currency,
            at=at,
        )
        return _standing(found, customer_id)


def buyer_of(purchase: Purchase) -> Buyer:
    news = told(purchase)
    own_id = None if purchase.customer is None else purchase.customer.id
    return Buyer(purchase, own_id, news, exact_keys(own_id, news))


def _is_news(buyer: Buyer, customer: Known, owners: Owners) -> bool:
    """True when an order tells something of a known customer that is not known yet."""
    if owners.keys() != buyer.keys.keys():
        return True
    return fills_gaps(buyer.held(owners, customer.number), customer.profile)


def _of(number: int, keys: Keys, owners: Owners) -> Keys:
    """Those of `keys` that are this customer's."""
    return {kind: value for kind, value in keys.items() if owners.get(kind) == number}


def _named(keys: Keys) -> dict[str, Any]:
    return {f"key_{kind}": keys.get(kind) for kind in EXACT}


def _standing(found: list[Row], customer_id: str) -> Standing:
    if not found:
        raise _unknown(customer_id)
    count, spent, currency = found[0]
    return Standing(orders_count=count, total_spent=spent, currency=currency)


def _unknown(customer_id: str) -> CustomerNotFound:
    return CustomerNotFound(f"There is no customer {customer_id} in this shop.")
