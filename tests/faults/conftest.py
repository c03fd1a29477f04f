"""A SQLite folder with a shop and an app in it, to be copied for each run of faults."""

import contextlib
import shutil
from types import SimpleNamespace

import pytest

from inside import Inside
from running import seed
from till.server import running
from till.settings import Settings

SCOPES = "read_orders,write_orders,read_apps,write_apps"


@pytest.fixture(scope="session")
def stocked(tmp_path_factory):
    """The folder, closed in good order, and who may ask there: `folder`, `shop`."""
    folder = tmp_path_factory.mktemp("stocked") / "data"
    return SimpleNamespace(folder=folder, shop=seed(folder, scopes=SCOPES))


@pytest.fixture
def copied(stocked, tmp_path):
    """A copy of it, for a test of its own."""
    return shutil.copytree(stocked.folder, tmp_path / "data")


@pytest.fixture
def opened(run, stocked):
    """Open a copy as the server does, inside this process, asked with the app's own token."""

    @contextlib.contextmanager
    def opener(folder):
        stack = contextlib.AsyncExitStack()
        parts = run(stack.enter_async_context(running(Settings(data=folder))))
        try:
            yield Inside(parts, run, token=stocked.shop.accessToken)
        finally:
            run(stack.aclose())

    return opener


@pytest.fixture(scope="session")
def stocked_template(postgres, migrated, tmp_path_factory):
    """The same in PostgreSQL, to be copied: `name` of the database, `folder` of the key, `shop`."""
    folder = tmp_path_factory.mktemp("key")
    url = postgres.create_database(migrated)
    shop = seed(url, key=folder, scopes=SCOPES)
    return SimpleNamespace(name=url.rpartition("/")[2], folder=folder, shop=shop)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, stocked):
    """Where to serve from: `at` with the options `more`, who may ask, how many may serve at once."""
    if request.param == "sqlite":
        copied = request.getfixturevalue("copied")
        yield SimpleNamespace(at=copied, more=(), shop=stocked.shop, servers=1)
        return
    postgres = request.getfixturevalue("postgres")
    template = request.getfixturevalue("stocked_template")
    url = postgres.create_database(template.name)
    yield SimpleNamespace(at=url, more=("--data", str(template.folder)), shop=template.shop, servers=2)
    postgres.drop_database(url)
