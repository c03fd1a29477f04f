"""Where no process can be started that looks templates through: pushes are refused for now, packages wait."""

import package_zips as zips
import pytest
from theme_asking import add, b64, put, read

from people import settle
from till.fence.pool import Fence
from till.themes.installing import Installer

PUT_OFF = "SELECT theme_id FROM theme_uploads WHERE shop_id = :s AND leased_until > 0 AND token IS NULL"


@pytest.fixture
def no_fence(till, run):
    """The server's fence, whose workers cannot be started."""
    pool = till.parts.api._lent.parse.__self__
    assert isinstance(pool, Fence)
    jobs = pool._crew._hiring._jobs
    good = list(jobs)
    jobs[:] = ["nowhere:nothing"]
    yield pool
    jobs[:] = good


def test_a_push_is_refused_for_now_and_changes_nothing(till, no_fence):
    theme = add(till)
    reply = put(till, theme, "snippets/a.liquid", "{{ a }}")
    assert (reply.status, reply.json["code"]) == (503, "no_workers")
    assert int(reply.headers["retry-after"]) > 0
    assert "ask again later" in reply.json["error"]
    assert "nowhere" not in reply.json["error"]
    assert read(till, theme, "snippets/a.liquid").status == 404
    assert put(till, theme, "assets/a.css", "a {}").status == 200


def test_a_package_waits_until_its_templates_can_be_looked_through(till, no_fence):
    sent = {"shopThemeName": "Sent", "attachment": b64(zips.zipped(zips.GOOD))}
    theme = till.post("/themes", {"theme": sent}).json["theme"]
    lent = till.parts.api._lent
    installer = Installer(
        db=lent.db, clock=lent.clock, fetch=None, parse=no_fence.parse, log=lent.log, told=lambda _: None
    )
    till.run(installer.install_due())
    # The server's own installer may have been faster, and have it still.
    settle(till, lambda: till.rows(PUT_OFF, s=till.shop.id))
    shown = till.get(f"/themes/{theme['shopThemeId']}").json["theme"]
    assert (shown["status"], shown["reason"]) == ("INIT", None)
