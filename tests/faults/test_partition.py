"""A worker that is cut off from its database loses nothing, claims nothing done that is not, blames nobody.

`make test` cuts for some seconds, `make soak` (TILL_TEST_PARTITION=90) for as long as the contract asks, so
that leases run out meanwhile.
"""

import contextlib
import os
import time
from types import SimpleNamespace

import pytest
from checker import Evidence, Listener, check
from fault_clients import OrderLog, at_work
from fault_feed import getter, pages, walked
from fault_link import OURS, Link, Namespace
from fault_receiver import recording

from asking import ask
from running import serve

SECONDS = float(os.environ.get("TILL_TEST_PARTITION", "4"))
PATIENCE = 180
LISTENERS = [Listener("/create", "orders/create"), Listener("/ordered", "orders/update", ordered=True)]


@pytest.fixture(params=["proxy", "namespace"])
def way(request, postgres):
    """How the worker reaches the database: `host`, `port`, `within` what it runs, how to `cut` and `mend`."""
    with contextlib.ExitStack() as stack:
        if request.param == "proxy":
            link = Link(postgres.port)
            stack.callback(link.close)
            yield SimpleNamespace(port=link.port, host="127.0.0.1", within=(), cut=link.cut, mend=link.mend)
            return
        space = Namespace()
        stack.callback(space.close)
        if not space.is_there:
            pytest.skip("a network namespace can be made by root alone")
        link = Link(postgres.port, OURS)
        stack.callback(link.close)
        yield SimpleNamespace(port=link.port, host=OURS, within=space.within, cut=space.cut, mend=space.mend)


@pytest.fixture
def own(postgres, stocked_template):
    url = postgres.create_database(stocked_template.name)
    yield url
    postgres.drop_database(url)


def until(holds):
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.long
def test_09_a_worker_cut_off_from_its_database_recovers_by_itself(
    way, own, postgres, stocked_template, tmp_path
):
    shop, log = stocked_template.shop, OrderLog()
    through = own.replace(f"127.0.0.1:{postgres.port}", f"{way.host}:{way.port}")
    key = ("--data", str(stocked_template.folder))
    with contextlib.ExitStack() as stack:
        receiver = stack.enter_context(recording(tmp_path, within=way.within))
        server = stack.enter_context(serve(own, *key, TILL_WORK="0"))
        worker = stack.enter_context(serve(through, *key, within=way.within))
        for each in LISTENERS:
            told = {"topic": each.topic, "address": receiver.url(each.path, slow=0.05)}
            told |= {"ordering": "per_resource"} if each.ordered else {}
            status, said = ask(server.url, "/app/webhooks", shop.accessToken, {"webhook": told})
            assert status == 201, said
        get = getter(server.url, shop.accessToken)
        shown = lambda: list(walked(server.url, shop.accessToken, "/app/deliveries?limit=250", "deliveries"))  # noqa: E731 - asked thrice
        with at_work(server.url, shop.accessToken, log, "partition", count=2, pause=0.1):
            until(lambda: len(receiver.arrivals()) > 20)
            way.cut()
            cut = time.monotonic()
            time.sleep(SECONDS)
            told_done = [each for each in shown() if each["state"] == "delivered"]
            taken = {each.webhook for each in receiver.arrivals() if each.taken}
            way.mend()
            mended = time.monotonic()
            time.sleep(1)
        assert {each["id"] for each in told_done} <= taken
        found = pages(get)
        owed = {
            (listener.path, *event.key)
            for listener in LISTENERS
            for _, events, _ in found
            for event in filter(listener.wants, events)
        }
        until(
            lambda: (
                owed <= {(each.path, each.change, each.topic) for each in receiver.arrivals() if each.taken}
            )
        )
        until(lambda: all(each["state"] == "delivered" for each in shown()))
        assert worker.process.poll() is None
        done = shown()
        assert {each["failures"] for each in done} == {0}
    seen = Evidence(
        asked=log.all(), pages=found, arrivals=receiver.arrivals(), listeners=LISTENERS, kills=[cut, mended]
    )
    assert check(seen) == []
    assert not log.refused[503, True]
