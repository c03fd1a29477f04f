"""The pull side by waiting: an answer that comes with the next event, and a stream that never ends."""

import asyncio
import time
from dataclasses import replace

import pytest

from builders import a_line
from inside import inside
from streams import refusal, streaming
from till.deliveries.api import events as api
from till.server import running
from till.settings import Settings
from till.web import live

NUMBER = {"lineItems": [a_line()]}


@pytest.fixture
def till(run, store):
    with inside(run, **store) as server:
        yield server


def pages(till, query=""):
    return till.get(f"/events{query}").json


def cursors(told):
    return [int(each["cursor"]) for each in told["events"]]


def test_a_wait_ends_as_soon_as_there_is_something(till):
    async def main():
        waiting = asyncio.create_task(till.ask("GET", "/events?wait=30"))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        await till.ask("POST", "/orders", {"order": NUMBER})
        told = (await asyncio.wait_for(waiting, 15)).json
        return cursors(told)

    assert till.run(main()) == [1]


def test_a_wait_ends_without_anything_in_the_end(till):
    began = time.monotonic()
    assert pages(till, "?wait=1") == {"events": [], "cursor": "0", "more": False}
    assert time.monotonic() - began > 0.9


def test_what_another_server_of_the_same_store_wrote_is_noticed(till, store):
    """Nothing rings here when another process writes; it is looked for."""

    async def main():
        async with running(Settings(data=store["folder"], database=store["url"])) as other:
            waiting = asyncio.create_task(till.ask("GET", "/events?wait=30"))
            await asyncio.sleep(0.1)
            await replace(till, parts=other).ask("POST", "/orders", {"order": NUMBER})
            assert till.parts.wakes.written.rung == 0
            return (await asyncio.wait_for(waiting, 20)).json

    assert cursors(till.run(main())) == [1]


def test_a_stream_tells_each_event_with_its_cursor_and_topic(till):
    async def main():
        async with streaming(till.parts.api, till.token, "/events") as stream:
            await till.ask("POST", "/orders", {"order": NUMBER | {"financialStatus": "paid"}})
            told = await stream.until(2)
            await till.ask("POST", "/orders", {"order": NUMBER})
            return stream, [*told, *(await stream.until(3))[2:]]

    stream, told = till.run(main())
    assert stream.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert stream.headers["x-genstore-shop-domain"] == "demo.genmystore.com"
    assert stream.text.startswith(b"retry: 2000\n\n")
    assert [(each.id, each.kind) for each in told] == [
        ("1", "orders/create"),
        ("2", "orders/paid"),
        ("3", "orders/create"),
    ]
    assert [each.data for each in told] == pages(till)["events"]


def test_a_stream_is_taken_up_after_the_last_event_id(till):
    for _ in range(4):
        till.create()

    async def main():
        async with streaming(till.parts.api, till.token, "/events?after=0", last_event_id="2") as stream:
            return await stream.until(2)

    assert [each.id for each in till.run(main())] == ["3", "4"]


def test_a_stream_of_some_topics_moves_its_cursor_past_the_others(till):
    till.create(financialStatus="paid")
    till.create()

    async def main():
        async with streaming(till.parts.api, till.token, "/events?topic=orders/paid") as stream:
            await stream.until(1)
            await asyncio.sleep(0.05)
            return stream.text

    assert till.run(main()).endswith(b"id: 3\n\n")


def test_a_silent_stream_gives_a_sign_of_life(till, monkeypatch):
    monkeypatch.setattr(api, "HEARTBEAT", 0.2)

    async def main():
        async with streaming(till.parts.api, till.token, "/events") as stream:
            await asyncio.sleep(1.5)
            return stream.text

    assert till.run(main()).count(b": still here\n\n") >= 2


def test_a_refusal_is_no_stream(till):
    async def main():
        async with streaming(till.parts.api, till.token, "/events", last_event_id="7") as stream:
            await stream.over()
            return stream

    stream = till.run(main())
    assert (stream.status, refusal(stream)["code"]) == (400, "unknown_cursor")


def test_a_stream_ends_with_the_token(till, monkeypatch):
    monkeypatch.setattr(live, "AGAIN_SECONDS", 0.2)
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.2)

    async def main():
        async with streaming(till.parts.api, till.token, "/events") as stream:
            await till.ask("POST", "/orders", {"order": NUMBER})
            await stream.until(1)
            await till.parts.db.write(lambda tx: tx.execute("UPDATE tokens SET revoked_at = 1"))
            await stream.over()
            return len(stream.messages)

    assert till.run(main()) == 1


def test_streams_end_when_the_server_stops(till):
    async def main():
        async with streaming(till.parts.api, till.token, "/events") as stream:
            waiting = asyncio.create_task(till.ask("GET", "/events?wait=60"))
            await asyncio.sleep(0.1)
            till.parts.wakes.end()
            await stream.over()
            return (await asyncio.wait_for(waiting, 30)).status

    assert till.run(main()) == 200


def test_all_that_many_write_at_once_comes_through_a_stream_in_order(till):
    async def main():
        async with streaming(till.parts.api, till.token, "/events") as stream:
            await asyncio.gather(*(till.ask("POST", "/orders", {"order": NUMBER}) for _ in range(100)))
            return [int(each.id) for each in await stream.until(100, seconds=30)]

    assert till.run(main()) == list(range(1, 101))


def test_an_app_watches_its_own_requests(till):
    other = till.install(till.shop)
    till.create()
    till.get("/orders/count", token=other)
    till.get("/orders/1")
    told = till.get("/app/logs").json
    seen = [(each["method"], each["target"], each["status"], each["code"]) for each in told["entries"]]
    assert seen == [
        ("POST", "/api/202412/orders", 200, None),
        ("GET", "/api/202412/orders/1", 404, "order_not_found"),
    ]
    assert till.get(f"/app/logs?after={told['cursor']}").json["entries"] == []
    again = till.get("/app/logs?after=of-another-server").json["entries"]
    assert again[: len(seen)] == told["entries"]


def test_the_log_streams_what_comes(till):
    async def main():
        async with streaming(till.parts.api, till.token, "/app/logs") as stream:
            await till.ask("GET", "/orders/count")
            return await stream.until(1)

    (entry,) = till.run(main())
    assert (entry.kind, entry.data["target"]) == ("request", "/api/202412/orders/count")
