"""What every test may ask for: a loop to run on, and each of the two stores, migrated and empty."""

import asyncio
import os

import pytest
import uvloop
from hypothesis import settings

from postgres import Server
from postgres_emptied import Emptied
from till.db.open import open_database

# The same examples every time, and no deadline: machines are shared. TILL_TEST_EXAMPLES asks for more.
settings.register_profile(
    "till",
    max_examples=int(os.environ.get("TILL_TEST_EXAMPLES", "300")),
    derandomize=True,
    deadline=None,
)
settings.load_profile("till")


def pytest_configure(config):
    config.addinivalue_line("markers", "long: takes a minute or more, and so is begun at once")


def pytest_collection_modifyitems(config, items):
    """Begin the long tests first, each in another process: a suite is not over before its last one is."""
    processes = getattr(config, "workerinput", {}).get("workercount", 1)
    if processes == 1:
        return
    long = [item for item in items if item.get_closest_marker("long")]
    rest = [item for item in items if not item.get_closest_marker("long")]
    every, items[:] = len(items), []
    for number in range(processes):
        # xdist gives each process as many to begin with, one behind the other.
        items += long[number::processes]
        share = max(0, every * (number + 1) // processes - len(items))
        items += rest[:share]
        del rest[:share]


@pytest.fixture
def run():
    """Run a coroutine on this test's own event loop, the one its database lives on."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        yield runner.run


@pytest.fixture(scope="session")
def postgres():
    """One server for all tests of this process; those that stop it start it again."""
    with Server.started(durable=False) as server:
        yield server


@pytest.fixture(scope="session")
def migrated(postgres):
    """Make a database that others are copied from, for that is faster than migrating each."""
    url = postgres.create_database()

    async def migrate():
        await (await open_database(folder=None, url=url)).close()

    asyncio.run(migrate())
    return url.rpartition("/")[2]


@pytest.fixture(scope="session")
def emptied(postgres, migrated):
    """Databases that were used before: emptying one takes a tenth of making one."""
    return Emptied(postgres, migrated)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request, tmp_path):
    """Say where an empty database is: the arguments of `open_database`."""
    if request.param == "sqlite":
        yield {"folder": tmp_path / "store", "url": None}
        return
    with request.getfixturevalue("emptied").lent() as url:
        yield {"folder": tmp_path, "url": url}


@pytest.fixture
def db(run, store):
    database = run(open_database(**store))
    yield database
    run(database.close())
