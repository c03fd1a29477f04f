"""A running server for each test, on each of the two stores; `alive` delivers what it owes."""

import pytest

from inside import inside
from receiver import Receiver


@pytest.fixture
def till(run, store):
    with inside(run, **store) as server:
        yield server


@pytest.fixture
def alive(run, store):
    with inside(run, work=True, **store) as server:
        yield server


@pytest.fixture
def receiver():
    with Receiver() as found:
        yield found
