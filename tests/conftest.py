"""What every test may ask for: a loop to run on, and each of the two stores, migrated and empty."""

import asyncio

import pytest
import uvloop

from till.db.migrate import migrate
from till.db.sqlite import Sqlite


@pytest.fixture
def run():
    """Run a coroutine on this test's own event loop, the one its database lives on."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        yield runner.run


@pytest.fixture
def db(run, tmp_path):
    database = Sqlite.open(tmp_path)
    run(migrate(database))
    yield database
    run(database.close())
