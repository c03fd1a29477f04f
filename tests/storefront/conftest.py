"""A running server for each test, on each of the two stores, and a visitor of its shop."""

import pytest

from inside import inside
from shopping import Visitor
from storefront_shops import themed
from till.storefront.shipped import shipped
from till.storefront.stock import stock_of

SCOPES = frozenset({"read_orders", "write_orders", "read_themes", "write_themes"})


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
