"""Whoever does not want an update of an app now goes on with what it has (rulings.md §6.4)."""

import pytest
from msgspec import structs
from oauth_hall import SCOPES

from apps_of import acts, installed
from till.apps.store import Apps

HOME = "https://app.example.com/home"
PATH = "/admin/demo/app-install/lark"
DECLINE = ("decision", "decline")


@pytest.fixture
def updated(hall):
    """Installs an app, which then asks for more; `embedded` says where it is shown."""

    def update(**of):
        hall.make_app(handle="lark", **of)
        installed(hall.till, hall.app, scopes=["read_orders"])
        return hall

    return update


def test_an_embedded_app_opens_with_what_it_has(updated):
    hall = updated(application_url=HOME, embedded=True)
    page = hall.owner.get(PATH)
    assert ("<iframe" in page.text, "asks for more" in page.text) == (False, True)
    declined = hall.owner.post(PATH, [*page.form(PATH), DECLINE])
    assert (declined.status, declined.location) == (303, f"{PATH}?open")
    opened = hall.owner.get(declined.location)
    assert (opened.status, "<iframe" in opened.text) == (200, True)
    assert len(acts(hall.till, hall.app.client_id)) == 1
    token = hall.owner.post(f"{PATH}/session-token", b"")
    assert token.json["token"]
    assert "asks for more" in hall.owner.get(PATH).text, "the question is still there"


def test_a_standalone_app_opens_with_what_it_has(updated):
    hall = updated(application_url=HOME)
    page = hall.owner.get(PATH)
    declined = hall.owner.post(PATH, [*page.form(PATH), DECLINE])
    assert declined.location.startswith(f"{HOME}?shop=demo&")
    assert "code" not in declined.query
    opened = hall.owner.get(f"{PATH}?open")
    assert opened.location.startswith(f"{HOME}?shop=demo&")


def test_an_app_without_pages_leads_to_the_list(updated):
    hall = updated()
    page = hall.owner.get(PATH)
    declined = hall.owner.post(PATH, [*page.form(PATH), DECLINE])
    assert hall.owner.get(declined.location).location == "/admin/demo/apps"


def test_the_list_offers_both(updated):
    hall = updated(application_url=HOME)
    listed = hall.owner.get("/admin/demo/apps").text
    assert f'href="{PATH}">Review' in listed
    assert f'href="{PATH}?open">Open' in listed
    hall.app = structs.replace(hall.app, scopes=frozenset({"read_orders"}))
    hall.till.write(lambda tx: Apps(tx).put(hall.app))
    listed = hall.owner.get("/admin/demo/apps").text
    assert ("Review" in listed, f'href="{PATH}">Open' in listed) == (False, True)


def test_what_was_never_installed_is_not_opened(hall):
    hall.make_app(handle="lark", application_url=HOME, embedded=True, scopes=SCOPES)
    page = hall.owner.get(f"{PATH}?open")
    assert ("<iframe" in page.text, "Install Loyalty?" in page.text) == (False, True)
    declined = hall.owner.post(PATH, [*page.form(PATH), DECLINE])
    assert declined.location == "/admin/demo/apps"
