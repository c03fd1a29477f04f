"""A server with themes, and folders that belong to one of them."""

from types import SimpleNamespace

import pytest

from running import seed, serve
from themer import SCOPES, SMALL, Themer


@pytest.fixture(scope="module")
def shelf_server(tmp_path_factory):
    place = tmp_path_factory.mktemp("themes")
    seeded = seed(place, scopes=SCOPES)
    with serve(place) as server:
        yield SimpleNamespace(url=server.url, token=seeded.accessToken)


@pytest.fixture
def draft(shelf_server, tmp_path):
    """A folder that was pushed as a draft."""
    found = Themer(shelf_server.url, shelf_server.token, tmp_path / "theme")
    made = found.json("push", "--unpublished")
    assert sorted(made["uploaded"]) == sorted(SMALL)
    found.id = made["theme"]["shopThemeId"]
    yield found
    found.run("delete", "-t", found.id, "-f")


@pytest.fixture
def other(shelf_server, draft, tmp_path):
    """Somebody else with the same theme in a folder of his own."""
    found = Themer(shelf_server.url, shelf_server.token, tmp_path / "other", {})
    found.json("pull", "-t", draft.id)
    return found
