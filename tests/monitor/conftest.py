"""A server whose clock the test moves, with an app that may see how it fares."""

import pytest

from inside import inside
from till import clock

SCOPES = frozenset({"read_orders", "write_orders", "read_apps", "write_apps"})


class Ticking:
    """The real clock, `ahead` microseconds early."""

    def __init__(self):
        self.ahead = 0

    def __call__(self):
        return clock.now() + self.ahead


@pytest.fixture
def ticking():
    return Ticking()


@pytest.fixture
def till(run, store, ticking):
    with inside(run, now=ticking, **store) as server:
        server.token = server.install(server.shop, scopes=SCOPES)
        yield server
