"""A running server for each test, on each of the two stores, and a visitor of its shop."""

import pytest

from inside import inside
from shopping import Visitor
from till import clock
from till.storefront.shipped import shipped
from till.storefront.stock import stock_of
from till.themes.founding import found

SCOPES = frozenset({"read_orders", "write_orders", "read_themes", "write_themes"})


def themed(server, shop):
    """Give a shop the theme that every shop is founded with."""
    server.write(lambda tx: found(tx, shop, theme_id=server.parts.lease.minter(), at=clock.now()))
    return shop


@pytest.fixture
def till(run, store):
    with inside(run, **store) as server:
        server.token = server.install(server.shop, scopes=SCOPES)
        themed(server, server.shop)
        yield server


@pytest.fixture
def visitor(till):
    return Visitor(till.parts, till.run)


@pytest.fixture(scope="session")
def goods():
    """What the shipped catalogue sells, that is in stock and not counted first."""
    stock = stock_of(shipped().raw, "en", "USD")
    return sorted(
        (each for each in stock.goods.values() if each.is_available),
        key=lambda each: each.variant.inventory is not None,
    )
