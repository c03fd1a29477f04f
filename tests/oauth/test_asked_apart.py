"""What is decided one by one is asked once for each declaration, kept, and lost only where that is shown."""

import pytest
from msgspec import structs
from oauth_hall import REDIRECT

from apps_of import acts, installed, told
from till.apps.installations import Installations
from till.apps.store import Apps
from till.caller import Protected
from till.oauth.plain import KINDS, SENTENCES

READ, ALL = frozenset({"read_orders"}), frozenset({"read_orders", "read_all_orders"})
HOME = "/admin/demo/app-install/lark"


@pytest.fixture
def partner(hall):
    """An app from outside that asks for older orders, and for names and e-mail addresses."""
    make(hall, scopes=ALL, protected=frozenset({Protected.NAME, Protected.EMAIL}))
    return hall


def make(hall, **of):
    hall.make_app(partner=True, handle="lark", **of)


def declare(hall, **change):
    """Configure the app otherwise, and nothing else."""
    hall.app = structs.replace(hall.app, **change)
    hall.till.write(lambda tx: Apps(tx).put(hall.app))


def has(hall):
    """What the app has in the shop: scopes, and kinds of data."""
    work = hall.till.parts.db.read(lambda tx: Installations(tx, hall.shop).find(hall.app.client_id))
    found = hall.till.run(work)
    return set(found.scopes), set(found.protected)


def is_asked(hall, **of):
    """Whether the merchant is asked on the way to a code; where not, the code is there."""
    page = hall.owner.get(hall.url(**of))
    assert page.status == 200 or page.query["code"]
    return page.status == 200


def let_in(hall, *more, without=(), **of):
    """Accept with the boxes as they are, save those in `without`."""
    page = hall.owner.get(hall.url(**of))
    assert page.status == 200
    kept = [pair for pair in page.form() if pair not in without]
    hall.owner.post("/oauth2/authorize", [*kept, ("decision", "accept"), *more])


def main_of(page):
    return page.text.partition("<main")[2].partition("</main")[0]


OLDER = ("olderOrders", "1")


def test_what_has_no_box_on_the_page_is_kept(partner):
    let_in(partner)
    declare(partner, scopes=ALL | {"write_orders"})
    let_in(partner, scope="read_orders,write_orders")
    assert has(partner) == ({"read_orders", "write_orders", "read_all_orders"}, {"name", "email"})
    assert not is_asked(partner)


def test_kept_older_orders_are_on_the_page_that_keeps_them(partner):
    let_in(partner)
    declare(partner, scopes=ALL | {"write_orders"})
    page = partner.owner.get(partner.url(scope="write_orders"))
    assert f'class="kept">{SENTENCES["read_all_orders"]}' in page.text
    assert "may no longer" not in page.text


def test_a_box_that_was_left_unticked_is_not_put_again(partner):
    let_in(partner, without=[OLDER, ("protected", "name")])
    assert has(partner) == ({"read_orders"}, {"email"})
    assert not is_asked(partner)
    assert not is_asked(partner, scope="read_orders,read_all_orders")
    assert "Review" not in partner.owner.get("/admin/demo/apps").text


def test_all_boxes_left_unticked_are_not_put_again(partner):
    let_in(partner, without=[OLDER, ("protected", "name"), ("protected", "email")])
    assert has(partner) == ({"read_orders"}, set())
    assert not is_asked(partner)


def test_what_was_declined_is_shown_so_when_the_app_asks_for_more(partner):
    let_in(partner, without=[("protected", "name")])
    declare(partner, scopes=ALL | {"write_orders"})
    page = partner.owner.get(partner.url())
    assert ("protected", "name") not in page.form()
    assert ("protected", "email") in page.form()
    assert OLDER in page.form()


def test_newly_declared_kinds_and_older_orders_reach_the_merchant(hall):
    make(hall, scopes=READ, protected=frozenset({Protected.EMAIL}))
    let_in(hall)
    assert not is_asked(hall)
    declare(hall, scopes=ALL, protected=frozenset({Protected.EMAIL, Protected.PHONE}))
    assert "Review" in hall.owner.get("/admin/demo/apps").text
    assert "checkbox" in hall.owner.get(HOME).text
    page = hall.owner.get(hall.url())
    assert {("protected", "phone"), ("protected", "email"), OLDER} <= set(page.form())
    assert main_of(page).count(">new</span>") == 2
    let_in(hall, without=[OLDER])
    assert has(hall) == ({"read_orders"}, {"email", "phone"})
    assert not is_asked(hall)
    assert "Review" not in hall.owner.get("/admin/demo/apps").text


def test_what_is_declared_newly_and_left_unticked_is_not_put_again(partner):
    let_in(partner)
    declare(partner, protected=frozenset({Protected.NAME, Protected.EMAIL, Protected.PHONE}))
    assert is_asked(partner)
    let_in(partner, without=[("protected", "phone")])
    assert has(partner) == (ALL, {"name", "email"})
    assert not is_asked(partner)
    assert len(acts(partner.till, partner.app.client_id)) == 1, "nothing was granted"


def test_what_was_left_unticked_is_put_again_once_it_was_given_up_and_declared_anew(partner):
    let_in(partner, without=[("protected", "name")])
    declare(partner, protected=frozenset({Protected.EMAIL}))
    assert not is_asked(partner)
    declare(partner, protected=frozenset({Protected.NAME, Protected.EMAIL}))
    assert is_asked(partner)


def test_older_orders_are_asked_for_where_an_earlier_question_left_them_out(partner):
    let_in(partner, scope="read_orders")
    assert not is_asked(partner, scope="read_orders")
    assert is_asked(partner, scope="read_all_orders")
    let_in(partner)
    assert has(partner)[0] == ALL


def test_what_was_given_up_and_is_declared_again_is_asked_again(partner):
    let_in(partner)
    declare(partner, scopes=READ, protected=frozenset())
    assert not is_asked(partner)
    assert has(partner) == ({"read_orders"}, set())
    declare(partner, scopes=ALL, protected=frozenset({Protected.NAME}))
    page = partner.owner.get(partner.url())
    assert {("protected", "name"), OLDER} <= set(page.form())


def test_everything_that_goes_is_on_the_page(partner):
    let_in(partner)
    declare(partner, scopes=frozenset({"read_customers"}), protected=frozenset({Protected.NAME}))
    shown = main_of(partner.owner.get(partner.url()))
    gone = shown.partition("may no longer do or see")[2].partition("</ul>")[0]
    for sentence in (SENTENCES["read_orders"], SENTENCES["read_all_orders"], KINDS[Protected.EMAIL]):
        assert sentence.replace("'", "&#39;") in gone, gone
    assert gone.count('class="removed"') == 3
    let_in(partner)
    assert has(partner) == ({"read_customers"}, {"name"})


@pytest.mark.parametrize("of", [{"partner": True}, {"partner": False}])
def test_what_an_app_gave_up_goes_when_it_comes_for_a_code_silently(hall, of):
    hall.make_app(scopes=frozenset({"read_orders", "write_customers"}), **of)
    installed(hall.till, hall.app)
    declare(hall, scopes=READ)
    assert not is_asked(hall)
    assert has(hall) == ({"read_orders"}, set())
    topic, payload = told(hall.till)[-1]
    assert (topic, payload["authScope"]["removed"]) == ("app/scopesUpdate", ["write_customers"])
    act = acts(hall.till, hall.app.client_id)[0]
    assert (act.kind, act.by) == ("granted", "app")
    assert act.note == "scopes: read_orders; no longer declared: write_customers"
    assert not is_asked(hall)
    assert len(acts(hall.till, hall.app.client_id)) == 2, "once"


def test_a_code_for_protected_data_that_was_given_up_shows_it_no_more(hall):
    make(hall, scopes=READ | {"write_orders"}, protected=frozenset({Protected.EMAIL}))
    let_in(hall)
    declare(hall, protected=frozenset())
    assert not is_asked(hall)
    assert has(hall)[1] == set()


def test_whoever_may_write_is_not_asked_whether_it_may_read(hall):
    hall.make_app(
        scopes=frozenset({"write_orders"}), handle="lark", application_url="https://app.example.com/"
    )
    let_in(hall)
    declare(hall, scopes=frozenset({"write_orders", "read_orders"}))
    assert not is_asked(hall)
    assert not is_asked(hall, scope="read_orders")
    assert "Review" not in hall.owner.get("/admin/demo/apps").text


def test_whoever_gives_up_writing_goes_on_reading(hall):
    hall.make_app(scopes=frozenset({"write_orders", "write_customers"}))
    let_in(hall)
    declare(hall, scopes=frozenset({"read_orders"}))
    assert not is_asked(hall)
    assert has(hall)[0] == {"read_orders"}


@pytest.mark.parametrize("shown", ["", "email", "email,name", "email,name,read_all_orders,phone", "phone"])
def test_nobody_decides_about_boxes_that_the_page_did_not_have(partner, shown):
    page = partner.owner.get(partner.url())
    kept = [(name, value) for name, value in page.form() if name != "apart"]
    reply = partner.owner.post("/oauth2/authorize", [*kept, ("apart", shown), ("decision", "accept")])
    assert (reply.status, "location" in reply.headers) == (422, False)


def test_a_kind_that_is_declared_while_the_page_is_open_is_asked_for_and_not_taken_as_declined(partner):
    page = partner.owner.get(partner.url())
    declare(partner, protected=frozenset(Protected))
    assert partner.owner.post("/oauth2/authorize", [*page.form(), ("decision", "accept")]).status == 422
    let_in(partner)
    assert has(partner)[1] == set(Protected)


def test_a_url_that_was_registered_early_and_speaks_for_this_server_leads_nowhere(hall):
    url = f"{REDIRECT}?code=made-by-somebody"
    declare(hall, redirect_urls=(url,))
    page = hall.owner.get(hall.url(redirectUri=url))
    assert (page.status, "location" in page.headers) == (400, False)
    assert "only this server may say" in page.text
