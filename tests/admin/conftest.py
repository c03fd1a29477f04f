"""One server for the tests of pages, with an owner `ada` of both shops and a staff member `bob` of one."""

from types import SimpleNamespace

import pytest

from admin_hall import AppSite, Plain, furnish
from browsers import browser
from running import answer, serve, where
from theme_pages import clear


@pytest.fixture(scope="module")
def chrome():
    # Not for longer: while it is there its loop runs in this thread, and no test can run one of its own.
    with browser() as opened:
        yield opened


@pytest.fixture(scope="session")
def site():
    found = AppSite()
    yield found
    found.stop()


@pytest.fixture(scope="session")
def served(tmp_path_factory, site):
    """`url`, `folder`, `apps`, and `ada` and `bob` as clients that have signed in."""
    folder = tmp_path_factory.mktemp("admin")
    apps = furnish(folder, site)
    with serve(folder) as server:
        ada, bob = Plain(server.url), Plain(server.url)
        assert ada.accept(server.said["setUp"], "ada@example.com").status == 303
        invited = answer(
            "staff", "invite", "bob@example.com", "--shop", "corner", "--url", server.url, *where(folder)
        )
        assert bob.accept(invited["link"], name="Bob").status == 303
        yield SimpleNamespace(url=server.url, folder=folder, apps=apps, ada=ada, bob=bob, server=server)


@pytest.fixture
def room(served):
    """Leaves no draft of a theme behind."""
    yield
    clear(served.bob)
