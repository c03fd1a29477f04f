"""U+0000, which PostgreSQL keeps in no text, is refused by whatever reads for people or of apps."""

import base64
import re

import pytest
from oauth_hall import ask

from apps_of import installed
from till.errors import Invalid
from till.staff.person import email_of


@pytest.mark.parametrize(
    "path",
    [
        "/admin/demo/app-install/a\0b",
        "/admin/de\0mo/apps",
        "/admin/demo/app-install/\0/session-token",
        "/admin/\0",
    ],
)
def test_no_page_has_it_in_its_path(hall, path):
    for browser in (hall.owner, hall.nobody):
        assert browser.get(path).status == 404
    assert hall.owner.post(path, []).status == 404


@pytest.mark.parametrize("query", ["next=%00", "next=/admin/%00", "token=a%00b"])
@pytest.mark.parametrize("path", ["/admin/sign-in", "/admin/invitation", "/admin/demo/apps"])
def test_in_a_query_it_means_nothing(hall, path, query):
    assert hall.nobody.get(f"{path}?{query}").status in (200, 303, 404)
    assert hall.owner.get(f"/admin/demo/apps?view=%00&{query}").status == 200


@pytest.mark.parametrize("field", ["email", "password", "next", "more"])
def test_no_form_has_it_before_somebody_signed_in(hall, field):
    page = hall.nobody.get("/admin/sign-in")
    cookie = re.match(r"till-form=([^;]+)", page.headers["set-cookie"])[1]
    fields = dict(page.form("/admin/sign-in")) | {"email": "a@example.com", "password": "x"}
    fields[field] = "a\0b@example.com"
    reply = hall.nobody.post("/admin/sign-in", fields.items(), cookie=f"till-form={cookie}")
    assert (reply.status, "U+0000" in reply.text) == (400, True)


@pytest.mark.parametrize("field", ["clientId", "reason", "note", "csrf"])
def test_nor_one_that_takes_an_app_out(hall, field):
    installed(hall.till, hall.app)
    (csrf,) = (value for name, value in hall.owner.get("/admin/demo/apps").form("/admin/sign-out"))
    fields = {"csrf": csrf, "clientId": hall.app.client_id, "reason": "other", "note": "x"}
    path = "/admin/demo/apps/uninstall"
    refused = hall.owner.post(path, (fields | {field: fields[field] + "\0"}).items())
    assert (refused.status, "U+0000" in refused.text) == (400, True)
    assert hall.owner.post(path, fields.items()).status == 303, "it was still installed"


@pytest.mark.parametrize("said", [b"a%00b:c", b"a:c%00", b"a\0b:c", b"a:\0"])
def test_nor_do_the_credentials_of_an_app(hall, said):
    head = "Basic " + base64.b64encode(said).decode()
    refused = hall.token(form={"grant_type": "authorization_code", "code": "c"}, authorization=head)
    assert (refused.status, refused.json["code"]) == (401, "invalid_client")
    assert hall.till.get("/app/statistics", token="", authorization=head).status == 401


@pytest.mark.parametrize("field", ["client_id", "client_secret", "code", "shop", "more"])
def test_nor_does_what_is_sent_for_a_token(hall, field):
    told = {"client_id": hall.app.client_id, "client_secret": hall.secret, "code": "c"}
    told |= {"grant_type": "authorization_code", field: "a\0b"}
    assert hall.token(form=told).json["code"] == "invalid_request"
    assert hall.token(told).status == 400


@pytest.mark.parametrize("character", ["\0", "\x1b", "\x7f"])
def test_nor_does_an_address_of_somebody(character):
    with pytest.raises(Invalid, match="not an e-mail address"):
        email_of(f"a{character}b@example.com")


def test_a_cookie_with_it_shows_nobody(hall):
    reply = hall.till.run(ask(hall.till, "GET", "/admin/sign-in", cookie="till=a\0b"))
    assert reply.status == 200
