"""The plain way of a delivery: owed, claimed, sent, settled, on each of the two stores."""

import asyncio
import base64
import hashlib
import hmac

import pytest

from engines import QUICK, bench
from receiver import Receiver
from till.deliveries.delivery import State
from till.web.wakes import Wakes
from till.working import in_touch


@pytest.fixture
def house(run, store):
    with bench(run, **store) as found:
        yield found


@pytest.fixture
def receiver():
    with Receiver() as found:
        yield found


def test_what_is_owed_is_sent_once_with_all_its_headers(house, receiver):
    hook = house.subscribe(receiver.url("/hook"), headers={"Authorization": "Bearer 5f0c"})

    async def deliver():
        async with house.engine():
            await house.tell(7)
            await house.settled(1)

    house.run(deliver())
    (got,) = receiver.seen()
    assert got.method == "POST"
    assert got.body == b'{"order":{"id":7,"version":1}}'
    (delivery,) = house.deliveries()
    assert delivery["state"] is State.DELIVERED
    assert (delivery["attempts"], delivery["failures"], delivery["subscription_id"]) == (1, 0, hook)
    assert got.delivery_id == delivery["id"]
    assert got.header("authorization") == "Bearer 5f0c"
    assert got.header("x-genstore-topic") == "orders/update"
    assert got.header("x-genstore-shop-domain") == "demo.genmystore.com"
    assert got.header("x-genstore-resource-version") == "1"
    assert got.header("x-genstore-order-gap") is None
    mac = hmac.new(house.secret.encode(), got.body, hashlib.sha256).digest()
    assert got.header("x-genstore-hmac-sha256") == base64.b64encode(mac).decode()
    (attempt,) = house.attempts()
    assert (attempt["number"], attempt["status"], attempt["error"], attempt["counted"]) == (1, 200, None, 0)
    assert ("X-Genstore-Webhook-Id", delivery["id"]) in attempt["details"].request
    assert attempt["details"].dialled == f"127.0.0.1:{receiver.port}"
    counts = house.rows("SELECT outcome, n FROM delivery_counts WHERE shop_id = :s", s=house.shop.id)
    assert counts == [("delivered", 1)]
    assert house.subscription(hook)["last_success_at"] is not None


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_an_engine_apart_hears_at_once_of_what_another_process_wrote(house, receiver):
    """By a NOTIFY after the commit: its own look would come a minute later."""
    house.subscribe(receiver.url("/hook"))
    patient = type(QUICK)(poll=60.0)

    async def deliver():
        async with (
            house.engine(tuning=patient) as engine,
            in_touch(house.settings, engine.wakes, engine.wake),
        ):
            await asyncio.sleep(0.5)
            others = Wakes()
            async with in_touch(house.settings, others, None):
                await house.tell()
                others.written.ring()
                await receiver.arrived(1)
                await house.settled(1)

    house.run(deliver())
