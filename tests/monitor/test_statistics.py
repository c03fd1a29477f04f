"""The statistics of an app, against an independent count of what the test did."""

import base64
from collections import Counter
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from monitored import SCOPES, basic, come, go, statistics

from till.clock import DAY, SECOND, iso, moment
from till.deliveries.envelope import spell_moment
from till.monitor.deprecated import instead_of
from till.monitor.spans import Granularity, Span, SpanTooLong
from till.shop import Rate
from till.slices import ENDPOINTS
from till.tallies import HOUR


def test_calls_are_summed_by_endpoint_status_and_version(till):
    sent = Counter()
    for path, template, version in (
        *[("/orders", "/orders", "202412")] * 6,
        *[("/api/202410/orders", "/orders", "202410")] * 4,
        *[("/webhooks", "/webhooks", "202412")] * 2,
        ("/orders/999", "/orders/{orderId}", "202412"),
        ("/customers", "/customers", "202412"),
    ):
        sent[template, version, till.get(path).status] += 1
    calls = statistics(till)["calls"]
    told = {(each["path"], each["version"]): each["total"] for each in calls["byEndpoint"]}
    by_endpoint = Counter()
    for (path, version, _), n in sent.items():
        by_endpoint[path, version] += n
    assert told == by_endpoint
    assert calls["total"] == sum(sent.values()) == 14
    assert {each["status"]: each["total"] for each in calls["byStatus"]} == {200: 12, 403: 1, 404: 1}
    assert {each["version"]: each["total"] for each in calls["byVersion"]} == {"202410": 4, "202412": 10}
    assert (calls["refused"], calls["clientErrors"], calls["serverErrors"]) == (1, 2, 0)
    assert calls["deprecated"] == 6
    assert {(each["path"], each["instead"]) for each in calls["deprecations"]} == {
        ("/orders", "GET /api/202412/orders"),
        ("/webhooks", "GET /api/202412/app/webhooks"),
    }
    assert calls["p50Ms"] <= calls["p95Ms"] <= calls["p99Ms"]
    assert calls["averageMs"] > 0


def test_every_older_path_has_a_newer_one_to_call():
    paths = {(each.method, each.path) for each in ENDPOINTS}
    older = [each for each in ENDPOINTS if "older path" in each.summary]
    assert older
    for each in older:
        method, _, path = (instead_of(each.method, each.path, "202412") or "").partition(" ")
        assert (method, path.removeprefix("/api/202412")) in paths, each.path
    found = {each.path for each in ENDPOINTS if instead_of(each.method, each.path, "202412")}
    assert found == {each.path for each in older}


def test_throttled_calls_are_counted(till, ticking):
    ticking.stand()
    slow = till.found("slow", rate=Rate.DEFAULT)
    token = till.install(slow, scopes=SCOPES)
    statuses = [till.get("/orders", token=token).status for _ in range(45)]
    till.run(till.parts.api._lent.tally.settle())
    # Its bucket is empty, so the figures are read by the app's own credentials.
    calls = statistics(till, **basic(till))["calls"]
    assert calls["throttled"] == statuses.count(429) > 0


def test_the_series_has_the_days_of_the_shop(till, ticking):
    zone = ZoneInfo(till.shop.timezone)
    sent = Counter()
    for _ in range(3):
        till.get("/orders")
        sent[moment(ticking() // HOUR * HOUR, zone).date().isoformat()] += 1
        ticking.ahead += DAY
    told = statistics(till)
    assert {
        each["at"][:10]: each["calls"]["total"] for each in told["series"] if each["calls"]["total"]
    } == sent
    assert told["timezone"] == "America/New_York"
    days = [datetime.fromisoformat(each["at"]) for each in told["series"]]
    assert len(days) == 8
    assert all((day.hour, day.minute) == (0, 0) for day in days)
    by_hour = statistics(till, f"?granularity=hour&from={spell_moment(ticking() - 4 * DAY)}")
    assert sum(each["calls"]["total"] for each in by_hour["series"]) == 4  # with the question before
    assert len(by_hour["series"]) in (97, 98)


def test_a_span_is_cut_out_of_what_was_counted(till, ticking):
    till.get("/orders")
    ticking.ahead += 2 * DAY
    till.get("/orders")
    until = spell_moment(ticking() - DAY)
    assert statistics(till, f"?to={until}")["calls"]["total"] == 1
    assert statistics(till, f"?from={until}")["calls"]["total"] == 2


def test_too_many_steps_are_refused(till):
    reply = till.get("/app/statistics?granularity=hour&from=2025-01-01T00:00:00Z")
    assert (reply.status, reply.json["code"]) == (400, "span_too_long")
    with pytest.raises(SpanTooLong):
        Span(since=0, until=401 * DAY).checked()


def test_days_of_a_change_of_the_clock_are_one_step_each():
    def at(text):
        return int(datetime.fromisoformat(text).timestamp()) * SECOND

    span = Span(since=at("2026-03-07T12:00:00-05:00"), until=at("2026-03-09T12:00:00-04:00"))
    span = Span(since=span.since, until=span.until, timezone="America/New_York")
    assert [iso(start, span.timezone)[:10] for start in span.steps()] == [
        "2026-03-07",
        "2026-03-08",
        "2026-03-09",
    ]
    lengths = [span.end_of(start) - start for start in span.steps()]
    assert lengths == [24 * HOUR, 23 * HOUR, 24 * HOUR]
    hours = Span(since=span.since, until=span.until, by=Granularity.HOUR)
    assert len(hours.steps()) == 48
    assert {span.step_of(start // HOUR) for start in hours.steps()} == set(span.steps())


def test_installations_come_and_go_with_their_reasons(till, ticking):
    shops = [till.found(f"shop-{number}") for number in range(4)]
    ticking.ahead = 10 * DAY
    for number, shop in enumerate(shops):
        come(till, shop, at=ticking() + number * DAY)
    ticking.ahead += 5 * DAY
    go(till, shops[0], at=ticking(), reason="too_expensive")
    go(till, shops[1], at=ticking(), reason="too_expensive")
    go(till, shops[2], at=ticking())
    ticking.ahead += DAY
    come(till, shops[2], at=ticking())
    told = statistics(till, f"?from={spell_moment(ticking() - 8 * DAY)}", **basic(till))
    life_ = told["installations"]
    assert (life_["active"], life_["installs"], life_["uninstalls"]) == (3, 5, 3)
    assert life_["uninstallReasons"] == [
        {"reason": "too_expensive", "count": 2},
        {"reason": None, "count": 1},
    ]
    active = [each["installations"]["active"] for each in told["series"]]
    # The one of the fixture was there before; four came, three went at once, one came back.
    assert active[0] == 1
    assert active[-2:] == [2, 3]
    assert max(active) == 5
    steps = [each["installations"] for each in told["series"]]
    for before, after in pairwise(steps):
        assert after["active"] - before["active"] == after["installs"] - after["uninstalls"]
    per_shop = {each["shop"]: each["installations"] for each in told["perShop"]}
    assert per_shop["shop-2"] == {"active": 1, "installs": 2, "uninstalls": 1, "scopeChanges": 0}
    assert set(per_shop) == {"demo", "shop-0", "shop-1", "shop-2", "shop-3"}


def test_an_app_sees_all_its_shops_and_a_token_its_own(till):
    second = till.found("second", timezone="Asia/Kolkata")
    till.get("/orders")
    come(till, second, at=till.parts.api._lent.clock())
    sql = "SELECT id FROM installations WHERE shop_id = :s"
    assert till.rows(sql, s=second.id)
    whole = statistics(till, **basic(till))
    assert [each["shop"] for each in whole["perShop"]] == ["demo", "second"]
    assert (whole["timezone"], whole["installations"]["active"]) == ("UTC", 2)
    assert {each["shop"]: each["calls"]["total"] for each in whole["perShop"]} == {"demo": 1, "second": 0}
    one = statistics(till, "?shop=second", **basic(till))
    assert (one["timezone"], [each["shop"] for each in one["perShop"]]) == ("Asia/Kolkata", ["second"])
    own = statistics(till)
    assert [each["shop"] for each in own["perShop"]] == ["demo"]
    assert statistics(till, "?shop=demo")["calls"]["total"] == 2
    assert till.get("/app/statistics?shop=second").json["code"] == "other_shop"
    assert till.get("/app/health?shop=second").json["code"] == "other_shop"


def test_a_shop_without_the_app_is_like_one_that_is_not_there(till):
    till.found("foreign")
    told = [
        till.get(f"/app/{what}?shop={shop}", **basic(till))
        for what in ("statistics", "health")
        for shop in ("foreign", "nowhere")
    ]
    assert {(each.status, each.json["code"]) for each in told} == {(404, "not_there")}
    assert len({each.json["error"].replace("foreign", "nowhere") for each in told}) == 1


def test_an_apps_figures_are_not_anothers(till):
    till.get("/orders")
    other = till.install(till.shop, scopes=SCOPES)
    assert statistics(till, token=other)["calls"]["total"] == 0
    assert statistics(till, token=other)["installations"]["installs"] == 1


def test_both_profiles_show_the_same(till):
    till.get("/orders")
    plain = statistics(till)["calls"]["byEndpoint"][0]
    strings = statistics(till, x_genstore_fidelity="documented")["calls"]["byEndpoint"]
    assert str(plain["total"]) in {each["total"] for each in strings}


@pytest.mark.parametrize("path", ["/app/statistics", "/app/health"])
def test_it_needs_a_scope_for_apps_or_the_apps_own_credentials(till, path):
    poor = till.install(till.shop, scopes=frozenset({"read_orders"}))
    assert till.get(path, token=poor).json["code"] == "missing_scope"
    assert till.get(path, **basic(till)).status == 200
    wrong = basic(till) | {"authorization": "Basic " + base64.b64encode(b"app:wrong").decode()}
    assert till.get(path, **wrong).status == 401
    assert till.get("/app/requests", **basic(till)).status == 401
