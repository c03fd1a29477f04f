"""Lanes: the subscriptions for which something is due, and whom to leave alone."""

from functools import lru_cache
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from till.db.port import Row, Tx
from till.deliveries.breaker import Breaker
from till.webhooks.subscription import Options, Ordering

LOOK = """
    WITH lanes AS MATERIALIZED (
        SELECT s.shop_id, s.id, s.address, s.options, (
            SELECT MIN(d.run_at) FROM deliveries d
            WHERE d.shop_id = s.shop_id AND d.subscription_id = s.id AND d.state <= 1) AS due
        FROM subscriptions s WHERE s.state = 'active')
    SELECT shop_id, id, address, options, due FROM lanes WHERE due <= :until ORDER BY due
"""
BREAKERS = "SELECT name, level, until, probe_until, successes, reason FROM breakers"

Key = tuple[int, int]


class Lane(Struct, frozen=True):
    """A subscription with something due at `due`, by the ids of its shop and its own.

    What is due may still go to an address that it had before `address`.
    """

    key: Key
    address: str
    due: int
    is_ordered: bool
    rate: float | None

    @property
    def host(self) -> str:
        return host_of(self.address)


class Look(Struct, frozen=True):
    """What there is to do until some moment, the longest due first, and the breakers that have opened."""

    lanes: tuple[Lane, ...]
    breakers: dict[str, Breaker]


async def look(tx: Tx, *, until: int) -> Look:
    """All lanes with something due up to the moment `until`."""
    lanes = tuple(_lane(row) for row in await tx.fetch(LOOK, until=until))
    breakers = [
        Breaker(
            name=name, level=level, until=end, probe_until=probe_until, successes=successes, reason=reason
        )
        for name, level, end, probe_until, successes, reason in await tx.fetch(BREAKERS)
    ]
    return Look(lanes, {each.name: each for each in breakers})


@lru_cache(maxsize=8192)
def host_of(address: str) -> str:
    """Whom an address leads to, as its limits and its breaker name it: host and port."""
    return urlsplit(address).netloc


def _lane(row: Row) -> Lane:
    shop_id, subscription_id, address, told, due = row
    try:
        options = options_of(told)
    except msgspec.MsgspecError:  # whoever loads what it is owed says so
        options = Options()
    return Lane(
        key=(shop_id, subscription_id),
        address=address,
        due=due,
        is_ordered=options.ordering is Ordering.PER_RESOURCE,
        rate=options.rate,
    )


@lru_cache(maxsize=8192)
def options_of(told: str) -> Options:
    return msgspec.json.decode(told, type=Options)
