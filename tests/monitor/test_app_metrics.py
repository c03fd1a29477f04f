"""What Prometheus is told of apps: the same as stands in the database, under labels that are bounded."""

import asyncio
import re
from collections import Counter
from itertools import count

import pytest
from monitored import SCOPES, come, go
from prometheus_client import CollectorRegistry, generate_latest

from inside import ORDERS, inside
from owing import subscribe
from receiver import Receiver, answer
from till.clock import SECOND
from till.monitor.installed import Standing, standing
from till.monitor.metrics import MOST_APPS, OTHER, AppMetrics
from till.shop import Rate
from till.tallies import DELIVERED, FAILED, OURS
from till.web.tally import Tally


def figure(said, name, **labels):
    """One figure of what is exposed; None where there is none."""
    wanted = {(key, str(value)) for key, value in labels.items()}
    for line in said.splitlines():
        found = re.fullmatch(rf"{name}\{{(.*)\}} (\S+)", line)
        if found and set(re.findall(r'(\w+)="([^"]*)"', found[1])) >= wanted:
            return float(found[2])
    return None


def exposed(registry):
    return generate_latest(registry).decode()


def test_the_same_figures_are_told_to_prometheus(till, ticking):
    ticking.stand()
    slow = till.found("slow", rate=Rate.DEFAULT)
    token = till.install(slow, scopes=ORDERS | {"read_apps"})
    statuses = Counter(till.get("/api/202410/orders", token=token).status for _ in range(45))
    till.run(till.parts.api._lent.tally.settle())
    said = till.parts.api._lent.metrics.exposition().decode()

    app = {"client_id": till.client_id}
    for status, n in statuses.items():
        assert (
            figure(said, "till_app_requests_total", path="/orders", version="202410", status=status, **app)
            == n
        )
    assert figure(said, "till_app_throttled_total", **app) == statuses[429] > 0
    assert figure(said, "till_app_deprecated_total", **app) == 45
    assert figure(said, "till_app_request_seconds_count", **app) == 45
    assert figure(said, "till_app_request_seconds_bucket", le="+Inf", **app) == 45


def test_attempts_are_told_with_their_times_and_retries(run, store, ticking):
    with inside(run, now=ticking, work=True, **store) as till, Receiver() as receiver:
        till.token = till.install(till.shop, scopes=SCOPES)
        bad, good, calls = answer(500), answer(200), count()

        async def flaky(received, writer):
            await (bad if next(calls) == 0 else good)(received, writer)

        receiver.script("/flaky", flaky)
        subscribe(till, address=receiver.url("/flaky"))
        till.create()
        for seconds, outcome in ((0, "failed"), (60, "delivered")):
            ticking.ahead += seconds * SECOND
            for _ in range(200):
                till.run(asyncio.sleep(0.05))
                till.run(till.parts.api._lent.tally.settle())
                said = till.parts.api._lent.metrics.exposition().decode()
                app = {"client_id": till.client_id}
                if figure(said, "till_app_delivery_attempts_total", outcome=outcome, **app):
                    break
        assert figure(said, "till_app_delivery_attempts_total", outcome="failed", **app) == 1
        assert figure(said, "till_app_delivery_attempts_total", outcome="delivered", **app) == 1
        assert figure(said, "till_app_delivery_retries_total", **app) == 1
        assert figure(said, "till_app_delivery_seconds_count", **app) == 2
        assert 0 < figure(said, "till_app_delivery_seconds_sum", **app) < 10


def test_what_was_a_fault_of_ours_is_an_attempt_without_a_time():
    registry, tally = CollectorRegistry(), Tally()
    tally.attempt("app", DELIVERED, 900_000)
    tally.attempt("app", FAILED, 4_000_000, is_retry=True)
    tally.attempt("app", OURS, 1)
    # What is given back is counted with what came since.
    batch = tally.take()
    tally.attempt("app", DELIVERED, 900_000, is_retry=True)
    tally.give_back(batch)
    AppMetrics(registry).add(tally.take())
    said = exposed(registry)
    told = [
        figure(said, "till_app_delivery_attempts_total", outcome=each) for each in (DELIVERED, FAILED, OURS)
    ]
    assert told == [2, 1, 1]
    assert figure(said, "till_app_delivery_retries_total", client_id="app") == 2
    assert figure(said, "till_app_delivery_seconds_bucket", le="1.0") == 2
    assert figure(said, "till_app_delivery_seconds_bucket", le="5.0") == 3
    assert figure(said, "till_app_delivery_seconds_sum") == pytest.approx(5.8)


def test_how_apps_stand_is_told_and_reasons_are_bounded(till, ticking):
    registry = CollectorRegistry()
    metrics = AppMetrics(registry)

    def told(name, **labels):
        metrics.stand(till.run(till.parts.db.read(standing)))
        return figure(exposed(registry), f"till_app_{name}", client_id=till.client_id, **labels)

    subscribe(till)
    paused = subscribe(till, topic="orders/paid")
    till.post(f"{paused}/disable")
    shops = [till.found(name) for name in ("one", "two", "three", "four")]
    for shop in shops:
        come(till, shop, at=ticking())
    assert told("installations") == 5
    assert (told("subscriptions", state="active"), told("subscriptions", state="paused")) == (1, 1)
    for shop, reason in zip(shops, ("too_expensive", "ask me at a@b.example", "other", None), strict=True):
        go(till, shop, at=ticking(), reason=reason)
    assert told("installations") == 1
    reasons = {each: told("uninstalls", reason=each) for each in ("too_expensive", "other", "none")}
    assert reasons == {"too_expensive": 1, "other": 2, "none": 1}
    assert "a@b.example" not in exposed(registry)
    go(till, till.shop, at=ticking())
    assert (told("installations"), told("subscriptions", state="paused")) == (0, 0)


def test_more_apps_than_are_told_apart_are_others():
    registry = CollectorRegistry()
    metrics = AppMetrics(registry)
    many = {f"app{number}": 2 for number in range(MOST_APPS + 3)}
    metrics.stand(Standing(many, {(app, "paused"): 1 for app in many}, {(app, None): 1 for app in many}))
    for name, n in (("installations", 6), ("subscriptions", 3), ("uninstalls", 3)):
        series = [line for line in exposed(registry).splitlines() if line.startswith(f"till_app_{name}{{")]
        assert len(series) == MOST_APPS + 1
        assert figure(exposed(registry), f"till_app_{name}", client_id=OTHER) == n
