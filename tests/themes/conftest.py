"""What the tests of themes stand on: a shop with a theme, and a server that has one."""

import pytest

from inside import inside
from till import clock
from till.themes import founding

THEMES = frozenset({"read_themes", "write_themes", "write_apps"})


@pytest.fixture
def till(run, store):
    """A server with one shop, which has the default theme, and an app that may change themes."""
    with inside(run, **store) as server:
        add_theme(server, server.shop)
        server.token = server.install(server.shop, scopes=THEMES)
        yield server


def add_theme(server, shop):
    """Give a shop the default theme, as founding it does."""
    theme_id = server.parts.lease.minter()
    server.write(lambda tx: founding.found(tx, shop, theme_id=theme_id, at=clock.now()))
    return theme_id
