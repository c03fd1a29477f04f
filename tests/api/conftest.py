"""A running server for each test, on each of the two stores."""

import pytest

from inside import inside


@pytest.fixture
def till(run, store):
    with inside(run, **store) as server:
        yield server
