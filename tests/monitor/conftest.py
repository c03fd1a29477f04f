"""A server whose clock the test moves, with an app that may see how it fares."""

import pytest

from inside import inside
from till import clock

SCOPES = frozenset({"read_orders", "write_orders", "read_apps", "write_apps"})


class Ticking:
    """The real clock, `ahead` microseconds early; or one that stands, once it was told to."""

    def __init__(self):
        self.ahead = 0
        self._still = None

    def __call__(self):
        return (clock.now() if self._still is None else self._still) + self.ahead

    def stand(self):
        """From here on no time passes but what the test says: a bucket that was emptied stays empty."""
        self._still = clock.now()


@pytest.fixture
def ticking():
    return Ticking()


@pytest.fixture
def till(run, store, ticking):
    with inside(run, now=ticking, **store) as server:
        server.token = server.install(server.shop, scopes=SCOPES)
        yield server
