"""The health of an app as its rows have it, and what the commands show of it."""

import json
import urllib.request
from datetime import datetime

import pytest
from monitored import basic, come
from msgspec import structs

from owing import end, subscribe
from running import answer as one_line
from running import seed, serve, till, where
from till.apps.store import Apps
from till.clock import DAY, SECOND
from till.deliveries.breaker import of_way
from till.deliveries.schedule import MANDATORY
from till.monitor.rules import RULES
from till.tallies import HOUR

MINUTE = 60 * SECOND


def health(server, **more):
    reply = server.get("/app/health", **more)
    assert reply.status == 200, reply.body
    return reply.json["health"]


def wrong(server):
    found = {each["check"]: each for each in health(server)["checks"] if each["state"] != "ok"}
    assert all(each["since"] and each["message"] and each["action"] for each in found.values()), found
    return found


def configure(server, **more):
    async def work(tx):
        app = await Apps(tx).find(server.client_id)
        await Apps(tx).put(structs.replace(app, **more))

    server.write(work)


def instant(spelled):
    return int(datetime.fromisoformat(spelled).timestamp())


def rewrite(server, sql, **params):
    server.write(lambda tx: tx.execute(sql, s=server.shop.id, **params))


def test_all_is_well_and_every_check_is_shown(till):
    told = health(till)
    assert told["state"] == "ok"
    assert {each["check"] for each in told["checks"]} == set(RULES)
    assert {each["message"] for each in told["checks"]} == {None}


def test_subscriptions_that_are_paused_disabled_failing_or_left_alone(till):
    paths = [subscribe(till, address=f"http://127.0.0.1:9999/{n}?key=hidden") for n in range(4)]
    paused, disabled, failing, alone = (int(path.rpartition("/")[2]) for path in paths)
    till.post(f"{paths[0]}/disable")
    rewrite(
        till,
        "UPDATE subscriptions SET state = 'disabled', reason = 'gone' WHERE shop_id = :s AND id = :id",
        id=disabled,
    )
    rewrite(
        till,
        "UPDATE subscriptions SET failures = 12, failing_since = 5 WHERE shop_id = :s AND id = :id",
        id=failing,
    )
    rewrite(
        till,
        "INSERT INTO breakers (name, level, until, probe_until, successes, reason)"
        " SELECT :name, 0, :until, 0, 0, '7 of the last 10 attempts failed.' WHERE CAST(:s AS BIGINT) > 0",
        name=of_way(till.shop.id, alone, "http://127.0.0.1:9999/3?key=hidden"),
        until=till.parts.api._lent.clock() + MINUTE,
    )
    found = wrong(till)
    assert set(found) == {
        "subscriptionsPaused",
        "subscriptionsDisabled",
        "subscriptionsFailing",
        "breakersOpen",
    }
    assert str(paused) in found["subscriptionsPaused"]["message"]
    assert f"/app/webhooks/{disabled}/enable" in found["subscriptionsDisabled"]["action"]
    assert (found["subscriptionsFailing"]["state"], found["subscriptionsFailing"]["shop"]) == (
        "failing",
        "demo",
    )
    assert "7 of the last 10" in found["breakersOpen"]["message"]
    assert "hidden" not in json.dumps(health(till))
    assert health(till)["state"] == "failing"
    assert health(till)["checks"][0]["state"] == "failing", "the worst first"


def test_what_waits_too_long_and_what_was_given_up(till, ticking):
    path = subscribe(till)
    till.create()
    till.create()
    assert wrong(till) == {}
    ticking.ahead = 6 * MINUTE
    assert wrong(till)["deliveriesWaiting"]["state"] == "warning"
    ticking.ahead = 61 * MINUTE
    assert wrong(till)["deliveriesWaiting"]["state"] == "failing"
    end(till, 3, till.get(f"{path}/deliveries").json["deliveries"][0]["id"])
    found = wrong(till)
    assert "1 deliveries were given up" in found["deliveriesExhausted"]["message"]
    end(till, 4, till.get(f"{path}/deliveries").json["deliveries"][1]["id"])
    assert "1 deliveries of the last day were not sent" in wrong(till)["deliveriesBlocked"]["message"]
    ticking.ahead = 2 * DAY
    assert not {"deliveriesExhausted", "deliveriesBlocked"} & set(wrong(till))


def test_calls_that_are_refused_or_deprecated(till, ticking):
    for _ in range(30):
        till.get("/orders/999")
    till.get("/api/202410/orders")
    till.get("/api/202410/nothing")
    found = wrong(till)
    assert set(found) == {"clientErrors", "deprecatedCalls"}
    assert "was called 1 times" in found["deprecatedCalls"]["message"]
    assert found["deprecatedCalls"]["action"] == "Call GET /api/202412/orders instead."
    ticking.ahead = 2 * DAY
    assert set(wrong(till)) == {"deprecatedCalls"}
    ticking.ahead = 16 * DAY
    assert "deprecatedCalls" not in wrong(till)


def test_the_configuration_of_the_app(till):
    configure(till, partner=True)
    found = wrong(till)
    assert set(found) == {"complianceAddresses", "redirectUrls"}
    assert health(till)["state"] == "failing"
    configure(
        till,
        partner=True,
        webhooks=dict.fromkeys(MANDATORY, "https://a.example/privacy"),
        redirect_urls=("https://a.example/back",),
    )
    assert wrong(till) == {}
    app = till.run(till.parts.db.read(lambda tx: Apps(tx).find(till.client_id)))
    configure(till, scopes=app.scopes | {"read_products"})
    missing = wrong(till)["scopesMissing"]
    assert "read_products" in missing["message"]
    (row,) = till.rows(
        "SELECT id, created_at FROM installations WHERE shop_id = :s AND client_id = :c",
        s=till.shop.id,
        c=till.client_id,
    )
    assert instant(missing["since"]) == row[1] // SECOND
    rewrite(
        till,
        "INSERT INTO app_history (shop_id, id, client_id, installation_id, kind, at, by)"
        " SELECT shop_id, :id, client_id, id, 'granted', created_at + :later, 'cli' FROM installations"
        " WHERE shop_id = :s AND id = :of",
        id=bytes(16),
        later=MINUTE,
        of=row[0],
    )
    assert instant(wrong(till)["scopesMissing"]["since"]) == (row[1] + MINUTE) // SECOND


def test_a_secret_that_is_being_changed(till):
    at = till.parts.api._lent.clock()
    till.write(lambda tx: Apps(tx).rotate_secret(till.client_id, b"sealed", grace=DAY, at=at))
    assert "still signs" in wrong(till)["secretRotation"]["message"]
    assert instant(wrong(till)["secretRotation"]["since"]) == at // SECOND
    till.write(lambda tx: Apps(tx).switch_secret(till.client_id, at=at))
    assert "still accepted" in wrong(till)["secretRotation"]["message"]


def test_an_app_that_says_nothing_for_a_week(till, ticking):
    till.get("/orders")
    ticking.ahead = 9 * DAY
    # To ask is a call, too, but the figures are those before it.
    assert set(wrong(till)) == {"noTraffic"}
    assert wrong(till) == {}


def test_each_shop_is_looked_at_for_itself_and_to_take_a_webhook_is_traffic(till, ticking):
    other = till.found("other")
    come(till, other, at=ticking())
    path = subscribe(till)
    ticking.ahead = 9 * DAY
    till.get("/orders")
    silent = [each for each in health(till, **basic(till))["checks"] if each["check"] == "noTraffic"]
    assert [(each["state"], each["shop"]) for each in silent] == [("warning", "other")]
    ticking.ahead = 18 * DAY
    taken = (
        "INSERT INTO delivery_counts (shop_id, subscription_id, hour, outcome, bucket, n, micros)"
        " VALUES (:s, :id, :hour, :outcome, 3, 1, 1)"
    )
    told = {"id": int(path.rpartition("/")[2]), "hour": ticking() // HOUR}
    rewrite(till, taken, outcome="failed", **told)
    silent = health(till, **basic(till))["checks"]
    assert {each["shop"] for each in silent if each["check"] == "noTraffic"} == {"demo", "other"}
    rewrite(till, taken, outcome="delivered", **told)
    silent = health(till, **basic(till))["checks"]
    assert {each["shop"] for each in silent if each["check"] == "noTraffic"} == {"other"}


def test_a_version_that_is_not_there_is_told(till):
    till.get("/api/209912/orders")
    found = wrong(till)
    assert set(found) == {"unknownVersion"}
    assert "1 calls of the last day named an API version" in found["unknownVersion"]["message"]


def test_an_apps_health_is_not_anothers(till):
    subscribe(till)
    till.post(subscribe(till, topic="orders/paid") + "/disable")
    other = till.install(till.shop, scopes=frozenset({"read_apps"}))
    assert health(till, token=other)["state"] == "ok"


def test_both_profiles_show_it(till):
    told = health(till, x_genstore_fidelity="documented")
    assert {each["message"] for each in told["checks"]} == {"null"}


@pytest.fixture
def served(tmp_path):
    app = seed(tmp_path, scopes="read_orders,write_orders,read_apps,write_apps")
    with serve(tmp_path, "--no-work") as server:
        yield app, server, tmp_path


def test_the_commands_show_what_the_api_shows(served):
    app, server, folder = served
    near = {"TILL_URL": server.url, "TILL_TOKEN": app.accessToken}
    for _ in range(3):
        till("orders", "list", **near)
    lines = [json.loads(line) for line in till("logs", "search", "--json", **near).stdout.splitlines()]
    assert {each["status"] for each in lines} == {200}
    assert all(each["scope"] for each in lines)
    asked = till("logs", "search", "--status", "4xx,5xx", "--json", **near)
    assert asked.stdout == ""
    (one,) = till("logs", "search", "--id", lines[0]["id"], **near).stdout.splitlines()
    assert lines[0]["id"] in one
    assert lines[0]["scope"] in one
    assert len(till("logs", "search", "--limit", "2", "--json", **near).stdout.splitlines()) == 2
    server.stop()  # so that all that was counted stands there
    told = one_line("app", "stats", app.clientId, *where(folder))["statistics"]
    assert told["calls"]["total"] >= len(lines)
    shown = till("app", "stats", app.clientId, "--shop", "demo", "--from", "2d", *where(folder)).stdout
    assert f"calls               {told['calls']['total']}" in shown
    assert one_line("app", "health", app.clientId, *where(folder))["health"]["state"] == "ok"
    assert till("app", "health", app.clientId, *where(folder)).stdout.startswith("ok")
    assert till("app", "health", "nobody", *where(folder), check=False).returncode == 1
    assert till("app", "stats", app.clientId, "--shop", "no", *where(folder), check=False).returncode == 1
    assert till("logs", "search", "--from", "soon", check=False, **near).returncode == 2


@pytest.mark.parametrize(
    ("named", "rate", "plan"),
    [
        ("basic", "40@4", "basic"),
        ("200@20", "200@20", "standard"),
        ("Advanced", "400@40", "advanced"),
        ("off", "off", "off"),
        ("default", "40@2", "default"),
    ],
)
def test_a_rate_plan_is_chosen_by_name_or_by_size(served, named, rate, plan):
    _, _, folder = served
    told = one_line("shop", "set", "demo", "--rate", named, *where(folder))
    assert (told["rate"], told["plan"]) == (rate, plan)
    assert one_line("shop", "show", "demo", *where(folder))["plan"] == plan


def test_a_plan_takes_effect_at_once_and_another_is_refused(served):
    app, server, folder = served
    till("shop", "set", "demo", "--rate", "advanced", *where(folder))
    assert shown(server, app) == "1/400"
    till("shop", "set", "demo", "--rate", "basic", *where(folder))
    assert shown(server, app).endswith("/40")
    refused = till("shop", "set", "demo", "--rate", "silver", *where(folder), check=False)
    assert refused.returncode == 2
    assert "silver" in refused.stderr


def shown(server, app):
    """How full the bucket is, as an answer says."""
    request = urllib.request.Request(
        f"{server.url}/api/202412/orders", headers={"X-Genstore-Access-Token": app.accessToken}
    )
    with urllib.request.urlopen(request) as reply:
        return reply.headers["X-Genstore-Shop-Api-Rate-Limit"]
