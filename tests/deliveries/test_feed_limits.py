"""What the pull side takes at most: of connections, of looks, of bytes at a time, of what it remembers."""

import asyncio
import contextlib
import json
import time

import pytest

from builders import a_line
from inside import inside
from streams import refusal, streaming
from till.deliveries import event_wire, feed, following
from till.deliveries.api import events as api
from till.shop import Rate
from till.web import live, recent, seats
from till.web.recent import Entry, Recent
from till.web.wakes import Wakes

NUMBER = {"lineItems": [a_line()]}


@pytest.fixture
def till(run, store):
    with inside(run, **store) as server:
        yield server


@contextlib.asynccontextmanager
async def listeners(till, count, path="/events", token=None):
    """So many streams of one installation, each of which has begun."""
    async with contextlib.AsyncExitStack() as stack:
        found = []
        for _ in range(count):
            new = await stack.enter_async_context(streaming(till.parts.api, token or till.token, path))
            await begun(new)
            found.append(new)
        yield found


async def begun(stream):
    async with asyncio.timeout(30):
        while len(stream.said) < 2:  # noqa: ASYNC110 - it is said by another's task
            await asyncio.sleep(0.01)


def test_one_installation_listens_at_most_ten_times_at_once(till):
    mine = till.token
    other = till.install(till.shop)

    async def main():
        async with listeners(till, 5), listeners(till, 4, "/app/logs"), listeners(till, 1) as [last]:
            async with listeners(till, 1) as [eleventh], listeners(till, 1, token=other) as [others]:
                waiting = await till.ask("GET", "/events?wait=30")
                logs = await till.ask("GET", "/app/logs?after=0&wait=1", token=other)
                plain = await till.ask("GET", "/events")
                refused = (eleventh.status, refusal(eleventh), eleventh.headers["retry-after"])
            last.leave()
            await asyncio.sleep(0.2)
            async with listeners(till, 1) as [again]:
                return refused, others.status, waiting, logs.status, plain.status, again.status

    till.token = mine
    (status, told, after), others, waiting, logs, plain, again = till.run(main())
    assert (status, told["code"], after) == (429, "too_many_waiting", "5")
    assert "10 calls of this installation" in told["error"]
    assert (others, logs, plain, again) == (200, 200, 200, 200)
    assert (waiting.status, waiting.headers["retry-after"]) == (429, "5")
    assert till.parts.api._lent.seats._all == 0


def test_all_installations_together_listen_as_often_as_the_server_takes(till, monkeypatch):
    monkeypatch.setattr(seats, "MOST_OF_ALL", 2)
    other = till.install(till.shop)

    async def main():
        async with listeners(till, 2), listeners(till, 1, token=other) as [third]:
            return third.status, refusal(third)["error"]

    status, said = till.run(main())
    assert status == 429
    assert "as many as the server takes" in said


def test_who_finds_no_seat_pays_nothing(till, monkeypatch):
    monkeypatch.setattr(seats, "MOST_OF_ONE", 0)
    shop = till.found("paying", rate=Rate.DEFAULT)
    token = till.install(shop)
    reply = till.get("/events?wait=5", token=token)
    assert reply.status == 429
    assert reply.headers["x-genstore-shop-api-rate-limit"].startswith("0/")


@pytest.fixture
def unfollowed(monkeypatch):
    """Nobody looks for what others wrote; to be asked for before the server."""
    monkeypatch.setattr(following, "POLL_SECONDS", 3_600)


def test_a_write_wakes_the_readers_of_its_own_shop_alone(unfollowed, till):
    other = till.found("other")
    wakes = till.parts.wakes

    async def main():
        mine, others = wakes.shops.of(till.shop.id), wakes.shops.of(other.id)
        await till.ask("POST", "/orders", {"order": NUMBER})
        return mine.rung, others.rung

    assert till.run(main()) == (1, 0)
    assert wakes.shops.held() == []


def test_who_looks_for_writes_wakes_the_readers_of_that_shop_alone(till):
    other = till.found("other")
    wakes, told = till.parts.wakes, {"order": NUMBER}
    till.run(till.ask("POST", "/orders", told))
    till.run(till.ask("POST", "/orders", told, token=till.install(other)))

    async def main():
        mine, others = wakes.shops.of(till.shop.id), wakes.shops.of(other.id)
        await until(lambda: mine.rung)  # whoever begins to wait is woken once by way of precaution
        before = mine.rung, others.rung
        await till.ask("POST", "/orders", told)
        await until(lambda: mine.rung == before[0] + 2)  # by who wrote, and by who looked
        return before, others.rung

    assert till.run(main()) == ((1, 1), 1)
    assert wakes.shops.held() == []


async def until(holds):
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - it is done by another's task
            await asyncio.sleep(0.01)


def test_the_end_wakes_whoever_waits_for_a_shop():
    wakes = Wakes()
    signal = wakes.shops.of(1)
    wakes.end()
    assert signal.rung == 1


def test_many_writes_are_told_with_few_looks(till):
    async def main():
        async with listeners(till, 1) as [stream]:
            began = time.monotonic()
            for _ in range(5):
                await asyncio.gather(*(till.ask("POST", "/orders", {"order": NUMBER}) for _ in range(8)))
            told = await stream.until(40, seconds=30)
            looks = sum(1 for each in stream.said[2:] if each["body"])
            return [each.id for each in told], looks, time.monotonic() - began

    told, looks, took = till.run(main())
    assert told == [str(number) for number in range(1, 41)]
    assert looks <= took / live.PAUSE_SECONDS + 4  # with more pages to come, none waits


def test_a_token_is_looked_at_from_time_to_time(till, monkeypatch):
    monkeypatch.setattr(live, "AGAIN_SECONDS", 60.0)

    async def main():
        async with listeners(till, 1) as [stream], listeners(till, 1, "/app/logs") as [logs]:
            await till.parts.db.write(lambda tx: tx.execute("UPDATE tokens SET revoked_at = 1"))
            monkeypatch.setattr(live, "LOOK_SECONDS", 0.1)
            till.parts.wakes.shops.ring(till.shop.id)
            await asyncio.sleep(1.2)  # PostgreSQL servers believe a token for up to a second
            still = stream.ended
            monkeypatch.setattr(live, "AGAIN_SECONDS", 0.1)
            await stream.over(30)
            till.parts.api._lent.recent.note(an_entry((till.shop.id, till.client_id), "POST"))
            await logs.over(30)
            return still

    assert till.run(main()) is False


def payload_bytes(till):
    sql = "SELECT LENGTH(payload) FROM changes WHERE shop_id = :shop_id"
    return [size for [size] in till.rows(sql, shop_id=till.shop.id)]


def test_a_page_ends_at_its_bytes_and_says_that_there_is_more(till, monkeypatch):
    for index in range(7):
        till.create(note="n" * 2_000 if index == 3 else None)
    monkeypatch.setattr(feed, "PAGE_BYTES", 2 * min(payload_bytes(till)) + 100)
    seen, after = [], "0"
    while True:
        told = till.get(f"/events?after={after}").json
        seen.append([each["cursor"] for each in told["events"]])
        after = told["cursor"]
        if not told["more"]:
            break
    assert seen == [["1", "2"], ["3"], ["4"], ["5", "6"], ["7"]]
    monkeypatch.setattr(feed, "PAGE_BYTES", 1)
    told = till.get("/events?after=3").json
    assert ([each["cursor"] for each in told["events"]], told["cursor"], told["more"]) == (["4"], "4", True)


def test_a_page_of_large_events_stays_near_a_mebibyte(till):
    lines = [a_line(title="T" * 250, sku="s" * 100)] * 250
    for _ in range(9):
        till.create(lineItems=lines)
    assert sum(payload_bytes(till)) > 2 * feed.PAGE_BYTES
    reply = till.get("/events?limit=250")
    assert reply.json["more"]
    assert len(reply.body) < 1.1 * feed.PAGE_BYTES


@pytest.mark.parametrize("profile", ["typed", "documented"])
def test_large_events_are_shown_as_small_ones_are(till, monkeypatch, profile):
    for _ in range(3):
        till.create()
    small = till.get("/events", x_genstore_fidelity=profile).json
    monkeypatch.setattr(event_wire, "LARGE", 0)
    assert till.get("/events", x_genstore_fidelity=profile).json == small
    assert small["more"] is False if profile == "typed" else small["more"] == "false"


def test_a_stream_comes_in_pages_and_in_chunks(till, monkeypatch):
    """Whoever does not read makes the server hold a page, and never one of all that he asked for."""
    monkeypatch.setattr(event_wire, "CHUNK", 10_000)
    monkeypatch.setattr(api, "STREAMED", 4)
    for _ in range(10):
        till.create(note="n" * 2_000)
    sizes = payload_bytes(till)

    async def main():
        async with streaming(till.parts.api, till.token, "/events?limit=250") as stream:
            told = await stream.until(10)
            return [each.data for each in told], [len(each["body"]) for each in stream.said[2:]]

    told, chunks = till.run(main())
    assert told == till.get("/events").json["events"]
    assert len(chunks) >= 3
    assert max(chunks) < 10_000 + max(sizes) + 2_000


def test_only_a_stream_goes_on_after_the_last_event_id(till):
    for _ in range(3):
        till.create()
    told = till.get("/events?after=1", last_event_id="99").json
    assert [each["cursor"] for each in told["events"]] == ["2", "3"]
    mark = till.get("/app/logs").json["cursor"]
    assert till.get("/app/logs?after=0", last_event_id=mark).json["entries"]


def test_the_log_does_not_tell_that_it_is_read(till):
    till.get("/orders/count")
    told = till.get("/app/logs").json
    assert [each["target"] for each in told["entries"]] == ["/api/202412/orders/count"]
    began = time.monotonic()
    assert till.get(f"/app/logs?after={told['cursor']}&wait=1").json["entries"] == []
    assert time.monotonic() - began > 0.9

    async def main():
        waiting = asyncio.create_task(till.ask("GET", f"/app/logs?after={told['cursor']}&wait=30"))
        await asyncio.sleep(0.2)
        await till.ask("GET", "/orders/count")
        return await asyncio.wait_for(waiting, 25)

    assert len(json.loads(till.run(main()).body)["entries"]) == 1


def an_entry(owner, method="GET"):
    return Entry(
        owner=owner, at=0, kind="request", method=method, target="/", status=200, ms=1.0, code=None, id="x"
    )


def test_a_busy_app_makes_no_other_forgotten(monkeypatch):
    found = Recent()
    found.note(an_entry((1, "quiet")))
    for _ in range(recent.MOST + 100):
        found.note(an_entry((1, "busy")))
    assert [number for number, _ in found.after(0, (1, "quiet"))] == [1]
    assert [number for number, _ in found.after(0, (1, "busy"))] == list(range(102, 602))
    monkeypatch.setattr(recent, "MOST_OWNERS", 2)
    found.note(an_entry((2, "quiet")))
    assert found.after(0, (1, "quiet")) == []
    assert found.after(0, (1, "busy"))


def test_an_entry_wakes_its_own_app_alone():
    found = Recent()
    mine, others = found.heard.of((1, "mine")), found.heard.of((1, "other"))
    found.note(an_entry((1, "mine")))
    assert (mine.rung, others.rung) == (1, 0)
