"""Packages that are sent to the API: hostile ones are refused at once, a sound one is a theme soon after."""

import asyncio
import base64
import time

import package_zips as zips
import pytest

PATIENCE = 60


def send(till, file, name="Mine"):
    packed = base64.b64encode(file).decode()
    return till.post("/themes", {"theme": {"shopThemeName": name, "attachment": packed}})


def installed(till, reply):
    """The theme once it is installed, or cannot be."""
    at = f"/themes/{reply.json['theme']['shopThemeId']}"
    until = time.monotonic() + PATIENCE
    while (theme := till.get(at).json["theme"])["status"] == "INIT" and time.monotonic() < until:
        till.run(asyncio.sleep(0.05))
    return theme


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (zips.quoted_bomb(60), "overlaps"),
        (zips.many_entries(), "entries, and the limit is 5,000"),
        (zips.Raw().add("../../x.css").done(), "leads through"),
        (zips.Raw().add("C:\\x.css").done(), "begins with a drive"),
        (zips.Raw().add("assets/a.css", flags=1).done(), "is encrypted"),
        (b"<!DOCTYPE html>", "is no zip"),
    ],
)
def test_36_what_is_hostile_is_refused_with_a_reason_and_makes_no_theme(till, file, said):
    before = till.get("/themes").json
    reply = send(till, file)
    assert (reply.status, reply.json["code"]) == (422, "bad_package")
    assert said in reply.json["error"]
    assert list(reply.json["errors"]) == ["theme.attachment"]
    assert till.get("/themes").json == before


def test_a_sound_package_is_a_theme_soon_after(till):
    reply = send(till, zips.zipped(zips.GOOD))
    assert (reply.status, reply.json["theme"]["status"]) == (201, "INIT")
    theme = installed(till, reply)
    assert (theme["status"], theme["isCurrent"]) == ("SUCCESS", False)
    listed = till.get(f"/themes/{theme['shopThemeId']}/assets").json["assets"]
    assert {each["assetName"]: each["size"] for each in listed} == {
        name: len(content) for name, content in zips.GOOD.items()
    }
    package = till.get(f"/themes/{theme['shopThemeId']}/package").json["package"]
    again = installed(till, send(till, base64.b64decode(package["attachment"]), "Again"))
    assert again["status"] == "SUCCESS"


def test_a_package_that_lies_about_its_content_fails_with_a_reason_that_names_the_file(till):
    lying = zips.Raw().add("layout/theme.liquid", zips.LAYOUT).add("assets/a.css", b"123", crc=1).done()
    reply = send(till, lying)
    assert reply.status == 201
    theme = installed(till, reply)
    assert theme["status"] == "FAIL"
    assert '"assets/a.css", which came damaged' in theme["reason"]
    broken = installed(till, send(till, zips.zipped(zips.GOOD | {"snippets/a.liquid": b"x\n{% if %}"})))
    assert broken["status"] == "FAIL"
    assert broken["reason"].startswith("snippets/a.liquid cannot be read, line 2")
