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
