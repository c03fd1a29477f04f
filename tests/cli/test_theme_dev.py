"""`till theme dev` without a browser: what it serves, to whom, what it follows, and how it ends."""

import http.client
import os
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from running import seed, serve
from themer import SCOPES, SMALL, Themer, developing


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    place = tmp_path_factory.mktemp("themes")
    seeded = seed(place, scopes=SCOPES)
    with serve(place) as server:
        yield SimpleNamespace(url=server.url, token=seeded.accessToken)


@pytest.fixture
def alone(tmp_path):
    return Themer("", "", tmp_path / "theme")


@pytest.fixture
def draft(served, tmp_path):
    found = Themer(served.url, served.token, tmp_path / "theme")
    found.id = found.json("push", "--unpublished")["theme"]["shopThemeId"]
    yield found
    found.run("delete", "-t", found.id, "-f")


def notices(dev, kind):
    return [each["sentence"] for each in dev.said if each.get("notice") == kind]


def test_a_page_is_what_the_folder_is_with_no_server_anywhere(alone):
    alone.write({"assets/dot.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>\r\n"})
    alone.write({"templates/page.liquid": "{{ 'dot.svg' | asset_url }} {{ 'dot.png' | asset_url }}"})
    with developing(alone.folder) as dev:
        status, headers, page = dev.get("/")
        assert status == 200
        assert "<h1>Hello</h1>" in page
        assert "sandbox" in headers["Content-Security-Policy"]
        _, _, page = dev.get("/pages/about")
        text, picture = page[page.index("<main>") + 6 : page.index("</main>")].split()
        assert dev.get(text)[2].encode() == alone.read("assets/dot.svg")
        at = urlsplit(dev.url)
        connection = http.client.HTTPConnection(at.hostname, at.port, timeout=60)
        connection.request("GET", picture)
        assert connection.getresponse().read() == alone.read("assets/dot.png")
        connection.close()
        alone.write({"sections/hero.liquid": SMALL["sections/hero.liquid"].replace("h1", "h2")})
        dev.saved("sections/hero.liquid")
        assert "<h2>Hello</h2>" in dev.get("/")[2]
        code, seconds = dev.stop()
        assert (code, seconds < 20) == (0, True)


def test_only_pages_are_given_the_script(alone):
    with developing(alone.folder) as dev:
        assert "/__till/live.js" in dev.get("/")[2]
        assert "/__till/live.js" not in dev.get("/", Sec_Fetch_Dest="empty")[2]
        assert "/__till/live.js" not in dev.get("/?sections=hero")[2]
        assert "/__till/live.js" not in dev.get("/cart.js")[2]


def test_faults_of_a_visit_that_never_was_are_none(alone):
    with developing(alone.folder) as dev:
        for number in ("0", "-1", "9" * 5_000):
            status, _, body = dev.get(f"/__till/faults/{number}")
            assert (status, body) == (200, "[]")


def test_a_name_that_is_not_this_machines_is_not_answered(alone):
    with developing(alone.folder) as dev:
        for host, status in (("evil.example", 421), ("localhost:1", 200), ("shop.localhost", 200)):
            assert dev.get("/", Host=host)[0] == status


def test_a_page_that_takes_too_much_says_so_and_the_others_stand(alone):
    with developing(alone.folder) as dev:
        turns = "".join(f"{{% for {name} in (1..900) %}}" for name in "abc") + "{% endfor %}" * 3
        alone.write({"templates/page.liquid": turns})
        dev.saved("templates/page.liquid")
        assert "/__till/live.js" in dev.get("/pages/about")[2]
        told = dev.until(lambda said: any(each.get("faults") for each in said))
        assert told[-1]["faults"][0]["kind"] == "limit"
        assert dev.get("/")[0] == 200


def test_folders_come_and_go_and_links_out_are_refused(alone, tmp_path):
    with developing(alone.folder) as dev:
        alone.write({"snippets/new.liquid": "new"})
        dev.saved("snippets/new.liquid")
        alone.write({"sections/hero.liquid": "{% render 'new' %}"})
        dev.saved("sections/hero.liquid")
        assert "new" in dev.get("/")[2]
        (tmp_path / "secret.txt").write_text("secret")
        (alone.folder / "snippets" / "leak.liquid").symlink_to(tmp_path / "secret.txt")
        dev.until(lambda _: any("leak.liquid" in each for each in notices(dev, "warning")))
        alone.write({"sections/hero.liquid": "{% render 'leak' %}"})
        dev.saved("sections/hero.liquid", 2)
        assert "secret" not in dev.get("/")[2].partition("till-page")[0]
        (alone.folder / "assets" / "base.css").unlink()
        dev.saved("assets/base.css")
        assert dev.get("/")[0] == 200


def test_a_name_that_is_no_text_ends_nothing(alone):
    with developing(alone.folder) as dev:
        Path(os.fsdecode(os.fsencode(alone.folder) + b"/assets/bad\xff.css")).write_bytes(b"x")
        dev.until(lambda said: any("not UTF-8" in each.get("sentence", "") for each in said))
        alone.write({"sections/hero.liquid": "<h2>Still here</h2>"})
        dev.saved("sections/hero.liquid")
        assert "Still here" in dev.get("/")[2]


def test_checkout_without_a_server_says_so(alone):
    with developing(alone.folder) as dev:
        at = urlsplit(dev.url)
        handle = dev.get("/search/suggest.json?q=a")[2].partition('"handle":"')[2].partition('"')[0]
        variant = dev.get(f"/products/{handle}.js")[2].partition('"variants":[{"id":')[2].partition(",")[0]
        connection = http.client.HTTPConnection(at.hostname, at.port, timeout=60)

        def post(path, body, cookie=""):
            sent = {"Content-Type": "application/x-www-form-urlencoded", "Origin": dev.url, "Cookie": cookie}
            connection.request("POST", path, body, sent | {"Sec-Fetch-Site": "same-origin"})
            reply = connection.getresponse()
            return reply, reply.read().decode()

        reply, _ = post("/cart/add", f"id={variant}&quantity=1")
        cookie = reply.getheader("Set-Cookie").partition(";")[0]
        key = dev.get("/checkout", Cookie=cookie)[2].partition('name="key" value="')[2].partition('"')[0]
        form = f"email=a@example.com&last_name=A&address1=B&zip=1&city=C&country=D&key={key}"
        reply, said = post("/checkout", form, cookie)
        assert reply.status == 422
        assert "There is no Till server" in said
        connection.close()


def test_a_draft_follows_the_folder_and_the_folder_its_editor(draft, served, tmp_path):
    editor = Themer(served.url, served.token, tmp_path / "editor", {})
    editor.json("pull", "-t", draft.id)
    with developing(draft.folder, "--remote", "--theme-editor-sync", **draft.known) as dev:
        draft.write({"assets/base.css": "/* mine */"})
        dev.until(lambda _: any("to Small: assets/base.css" in each for each in notices(dev, "sync")))
        assert editor.json("pull")["written"] == ["assets/base.css"]
        editor.write({"templates/index.json": '{"sections": {}, "order": []}'})
        editor.json("push")
        dev.saved("templates/index.json")
        assert draft.read("templates/index.json") == b'{"sections": {}, "order": []}'
        assert "<h1>" not in dev.get("/")[2].partition("till-page")[0]
        # Both change the same: what is here stays, whoever was first there.
        editor.write({"sections/hero.liquid": "theirs"})
        editor.run("push", "--force")
        draft.write({"sections/hero.liquid": "mine"})
        dev.until(
            lambda _: any(
                "sections/hero.liquid" in each for each in notices(dev, "warning") + notices(dev, "sync")
            )
        )
        assert draft.read("sections/hero.liquid") == b"mine"
        assert dev.get("/")[0] == 200


def test_no_page_waits_for_a_server_that_is_away(draft, served):
    with developing(draft.folder, "--remote", **draft.known) as dev:
        dev.get("/")
    away = draft.known | {"TILL_URL": "http://127.0.0.1:9"}
    assert "cannot be reached" in draft.refused("dev", "--remote", "--port", "0", code=3, **away)
    with developing(draft.folder, **away) as dev:
        draft.write({"assets/base.css": "/* away */"})
        dev.saved("assets/base.css")
        assert dev.get("/")[0] == 200


def test_a_live_theme_is_not_followed(draft):
    draft.json("publish", "-f")
    assert "--theme" in draft.refused("dev", "--remote", "--port", "0", code=2)
    draft.json("rollback")


def test_what_cannot_be_served_is_said(alone, tmp_path):
    with developing(alone.folder) as dev:
        port = dev.url.rpartition(":")[2]
        assert port in alone.refused("dev", "--port", port)
    assert "--remote" in alone.refused("dev", "--theme-editor-sync", code=2)
    (tmp_path / "goods.json").write_text("{}")
    assert "goods.json" in alone.refused("dev", "--port", "0", "--catalogue", str(tmp_path / "goods.json"))
