"""Telling apps of wishes about personal data, through the outbox like all that happens in a shop."""

from collections.abc import Iterable

import msgspec

from till.customers import compliance
from till.customers.compliance import DATA_REQUEST, REDACT, SHOP_REDACT
from till.db.port import Tx
from till.privacy.person import Subject
from till.shop import Shop
from till.webhooks.forms import Telling
from till.webhooks.outbox import record, take
from till.webhooks.topic import Resource

PAYLOAD = "SELECT payload FROM changes WHERE shop_id = :shop_id AND number = :number"
SET = "UPDATE changes SET payload = :payload WHERE shop_id = :shop_id AND number = :number"
FORMS = "SELECT form, payload FROM event_forms WHERE shop_id = :shop_id AND number = :number"
SET_FORM = """
    UPDATE event_forms SET payload = :payload WHERE shop_id = :shop_id AND number = :number AND form = :form
"""
OWED = """
    SELECT 1 FROM deliveries
    WHERE shop_id = :shop_id AND resource_id = :resource_id AND event_number = :number AND state <= 1 LIMIT 1
"""


async def tell_data_request(
    tx: Tx, shop: Shop, subject: Subject, orders: Iterable[int], *, request_id: int, at: int
) -> int:
    """Tell `customers/data_request`; answers the number of the change."""
    payload = compliance.data_request(shop, subject.person, orders, request_id=request_id)
    return await _tell(tx, DATA_REQUEST, payload, Resource(shop.id, subject.number, at, at))


async def tell_redact(tx: Tx, shop: Shop, subject: Subject, orders: Iterable[int], *, at: int) -> int:
    """Tell `customers/redact`; answers the number of the change."""
    payload = compliance.customer_redact(shop, subject.person, orders)
    return await _tell(tx, REDACT, payload, Resource(shop.id, subject.number, at, at))


async def tell_shop_redact(tx: Tx, shop: Shop, *, at: int, only: int | None = None) -> int:
    """Tell `shop/redact`, where `only` is given to that installation alone."""
    payload = compliance.shop_redact(shop, installation_id=only)
    return await _tell(tx, SHOP_REDACT, payload, Resource(shop.id, shop.id, at, at), only=only)


async def orders_told(tx: Tx, *, shop_id: int, number: int) -> list[int]:
    """The orders that a `customers/redact` named; none where the event is no longer kept."""
    rows = await tx.fetch(PAYLOAD, shop_id=shop_id, number=number)
    if not rows:
        return []
    told = msgspec.json.decode(rows[0][0])
    return [int(each) for each in told["customerRedact"]["ordersToRedact"]]


async def is_owed(tx: Tx, *, shop_id: int, resource_id: int, number: int) -> bool:
    """True while a delivery of what was told waits or is under way."""
    return bool(await tx.fetch(OWED, shop_id=shop_id, resource_id=resource_id, number=number))


async def forget_told(tx: Tx, *, shop_id: int, number: int) -> None:
    """Take e-mail and telephone number out of what was told, in all its forms."""
    for (payload,) in await tx.fetch(PAYLOAD, shop_id=shop_id, number=number):
        bare = compliance.without_person(bytes(payload))
        await tx.execute(SET, shop_id=shop_id, number=number, payload=bare)
    for form, payload in await tx.fetch(FORMS, shop_id=shop_id, number=number):
        bare = compliance.without_person(bytes(payload))
        await tx.execute(SET_FORM, shop_id=shop_id, number=number, form=form, payload=bare)


async def _tell(tx: Tx, topic: str, payload: bytes, resource: Resource, *, only: int | None = None) -> int:
    numbers = await take(tx, shop_id=resource.shop_id, events=1)
    telling = Telling(payload, compliance.render, only=only)
    await record(tx, [compliance.TOPIC[topic]], telling, numbers=numbers, resource=resource)
    return numbers.first_event
