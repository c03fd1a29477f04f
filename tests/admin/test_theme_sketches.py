"""What the editor hands in to be looked at without being saved: by whom, and what is refused."""

import json
import re

import pytest

from admin_hall import Plain
from theme_pages import HOME, add, cards, send

INDEX = "templates/index.json"

pytestmark = pytest.mark.usefixtures("room")


@pytest.fixture
def bob(served):
    return served.bob


@pytest.fixture
def live(bob):
    return next(number for number, (_, stands) in cards(bob).items() if stands == "Live")


def test_a_sketch_changes_nothing_and_is_known_by_what_is_in_it(bob):
    made = add(bob, "Sketched")
    base, csrf = f"{HOME}/{made}", bob.form(HOME)
    before = json.loads(bob.get(f"{base}/file?name={INDEX}").text)
    first, again, other = (
        send(bob, f"{base}/sketch", {"csrf": csrf, "files": {INDEX: before["text"] + end}}).said
        for end in ("\n", "\n", "\n\n")
    )
    assert first["sketch"] == again["sketch"] != other["sketch"]
    assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+", first["token"])
    assert json.loads(bob.get(f"{base}/file?name={INDEX}").text) == before
    assert '<span id="version">1</span>' in bob.get(f"{base}/editor").text
    # Who would save on what is not there any more is refused; who looks is not.
    moved = {"files": [{"name": INDEX, "text": before["text"] + "\n", "ifMatch": before["checksum"]}]}
    assert send(bob, f"{base}/files", {"csrf": csrf, **moved}).status == 200
    assert send(bob, f"{base}/sketch", {"csrf": csrf, "files": {INDEX: before["text"]}}).status == 200


@pytest.mark.parametrize(
    ("changed", "headers", "status", "said"),
    [
        ({"csrf": "wrong"}, {}, 403, ""),
        ({}, {"Origin": "http://elsewhere.example", "Sec_Fetch_Site": "cross-site"}, 403, ""),
        ({}, {"Content_Type": "text/plain"}, 415, ""),
        ({"more": 1}, {}, 400, ""),
        ({"files": {INDEX: "{"}}, {}, 422, INDEX),
        ({"files": {"templates/../x.json": "{}"}}, {}, 422, "x.json"),
        ({"files": {"layout/theme.liquid": ""}}, {}, 422, "only templates, groups and settings are"),
        ({"files": {INDEX: json.dumps({"sections": {}, "order": [], "x": "x" * 1_100_000})}}, {}, None, ""),
    ],
)
def test_a_sketch_is_refused_as_json(bob, live, changed, headers, status, said):
    reply = send(bob, f"{HOME}/{live}/sketch", {"csrf": bob.form(HOME), "files": {}} | changed, **headers)
    assert reply.status == status if status else reply.status in (413, 422)
    assert reply.said["message"]
    assert said in json.dumps(reply.said)


def test_what_save_refuses_is_refused_in_the_same_words(bob, live):
    csrf, wrong = bob.form(HOME), '{"sections": [], "order": "x"'
    looked = send(bob, f"{HOME}/{live}/sketch", {"csrf": csrf, "files": {INDEX: wrong}})
    checksum = json.loads(bob.get(f"{HOME}/{live}/file?name={INDEX}").text)["checksum"]
    file = {"name": INDEX, "text": wrong, "ifMatch": checksum}
    saved = send(bob, f"{HOME}/{live}/files", {"csrf": csrf, "files": [file]})
    assert (looked.status, looked.said) == (saved.status, saved.said)


def test_sketches_are_for_members_who_signed_in(served, bob, live):
    body = {"csrf": bob.form(HOME), "files": {}}
    raw, own = json.dumps(body).encode(), {"Origin": bob.url, "Content_Type": "application/json"}
    stranger = Plain(served.url)
    assert stranger.ask("POST", f"{HOME}/{live}/sketch", raw=raw, **own).status == 303
    path = f"/admin/market/themes/{live}/sketch"
    assert bob.ask("POST", path, raw=raw, **own | {"Sec_Fetch_Site": "same-origin"}).status == 404
    assert send(bob, f"{HOME}/123/sketch", body).status == 404


def test_a_stale_save_says_who_changed_what(bob):
    made = add(bob, "Stale")
    base, csrf = f"{HOME}/{made}", bob.form(HOME)
    read = json.loads(bob.get(f"{base}/file?name={INDEX}").text)
    file = {"name": INDEX, "ifMatch": read["checksum"]}
    theirs = send(bob, f"{base}/files", {"csrf": csrf, "files": [file | {"text": read["text"] + "\n"}]})
    reply = send(bob, f"{base}/files", {"csrf": csrf, "files": [file | {"text": read["text"] + " \n"}]})
    assert reply.status == 412
    (stale,) = reply.said["stale"]
    assert (stale["name"], stale["by"], stale["version"]) == (INDEX, "bob@example.com", 2)
    assert stale["checksum"] == theirs.said["checksums"][INDEX]
    assert "@@" in stale["diff"]
    gone = send(bob, f"{base}/files", {"csrf": csrf, "gone": [file]})
    assert [each["diff"] for each in gone.said["stale"]] == [None]


def test_a_file_is_renamed_in_one_version_or_not_at_all(bob):
    made = add(bob, "Renamed")
    base, csrf = f"{HOME}/{made}", bob.form(HOME)

    def checksum(name):
        return json.loads(bob.get(f"{base}/file?name={name}").text).get("checksum")

    def rename(name, to, if_match=None):
        moved = {"name": name, "to": to, "ifMatch": if_match or checksum(name)}
        return send(bob, f"{base}/files", {"csrf": csrf, "moved": [moved]})

    was = checksum("assets/hills.svg")
    assert rename("assets/hills.svg", "assets/mounds.svg").said["version"] == 2
    assert (checksum("assets/mounds.svg"), checksum("assets/hills.svg")) == (was, None)
    assert rename("assets/mounds.svg", "assets/icon.svg").status == 412
    assert rename("assets/mounds.svg", "assets/other.svg", "00").status == 412
    assert rename("assets/mounds.svg", "assets/mounds.exe").status == 422
    assert rename("layout/theme.liquid", "layout/other.liquid").status == 422
    twice = [
        {"name": f"assets/{name}.svg", "to": "assets/x.svg", "ifMatch": "0"} for name in ("icon", "mounds")
    ]
    assert send(bob, f"{base}/files", {"csrf": csrf, "moved": twice}).status == 400
    assert checksum("assets/mounds.svg") == was
