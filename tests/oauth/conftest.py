"""A hall for each test, on each of the two stores."""

import pytest
from oauth_hall import Browser, Hall, Ticking

from inside import inside
from till.staff.person import Role


@pytest.fixture
def ticking():
    return Ticking()


@pytest.fixture
def till(run, store, ticking):
    with inside(run, now=ticking, **store) as server:
        yield server


@pytest.fixture
def hall(till, ticking):
    found = Hall(till, ticking)
    found.make_app()
    found.owner = found.person("ada@example.com", till.shop, role=Role.OWNER)
    found.nobody = Browser(till)
    return found
