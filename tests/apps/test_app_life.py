"""Installed, granted other scopes, uninstalled: what is told, written down, and dead from then on."""

import pytest

from apps_of import ALL, acts, granted, installed, registered, told, uninstalled
from owing import HERE, owed, subscribe
from samples import sample
from till.apps.installations import AlreadyInstalled
from till.apps.life import FORGET_AFTER, NotDeclared
from till.caller import Protected
from till.db.port import Dialect


def test_the_life_of_an_app_is_told_from_beginning_to_end(till):
    app = registered(till)
    made, _ = installed(till, app, scopes=ALL - {"write_orders"})
    granted(till, app, ALL - {"read_apps"})
    uninstalled(till, app, reason="too_expensive", note="Ask again in May.")
    own = {"clientId": app.client_id, "shopId": till.shop.id, "installationId": str(made.id)}
    (first, second, third) = told(till)
    assert first == ("app/installed", {"app": own})
    assert third == ("app/uninstalled", {"uninstalled": own})
    topic, payload = second
    assert topic == "app/scopesUpdate"
    changed_at = payload["authScope"].pop("updateTime")
    assert isinstance(changed_at, int)
    assert abs(changed_at * 1_000 - till.parts.api._lent.clock()) < 60_000_000
    assert payload == {
        "authScope": own
        | {
            "previous": ["read_apps", "read_orders", "write_apps"],
            "current": ["read_orders", "write_apps", "write_orders"],
            "added": ["write_orders"],
            "removed": ["read_apps"],
        }
    }
    kinds = [(act.kind, act.by, act.reason, act.note) for act in acts(till)]
    assert kinds == [
        ("uninstalled", "test", "too_expensive", "Ask again in May."),
        ("granted", "test", None, "scopes: read_orders,write_apps,write_orders"),
        ("installed", "test", None, "scopes: read_apps,read_orders,write_apps"),
    ]


def test_a_grant_that_changes_nothing_is_not_told(till):
    app = registered(till)
    made, _ = installed(till, app)
    assert granted(till, app, app.scopes).version == made.version == 1
    assert [topic for topic, _ in told(till)] == ["app/installed"]
    assert len(acts(till)) == 1


def test_protected_data_is_granted_without_a_word_about_scopes(till):
    app = registered(till, partner=True, protected=frozenset(Protected))
    installed(till, app)
    assert granted(till, app, app.scopes, protected=[Protected.EMAIL]).version == 2
    assert [topic for topic, _ in told(till)] == ["app/installed"]
    assert [act.kind for act in acts(till)] == ["granted", "installed"]


def test_no_app_is_granted_what_it_does_not_ask_for(till):
    app = registered(till, partner=True, protected=frozenset({Protected.NAME}))
    for scopes, protected, word in (
        (["read_themes"], (), "read_themes"),
        (["read_orders", "read_all_orders"], (), "read_all_orders"),
        (["read_orders"], [Protected.EMAIL], "email"),
        ([], (), "at least one scope"),
    ):
        with pytest.raises(NotDeclared, match=word):
            installed(till, app, scopes=scopes, protected=protected)
    assert told(till) == []


def test_an_app_is_in_a_shop_but_once(till):
    app = registered(till)
    installed(till, app)
    with pytest.raises(AlreadyInstalled):
        installed(till, app)
    assert len(told(till)) == 1


def test_the_documented_profile_prints_the_published_samples(till):
    app = registered(till, client_id="58DAED6AEC7AA1C2C8DFD719E8E06E3A")
    made, token = installed(till, app, scopes=["read_orders", "read_apps"])
    granted(till, app, ALL)

    def shown(topic):
        reply = till.get(f"/events?topic={topic}", token=token, x_genstore_fidelity="documented")
        return reply.json["events"][0]["payload"]

    ours = {"shopId": str(till.shop.id), "installationId": str(made.id)}
    assert shown("app/installed") == {"app": sample("app")["app"] | ours}
    scope = shown("app/scopesUpdate")["authScope"]
    published = sample("event_app_scopesUpdate")["authScope"]
    assert published.keys() <= scope.keys()
    assert {type(each) for each in scope.values()} == {str}
    assert scope["previous"] == "[read_apps,read_orders]"
    assert scope["added"] == "[write_apps,write_orders]"
    assert scope["removed"] == "[]"


def test_the_payload_of_an_uninstall_is_the_published_one(till):
    app = registered(till, client_id="58DAED6AEC7AA1C2C8DFD719E8E06E3A")
    made, _ = installed(till, app)
    uninstalled(till, app)
    (_, payload) = told(till)[-1]
    ours = {"shopId": till.shop.id, "installationId": str(made.id)}
    assert payload == {"uninstalled": sample("event_app_uninstalled")["uninstalled"] | ours}


def test_uninstalling_ends_tokens_and_subscriptions_and_what_they_are_owed(till):
    app = registered(till)
    _, token = installed(till, app)
    other = registered(till)
    _, others = installed(till, other)
    theirs = subscribe(till, token=token)
    subscribe(till, address=f"{HERE}/others", token=others)
    till.create()
    uninstalled(till, app)
    if till.parts.db.dialect is Dialect.SQLITE:
        assert till.get(theirs, token=token).status == 401
    assert {row[3]: row[1] for row in owed(till)} == {HERE: 5, f"{HERE}/others": 0}
    till.create()
    assert [row[3] for row in owed(till)].count(HERE) == 1
    assert till.get("/app/webhooks/count", token=others).json == {"count": 1}


def test_only_the_app_itself_hears_of_its_own_life(till):
    app, other = registered(till), registered(till)
    _, token = installed(till, app)
    _, others = installed(till, other)
    subscribe(till, topic="app/scopesUpdate", token=token)
    subscribe(till, topic="app/scopesUpdate", address=f"{HERE}/others", token=others)
    granted(till, app, ALL - {"write_orders"})
    assert [row[3] for row in owed(till)] == [HERE]
    topics = [each["topic"] for each in till.get("/events", token=others).json["events"]]
    assert topics == ["app/installed"]


def test_after_an_uninstall_the_shop_is_to_be_forgotten_unless_the_app_comes_back(till):
    app = registered(till)
    made, _ = installed(till, app)
    uninstalled(till, app, at=5_000_000)
    sql = "SELECT id, redact_at FROM installations WHERE shop_id = :s AND client_id = :c ORDER BY id"
    rows = [tuple(row) for row in till.rows(sql, s=till.shop.id, c=app.client_id)]
    assert rows == [(made.id, 5_000_000 + FORGET_AFTER)]
    again, _ = installed(till, app)
    rows = [tuple(row) for row in till.rows(sql, s=till.shop.id, c=app.client_id)]
    assert rows == [(made.id, None), (again.id, None)]


def test_an_app_sees_its_scopes_and_takes_itself_out(till):
    app = registered(till)
    made, token = installed(till, app, scopes=["write_apps", "read_orders"])
    reply = till.get("/oauth2/access_scopes", token=token)
    assert reply.json == {"accessScopes": ["read_orders", "write_apps"]}
    assert reply.headers["x-till-installation"] == str(made.id)
    reply = till.get("/oauth2/access_scopes", token=token, x_genstore_fidelity="documented")
    assert reply.json == {"accessScopes": "[read_orders,write_apps]"}
    gone = till.run(till.ask("DELETE", "/oauth2/uninstall", {}, token=token))
    assert (gone.status, gone.json) == (200, {})
    assert [topic for topic, _ in told(till)] == ["app/installed", "app/uninstalled"]
    (act, _) = acts(till, app.client_id)
    assert (act.kind, act.by, act.installation_id) == ("uninstalled", "app", made.id)


def test_an_app_without_the_scope_cannot_take_itself_out(till):
    app = registered(till)
    _, token = installed(till, app, scopes=["read_apps"])
    reply = till.run(till.ask("DELETE", "/oauth2/uninstall", token=token))
    assert reply.status == 403
    assert "write_apps" in reply.json["error"]
    assert till.get("/oauth2/access_scopes", token=token).status == 200
