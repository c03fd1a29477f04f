"""Two hundred clients create with one Idempotency-Key at once: one order comes of it, whatever is killed."""

import asyncio
import contextlib
import json
import os
import random
from collections import Counter
from functools import partial

import aiohttp
import pytest
from fault_feed import getter

from builders import a_line
from running import serve

CLIENTS = 200
KILLS = int(os.environ.get("TILL_TEST_KILLS", "30")) // 10
PATIENCE = aiohttp.ClientTimeout(total=60)


def body_of(note):
    return json.dumps({"order": {"lineItems": [a_line()], "note": note}})


async def create(session, url, token, key, note, came):
    """Answer (status, was it replayed, the body), or None when the connection broke; `came` counts them."""
    headers = {"X-Genstore-Access-Token": token, "Content-Type": "application/json", "Idempotency-Key": key}
    try:
        async with session.post(f"{url}/api/202412/orders", data=body_of(note), headers=headers) as reply:
            return reply.status, reply.headers.get("idempotency-replayed"), await reply.read()
    except (aiohttp.ClientError, OSError):
        return None
    finally:
        came.append(key)


async def all_at_once(urls, token, key, notes, meanwhile=None):
    connector, came = aiohttp.TCPConnector(limit=0), []
    async with aiohttp.ClientSession(connector=connector, timeout=PATIENCE) as session:
        asks = [create(session, urls[n % len(urls)], token, key, note, came) for n, note in enumerate(notes)]
        side = [meanwhile(came)] if meanwhile else []
        return (await asyncio.gather(*asks, *side))[: len(asks)]


async def kill_after(server, count, came):
    """Kill it when so many were answered, and the others are under way."""
    await asyncio.sleep(0.01)
    while len(came) < count:  # noqa: ASYNC110 - a pause of nothing, to be there in the very turn
        await asyncio.sleep(0)
    server.kill()


def births(server, shop, note):
    """The orders that the feed tells were created with this note."""
    page = getter(server.url, shop.accessToken)("/events?topic=orders/create&limit=250")
    return [
        each["resourceId"] for each in page["events"] if each["payload"]["order"]["note"].startswith(note)
    ]


def test_29_two_hundred_creations_with_one_key_are_one(place):
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(serve(place.at, *place.more)) for _ in range(place.servers)]
        urls, token = [server.url for server in servers], place.shop.accessToken
        answers = asyncio.run(all_at_once(urls, token, "one", ["same"] * CLIENTS))
        assert len(answers) == CLIENTS
        assert {answer[0] for answer in answers} <= {200, 409}
        good = [answer for answer in answers if answer[0] == 200]
        assert len({body for _, _, body in good}) == 1
        assert Counter(replayed for _, replayed, _ in good)[None] == 1
        order = json.loads(good[0][2])["order"]
        assert births(servers[0], place.shop, "same") == [order["orderId"]]
        others = asyncio.run(all_at_once(urls, token, "one", [f"another {n}" for n in range(20)]))
        assert {answer[0] for answer in others} == {422}
        assert births(servers[-1], place.shop, "another") == []


def test_29_of_different_bodies_with_one_key_one_wins(place):
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(serve(place.at, *place.more)) for _ in range(place.servers)]
        notes = [f"rival {n % 4}" for n in range(CLIENTS)]
        urls = [server.url for server in servers]
        answers = asyncio.run(all_at_once(urls, place.shop.accessToken, "rivals", notes))
        won = {note for note, answer in zip(notes, answers, strict=True) if answer[0] == 200}
        assert len(won) == 1
        for note, (status, _, body) in zip(notes, answers, strict=True):
            assert status in ((200, 409) if note in won else (409, 422)), body
        assert len(births(servers[0], place.shop, "rival")) == 1


def test_29_a_kill_in_the_midst_leaves_a_retry_that_completes_once(place):
    # Where all are answered before we have read the first few, it is killed sooner the next time.
    chance, struck, upto = random.Random(29), 0, CLIENTS // 2
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(serve(place.at, *place.more))
        for number in range(KILLS * 5):
            note, key = f"kill {number}.", f"key {number}"
            kill = partial(kill_after, server, chance.randrange(upto))
            first = asyncio.run(
                all_at_once([server.url], place.shop.accessToken, key, [note] * CLIENTS, kill)
            )
            server = stack.enter_context(serve(place.at, *place.more))
            retried = asyncio.run(all_at_once([server.url], place.shop.accessToken, key, [note]))
            assert [answer[0] for answer in retried] == [200]
            told = {answer[2] for answer in first if answer is not None and answer[0] == 200}
            assert told <= {retried[0][2]}
            assert births(server, place.shop, note) == [json.loads(retried[0][2])["order"]["orderId"]]
            struck, upto = (struck + 1, upto) if None in first else (struck, upto // 4 + 1)
            if struck == KILLS:
                return
    pytest.fail(f"only {struck} of {number + 1} kills left somebody without an answer")
