"""The REST endpoints of themes, over both stores."""

import base64
import json
from functools import partial

import pytest
from theme_asking import add, b64, batch, delete, put, read

from samples import sample
from till.staff.person import Person
from till.staff.store import People
from till.themes.blobs import piece_of
from till.themes.requests import LONGEST_PACKAGE
from till.themes.store import Put, Themes
from till.themes.theme import LAYOUT


@pytest.mark.parametrize("path", ["/themes", "/decoration/themes"])
def test_the_list_shows_every_documented_key_as_its_sample_does(till, path):
    (printed,) = sample("themes_list_response")["themes"]
    (documented,) = till.get(path, x_genstore_fidelity="documented").json["themes"]
    (typed,) = till.get(path).json["themes"]
    for name, value in printed.items():
        assert type(documented[name]) is type(value) is str
        assert len(documented["createTime"]) == len(printed["createTime"])
        assert documented["createTime"].endswith("Z")
    assert documented["isCurrent"] == "true"
    assert (typed["isCurrent"], typed["status"], typed["version"]) == (True, "SUCCESS", 1)
    assert isinstance(typed["shopThemeId"], str)


def test_a_file_shows_every_documented_key_as_its_sample_does(till):
    theme = add(till)
    printed = sample("theme_asset_response")["asset"]
    assert put(till, theme, "config/settings_data.json", printed["context"]).status == 200
    documented = read(till, theme, "config/settings_data.json", x_genstore_fidelity="documented").json[
        "asset"
    ]
    typed = read(till, theme, "config/settings_data.json").json["asset"]
    older = till.get(f"/decoration/assets/{theme['shopThemeId']}?asset=config/settings_data.json")
    assert older.json == {"shopAssert": typed}
    for name, value in printed.items():
        assert type(documented[name]) is str
        if name in ("context", "fileType"):
            assert documented[name] == typed[name] == value
    assert (documented["size"], typed["size"]) == (str(len(printed["context"])), len(printed["context"]))


def test_without_a_name_the_files_are_listed_but_not_in_the_documented_profile(till):
    theme = add(till)
    reply = till.get(f"/themes/{theme['shopThemeId']}/assets")
    names = [each["assetName"] for each in reply.json["assets"]]
    assert LAYOUT in names
    assert names == sorted(names)
    assert reply.json["version"] == 1
    assert "context" not in reply.json["assets"][0]
    refused = till.get(f"/themes/{theme['shopThemeId']}/assets", x_genstore_fidelity="documented")
    assert (refused.status, refused.json["errors"]) == (400, {"assetName": ["is required"]})


def test_bytes_go_in_and_come_out_in_base64(till):
    theme = add(till)
    path = f"/themes/{theme['shopThemeId']}/assets?assetName=assets/dot.png"
    sent = {"context": b64(bytes(range(256))), "encoding": "base64"}
    assert till.put(path, {"asset": sent}).json["asset"]["contentType"] == "image/png"
    shown = till.get(path).json["asset"]
    assert {name: shown[name] for name in sent} == sent
    assert till.put(path, {"asset": shown}).json["version"] == 2
    assert till.put(path, {"asset": sent | {"context": "%%%"}}).json["code"] == "not_decodable"
    assert till.put(path, {"asset": sent | {"encoding": "hex"}}).status == 422


def test_a_file_has_an_entity_tag_that_a_change_may_name(till):
    theme = add(till)
    first = put(till, theme, "snippets/a.liquid", "one")
    tag = first.headers["etag"]
    assert tag == f'"{first.json["asset"]["checksum"]}"'
    assert read(till, theme, "snippets/a.liquid").headers["etag"] == tag
    assert read(till, theme, "snippets/a.liquid", if_none_match=tag).status == 304
    assert put(till, theme, "snippets/a.liquid", "two", if_match=tag).json["version"] == 3
    late = put(till, theme, "snippets/a.liquid", "three", if_match=tag)
    assert (late.status, list(late.json["errors"])) == (412, ["snippets/a.liquid"])
    assert put(till, theme, "snippets/a.liquid", "three", if_match=f'"0", {tag}').status == 412
    assert put(till, theme, "snippets/a.liquid", "three", if_match="*").status == 200
    assert read(till, theme, "snippets/a.liquid").json["asset"]["context"] == "three"


def test_a_file_is_deleted_but_never_the_layout(till):
    theme = add(till)
    put(till, theme, "snippets/a.liquid", "one")
    path = f"/themes/{theme['shopThemeId']}/assets?assetName="
    gone = delete(till, f"{path}snippets/a.liquid")
    assert (gone.status, gone.json["asset"]["assetName"], gone.json["version"]) == (
        200,
        "snippets/a.liquid",
        3,
    )
    assert delete(till, f"{path}snippets/a.liquid").status == 404
    refused = delete(till, f"{path}{LAYOUT}")
    assert (refused.status, list(refused.json["errors"])) == (422, [LAYOUT])


def test_a_batch_is_one_version_and_names_every_bad_file(till):
    theme = add(till)
    good = {"assetName": "snippets/a.liquid", "context": "a"}
    reply = batch(till, theme, good, {"assetName": "snippets/b.liquid", "context": "b"})
    assert reply.json["theme"]["version"] == 2
    assert [each["assetName"] for each in reply.json["assets"]] == ["snippets/a.liquid", "snippets/b.liquid"]
    assert batch(till, theme, good).json["theme"]["version"] == 2
    refused = batch(
        till,
        theme,
        {"assetName": "snippets/c.liquid", "context": "c"},
        {"assetName": "snippets/d.exe", "context": ""},
        {"assetName": "templates/x.json", "context": "{"},
        {"assetName": "sections/big.liquid", "context": "x" * 300_000},
    )
    assert refused.status == 422
    assert set(refused.json["errors"]) == {"snippets/d.exe", "templates/x.json", "sections/big.liquid"}
    assert "line 1" in refused.json["errors"]["templates/x.json"][0]
    assert read(till, theme, "snippets/c.liquid").status == 404
    swap = batch(
        till, theme, {"assetName": "snippets/c.liquid", "context": "c"}, delete=["snippets/a.liquid"]
    )
    assert swap.json["deleted"] == ["snippets/a.liquid"]
    assert swap.json["theme"]["version"] == 3
    twice = batch(till, theme, good, good)
    assert (twice.status, twice.json["code"]) == (422, "named_twice")
    late = {**good, "ifMatch": "0" * 32}
    assert batch(till, theme, late).status == 412
    assert batch(till, theme, {**good, "ifMatch": ""}).status == 200


def test_a_theme_is_made_named_published_and_deleted(till):
    first = till.get("/themes").json["themes"][0]
    theme = add(till, "  Harbour ")
    assert (theme["shopThemeName"], theme["isCurrent"], theme["status"]) == ("Harbour", False, "SUCCESS")
    at = f"/themes/{theme['shopThemeId']}"
    assert till.put(at, {"theme": {"shopThemeName": "Quay"}}).json["theme"]["shopThemeName"] == "Quay"
    assert till.post(f"{at}/publish").json["theme"]["isCurrent"] is True
    assert [each["isCurrent"] for each in till.get("/themes").json["themes"]] == [False, True]
    refused = delete(till, at)
    assert (refused.status, refused.json["code"]) == (422, "current_theme_stays")
    assert till.post("/themes/rollback").json["theme"]["shopThemeId"] == first["shopThemeId"]
    assert delete(till, at).status == 200
    assert till.get(at).status == 404
    assert till.post("/themes/rollback").json["code"] == "nothing_to_roll_back"
    assert till.topics() == [
        "themes/create",
        "themes/update",
        "themes/update",
        "themes/update",
        "themes/publish",
        "themes/update",
        "themes/update",
        "themes/publish",
        "themes/update",
        "themes/delete",
    ]


def test_a_package_waits_to_be_installed(till):
    fetched = {"shopThemeName": "Url", "src": "https://themes.example.com/a.zip"}
    waiting = till.post("/themes", {"theme": fetched})
    assert (waiting.status, waiting.json["theme"]["status"]) == (201, "INIT")
    at = f"/themes/{waiting.json['theme']['shopThemeId']}"
    assert till.post(f"{at}/publish").json["code"] == "theme_not_ready"
    assert till.get(f"{at}/assets").status == 422
    (row,) = till.rows("SELECT src, file, by FROM theme_uploads WHERE shop_id = :s", s=till.shop.id)
    assert (row[0], row[1], row[2]) == (fetched["src"], None, till.client_id)
    both = till.post("/themes", {"theme": fetched | {"attachment": b64(b"PK")}})
    assert set(both.json["errors"]) == {"theme.src", "theme.attachment"}
    for src in ("http://10.0.0.1/a.zip", "ftp://example.com/a.zip", "https://user@example.com/"):
        refused = till.post("/themes", {"theme": {"shopThemeName": "Url", "src": src}})
        assert (refused.status, list(refused.json["errors"])) == (422, ["theme.src"])
        assert "theme.src" in refused.json["error"]
    large = till.post(
        "/themes", {"theme": {"shopThemeName": "L", "attachment": b64(bytes(LONGEST_PACKAGE + 1))}}
    )
    assert (large.status, large.json["code"]) == (422, "package_too_large")
    assert delete(till, at).status == 200
    assert till.rows("SELECT theme_id FROM theme_uploads WHERE shop_id = :s", s=till.shop.id) == []


def test_versions_name_the_people_who_made_them(till):
    theme_id = int(add(till)["shopThemeId"])
    person = Person(id=till.parts.lease.minter(), email="ada@example.com", name="Ada", created_at=0)
    till.write(lambda tx: People(tx).add(person, password=None))
    for by in (f"person:{person.id}", "person:1", "person:x", "till", "cli", "gone"):
        piece = piece_of("snippets/by.liquid", by.encode(), at=1)
        change = partial(Themes.change, at=1, by=by)
        till.write(lambda tx, p=piece, c=change: c(Themes(tx, till.shop), theme_id, [Put(p)]))
    page = till.get(f"/themes/{theme_id}/versions")
    assert [each["byName"] for each in page.json["versions"]] == [
        *("gone", "the command line", "Till", "person:x", "somebody who has left", "Ada", "Test")
    ]
    assert b"ada@example.com" not in page.body


def test_versions_are_walked_and_compared(till):
    theme = add(till)
    at = f"/themes/{theme['shopThemeId']}"
    for number in range(5):
        put(till, theme, "snippets/a.liquid", f"top\n{number}\nend\n")
    page = till.get(f"{at}/versions?limit=4")
    assert [each["version"] for each in page.json["versions"]] == [6, 5, 4, 3]
    assert [each["isShown"] for each in page.json["versions"]] == [True, False, False, False]
    assert page.json["versions"][0]["by"] == till.client_id
    assert page.json["versions"][0]["byName"] == "Test"
    rest = till.get(page.headers["link"].partition("8080")[2].partition(">")[0])
    assert [each["version"] for each in rest.json["versions"]] == [2, 1]
    back = till.get(rest.headers["link"].partition("8080")[2].partition(">")[0])
    assert [each["version"] for each in back.json["versions"]] == [6, 5, 4, 3]
    diff = till.get(f"{at}/diff?assetName=snippets/a.liquid").json["diff"]
    assert (diff["old"]["version"], diff["new"]["version"]) == (5, 6)
    assert diff["text"].splitlines()[2:] == ["@@ -1,3 +1,3 @@", " top", "-3", "+4", " end"]
    assert [each["change"] for each in till.get(f"{at}/diff?from=1&to=6").json["diff"]["files"]] == ["added"]
    assert [each["change"] for each in till.get(f"{at}/diff?from=6&to=1").json["diff"]["files"]] == [
        "removed"
    ]
    first = till.get("/themes").json["themes"][0]["shopThemeId"]
    other = till.get(f"{at}/diff?with={first}").json["diff"]
    assert [(each["assetName"], each["change"]) for each in other["files"]] == [
        ("snippets/a.liquid", "removed")
    ]
    assert till.get(f"{at}/diff?with=1").status == till.get(f"{at}/diff?to=9").status == 404
    assert till.get(f"{at}/diff?assetName=assets/none.css").status == 404
    assert till.post(f"{at}/rollback", {"version": 2}).json["theme"]["version"] == 2
    assert read(till, theme, "snippets/a.liquid").json["asset"]["context"] == "top\n0\nend\n"


def test_a_copy_is_made_under_its_own_name(till):
    theme = add(till)
    at = f"/themes/{theme['shopThemeId']}/duplicate"
    assert till.post(at).json["theme"]["shopThemeName"] == "Small (copy)"
    named = till.post(at, {"theme": {"shopThemeName": "Sale"}})
    assert (named.status, named.json["theme"]["shopThemeName"]) == (201, "Sale")


def test_a_theme_is_packed_the_same_each_time_and_installs_again(till):
    theme = add(till, "Kiosk & Co")
    at = f"/themes/{theme['shopThemeId']}/package"
    package = till.get(at).json["package"]
    assert package["fileName"] == "kiosk-co-1.zip"
    assert till.get(at).json["package"] == package
    assert base64.b64decode(package["attachment"]).startswith(b"PK")
    assert len(base64.b64decode(package["attachment"])) == package["size"]


def test_events_tell_the_theme_and_what_became_of_its_files(till):
    theme = add(till)
    put(till, theme, "snippets/a.liquid", "a")
    sql = "SELECT payload FROM changes WHERE shop_id = :s ORDER BY number DESC LIMIT 1"
    told = json.loads(till.rows(sql, s=till.shop.id)[0][0])["theme"]
    assert told["shopThemeId"] == theme["shopThemeId"]
    assert told["version"] == 2
    assert told["files"] == [{"assetName": "snippets/a.liquid", "change": "added"}]


def test_events_of_themes_are_listed_and_subscribed_to(till):
    theme = add(till)
    put(till, theme, "snippets/a.liquid", "a")
    (last, *_) = till.get("/events?topic=themes/update").json["events"][::-1]
    assert last["payload"]["theme"]["files"][0]["assetName"] == "snippets/a.liquid"
    hook = {"address": "https://app.example.com/hooks", "topic": "themes/update"}
    hook |= {"fields": ["shopThemeName", "files.assetName"], "filter": "isCurrent:true"}
    made = till.post("/app/webhooks", {"webhook": hook}, x_genstore_fidelity="documented")
    assert made.status == 201, made.body
    wrong = till.post("/app/webhooks", {"webhook": hook | {"fields": ["totalPrice"]}})
    assert wrong.json["code"] == "unknown_payload_path"


def test_a_key_makes_a_repetition_safe(till):
    body = {"theme": {"shopThemeName": "Once"}}
    first = till.post("/themes", body, idempotency_key="k1")
    again = till.post("/themes", body, idempotency_key="k1")
    assert first.json == again.json
    assert again.headers["idempotency-replayed"] == "true"
    assert len(till.get("/themes").json["themes"]) == 2
