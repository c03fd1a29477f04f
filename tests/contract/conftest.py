"""A real server for the contract tests, with two shops that know nothing of each other."""

from types import SimpleNamespace

import pytest

from running import seed, serve


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """One server for all contract tests of this process: `url`, `pid`, `app` and the `other` shop's app."""
    folder = tmp_path_factory.mktemp("contract")
    app, other = seed(folder), seed(folder, shop="other")
    with serve(folder) as running:
        yield SimpleNamespace(url=running.url, pid=running.pid, folder=folder, app=app, other=other)
