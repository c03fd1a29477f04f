"""A server that delivers webhooks by a clock that can be set, on each of the two stores."""

import pytest

from engines import MovedClock
from inside import inside
from people import SCOPES
from receiver import Receiver


@pytest.fixture
def clock():
    return MovedClock()


@pytest.fixture
def till(run, store, clock):
    with inside(run, **store, now=clock, work=True) as server:
        server.token = server.install(server.shop, scopes=SCOPES)
        yield server


@pytest.fixture
def receiver():
    with Receiver() as found:
        yield found
