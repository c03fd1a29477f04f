"""What the endpoints of themes refuse, and to whom."""

import pytest
from theme_asking import add, batch, put, read


@pytest.mark.parametrize("scopes", [{"read_themes"}, {"read_orders", "write_orders"}])
def test_changing_needs_write_themes(till, scopes):
    token = till.install(till.shop, scopes=frozenset(scopes))
    reply = till.post("/themes", {"theme": {"shopThemeName": "No"}}, token=token)
    assert (reply.status, reply.json["code"]) == (403, "missing_scope")
    assert till.get("/themes", token=token).status == (200 if "read_themes" in scopes else 403)


def test_a_theme_of_another_shop_is_not_there(till):
    theme = add(till)
    stranger = till.install(till.found("other"), scopes=frozenset({"write_themes"}))
    for path in ("", "/assets", "/versions", "/diff", "/package"):
        assert till.get(f"/themes/{theme['shopThemeId']}{path}", token=stranger).status == 404
    assert till.get("/themes", token=stranger).json["themes"] == []


def test_liquid_that_cannot_be_read_is_refused_with_its_line(till):
    theme = add(till)
    refused = batch(
        till,
        theme,
        {"assetName": "snippets/good.liquid", "context": "{{ product.title }}"},
        {"assetName": "snippets/bad.liquid", "context": "one\n{% if %}{% endif %}\nthree"},
        {"assetName": "sections/worse.liquid", "context": "{% nosuchtag %}"},
    )
    assert refused.status == 422, refused.body
    assert set(refused.json["errors"]) == {"snippets/bad.liquid", "sections/worse.liquid"}
    assert "line 2" in refused.json["errors"]["snippets/bad.liquid"][0]
    assert "nosuchtag" in refused.json["errors"]["sections/worse.liquid"][0]
    assert read(till, theme, "snippets/good.liquid").status == 404
    key = {"idempotency_key": "once"}
    assert put(till, theme, "snippets/a.liquid", "{% if %}", **key).status == 422
    assert put(till, theme, "snippets/a.liquid", "{{ 1 }}", **key).status == 200
    assert put(till, theme, "snippets/a.liquid", "{{ 1 }}", **key).headers["idempotency-replayed"] == "true"


def test_a_file_that_takes_too_long_to_read_is_named(till):
    theme = add(till)
    deep = "{% if a %}" * 10_000
    refused = batch(
        till,
        theme,
        {"assetName": "snippets/good.liquid", "context": "{{ product.title }}"},
        {"assetName": "snippets/deep.liquid", "context": deep},
    )
    assert (refused.status, list(refused.json["errors"])) == (422, ["snippets/deep.liquid"])


def test_a_file_that_is_to_be_new_overwrites_none(till):
    theme = add(till)
    assert put(till, theme, "assets/new.css", "one", if_none_match="*").status == 200
    assert put(till, theme, "assets/new.css", "two", if_none_match="*").status == 412
    assert read(till, theme, "assets/new.css").json["asset"]["context"] == "one"


def test_no_two_names_differ_by_their_case_alone_so_that_a_package_can_come_back(till):
    theme = add(till)
    assert put(till, theme, "assets/new.css", "one").status == 200
    reply = put(till, theme, "assets/New.css", "two")
    assert (reply.status, list(reply.json["errors"])) == (422, ["assets/New.css"])
    moved = batch(till, theme, {"assetName": "assets/New.css", "context": "two"}, delete=["assets/new.css"])
    assert moved.status == 200


def test_a_condition_names_several_checksums(till):
    theme = add(till)
    found = put(till, theme, "assets/new.css", "one").json["asset"]["checksum"]
    change = {"assetName": "assets/new.css", "context": "two", "ifMatch": f"{'0' * 32},{found}"}
    assert batch(till, theme, change).status == 200
