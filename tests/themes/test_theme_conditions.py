"""What is said of a theme by `ETag`, and what `If-Match` and `If-None-Match` make of it."""

import pytest
from theme_asking import add, batch, delete, put

DEEDS = {
    "rename": lambda till, at, **more: till.put(at, {"theme": {"shopThemeName": "New"}}, **more),
    "publish": lambda till, at, **more: till.post(f"{at}/publish", {}, **more),
    "duplicate": lambda till, at, **more: till.post(f"{at}/duplicate", {}, **more),
    "rollback": lambda till, at, **more: till.post(f"{at}/rollback", {"version": 1}, **more),
    "delete": lambda till, at, **more: till.run(till.ask("DELETE", at, **more)),
}


def place(theme):
    return f"/themes/{theme['shopThemeId']}"


@pytest.mark.parametrize("deed", DEEDS)
def test_a_theme_that_changed_meanwhile_is_left_as_it_is_and_shown(till, deed):
    theme = add(till)
    at = place(theme)
    seen = till.get(at).headers["etag"]
    assert put(till, theme, "assets/a.css", "a {}").status == 200
    before = till.get("/themes").json
    refused = DEEDS[deed](till, at, if_match=seen)
    assert (refused.status, refused.json["code"]) == (412, "stale")
    assert refused.json["theme"] == till.get(at).json["theme"]
    assert till.get("/themes").json == before
    now = till.get(at).headers["etag"]
    assert now != seen
    assert DEEDS[deed](till, at, if_match=f'"r0", {now}').status in (200, 201)


def test_what_is_refused_is_shown_in_the_profile_that_is_asked_for(till):
    at = place(add(till))
    refused = till.post(f"{at}/publish", {}, if_match='"r9"', x_genstore_fidelity="documented")
    assert (refused.status, refused.json["theme"]["isCurrent"]) == (412, "false")


@pytest.mark.parametrize("deed", ["rename", "publish", "rollback"])
def test_each_change_answers_the_tag_that_the_next_one_takes(till, deed):
    theme = add(till)
    put(till, theme, "assets/a.css", "a {}")
    reply = DEEDS[deed](till, place(theme), if_match="*")
    assert reply.headers["etag"] == till.get(place(theme)).headers["etag"]


def test_the_tag_rises_with_every_change_and_is_answered_304_until_then(till):
    theme = add(till)
    at, seen = place(theme), set()
    for change in (
        lambda: put(till, theme, "assets/a.css", "a {}"),
        lambda: DEEDS["rename"](till, at),
        lambda: DEEDS["publish"](till, at),
        lambda: DEEDS["publish"](till, place(add(till, "Other"))),
    ):
        tag = till.get(at).headers["etag"]
        assert tag not in seen
        known = till.get(at, if_none_match=tag)
        assert (known.status, known.body, known.headers["etag"]) == (304, b"", tag)
        seen.add(tag)
        assert change().status in (200, 201)
        assert till.get(at, if_none_match=", ".join(seen)).status == 200


def test_a_batch_takes_the_version_of_the_files_or_the_tag_of_the_theme_and_mistakes_neither(till):
    theme = add(till)
    at = place(theme)
    version = till.get(f"{at}/assets").headers["etag"]
    sent = {"assets": [{"assetName": "assets/a.css", "context": "a {}"}]}
    first = till.post(f"{at}/assets", sent, if_match=version)
    assert (first.status, first.headers["etag"]) == (200, '"2"')
    assert till.get(f"{at}/assets", if_none_match=version).status == 200
    DEEDS["rename"](till, at)
    known = till.get(f"{at}/assets", if_none_match='"2"')
    assert (known.status, known.body, known.headers["etag"]) == (304, b"", '"2"')
    tag = till.get(at).headers["etag"]
    sent["assets"][0]["context"] = "b {}"
    assert till.post(f"{at}/assets", sent, if_match=tag).status == 200
    late = till.post(f"{at}/assets", sent, if_match=tag)
    assert (late.status, late.json["theme"]["version"]) == (412, 3)
    assert till.post(f"{at}/publish", {}, if_match='"3"').status == 412
    assert batch(till, theme, sent["assets"][0]).status == 200


def test_going_back_minds_the_theme_that_visitors_see(till):
    theme = add(till)
    DEEDS["publish"](till, place(theme))
    seen = till.get(place(theme)).headers["etag"]
    put(till, theme, "assets/a.css", "a {}")
    assert till.post("/themes/rollback", {}, if_match=seen).status == 412
    now = till.get(place(theme)).headers["etag"]
    assert till.post("/themes/rollback", {}, if_match=now).json["theme"]["version"] == 1


def test_a_theme_that_is_not_there_is_not_found_whatever_is_matched(till):
    at = place(add(till))
    assert delete(till, at).status == 200
    assert till.post(f"{at}/publish", {}, if_match="*").status == 404
