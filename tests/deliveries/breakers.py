"""What tests ask of the breakers in a house's database."""

from till.clock import SECOND
from till.deliveries.breaker import of_way


async def has_breaker(house, name):
    rows = await house.db.read(lambda tx: tx.fetch("SELECT name FROM breakers WHERE name = :name", name=name))
    return bool(rows)


async def has_no_breaker(house, name=None):
    return not (await has_breaker(house, name) if name else await house.db.read(_breakers))


async def _breakers(tx):
    return await tx.fetch("SELECT name FROM breakers")


def way(house, hook, address):
    return of_way(house.shop.id, hook, address)


async def left_alone(house, name):
    """Seconds until a breaker may be probed."""
    sql = "SELECT until FROM breakers WHERE name = :name"
    ((end,),) = await house.db.read(lambda tx: tx.fetch(sql, name=name))
    return max(0.0, (end - house.clock()) / SECOND)


async def is_left_alone(house, name):
    return await left_alone(house, name) > 0
