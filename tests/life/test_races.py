"""Two clients want the same thing of one order at the same moment: one gets it, and nothing happens twice.

On PostgreSQL each has a server process of its own, on SQLite both share the one there is.
"""

import contextlib
import http.client
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from builders import a_line
from running import seed, serve

ROUNDS = 100
ROOT = "/api/202412"


class Client:
    """One connection to one server, which it keeps."""

    def __init__(self, url, token):
        self._link = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
        self._headers = {"X-Genstore-Access-Token": token, "Content-Type": "application/json"}

    def ask(self, method, path, body=None, **headers):
        sent = self._headers | {name.replace("_", "-"): value for name, value in headers.items()}
        self._link.request(method, ROOT + path, json.dumps(body) if body is not None else None, sent)
        with self._link.getresponse() as answer:
            return answer.status, json.load(answer)

    def close(self):
        self._link.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def clients(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("race")
    with contextlib.ExitStack() as stack:
        if request.param == "sqlite":
            shop = seed(folder)
            urls = [stack.enter_context(serve(folder)).url] * 2
        else:
            postgres = request.getfixturevalue("postgres")
            url = postgres.create_database(request.getfixturevalue("migrated"))
            stack.callback(postgres.drop_database, url)
            shop = seed(url, key=folder)
            urls = [stack.enter_context(serve(url, "--data", str(folder))).url for _ in range(2)]
        pair = [Client(url, shop.accessToken) for url in urls]
        for client in pair:
            stack.callback(client.close)
        yield pair


def transactions(client, order):
    return client.ask("GET", f"/orders/{order['id']}/transactions")[1]["transactions"]


def capture(order):
    return "POST", f"/orders/{order['id']}/transactions", {"transaction": {"kind": "capture"}}


def ship(order):
    line = {"lineItemId": order["lineItems"][0]["id"], "quantity": 1}
    return "POST", "/fulfillments", {"fulfillment": {"orderId": order["id"], "lineItems": [line]}}


def cancel(order):
    return "POST", f"/orders/{order['id']}/cancel", {"refund": True}


def refund(order):
    return "POST", "/refunds", {"refund": {"orderId": order["id"], "amount": "10.00"}}


RACES = {
    "two captures": ("authorized", capture, capture, {"nothing_authorized"}),
    "two shipments of the last unit": ("pending", ship, ship, {"nothing_to_ship"}),
    "cancel and ship": ("paid", cancel, ship, {"order_cancelled", "paid_and_fulfilled"}),
    "two refunds": ("paid", refund, refund, {"refund_too_large"}),
}
# How the two ask: with nothing else, by the version they saw, or with the same Idempotency-Key.
MANNERS = ("plain", "version", "key")


@pytest.mark.parametrize("race", RACES)
def test_one_of_two_wins_and_the_other_is_told_why(clients, race):
    status, one, other, codes = RACES[race]
    seen, winners, gate = set(), set(), threading.Barrier(2)

    def run(client, request, headers):
        gate.wait()
        return client.ask(*request, **headers)

    with ThreadPoolExecutor(2) as pool:
        for number in range(ROUNDS):
            born = {"lineItems": [a_line()], "financialStatus": status}
            answer, made = clients[0].ask("POST", "/orders", {"order": born})
            assert answer == 200, made
            order, manner = made["order"], MANNERS[number % 3]
            headers = {"version": {"If_Match": '"1"'}, "key": {"Idempotency_Key": f"{race} {number}"}}
            racers = list(zip(clients, (one, other), strict=True))
            tries = [
                pool.submit(run, client, move(order), headers.get(manner, {}))
                for client, move in (racers if number % 2 else reversed(racers))
            ]
            answers = [each.result() for each in tries]
            won = [body for answer, body in answers if answer == 200]
            lost = [(answer, body) for answer, body in answers if answer != 200]
            assert won, answers
            if manner == "key" and one is other and not lost:
                assert won[0] == won[1]  # the second was answered what the first was
            else:
                assert len(won) == len(lost) == 1, answers
                seen.add(is_told(*lost[0], manner, codes))
                winners.add(answers[0][0] == 200)
            stands(clients, order, race, won[0])
    assert seen == {412, 422}
    assert winners == {True, False}  # who came first won, and who came second: they did race


def is_told(answer, body, manner, codes):
    """Why it lost: the state forbids it, its version is stale, or its key is in use."""
    wanted = {"plain": {422}, "version": {412}, "key": {409, 422}}[manner]
    assert answer in wanted, body
    assert body["error"].endswith(".")
    assert answer != 422 or body["code"] in codes, body
    return answer


def stands(clients, order, race, won):
    """One change was made, and both servers say the same of it."""
    path = f"/orders/{order['id']}"
    (_, mine), (_, others) = (client.ask("GET", path) for client in clients)
    assert mine == others
    after = mine["order"]
    assert after["version"] == 2
    ledger = [(each["kind"], each["amount"]) for each in transactions(clients[1], order)]
    shipments = clients[1].ask("GET", f"{path}/fulfillments")[1]["fulfillments"]
    refunds = clients[0].ask("GET", f"{path}/refunds")[1]["refunds"]
    sale, back = ("sale", "10.00"), ("refund", "10.00")
    if race == "two captures":
        assert ledger == [("authorization", "10.00"), ("capture", "10.00")]
        assert after["financialStatus"] == "paid"
    elif race == "two shipments of the last unit":
        assert [unit["quantity"] for each in shipments for unit in each["lineItems"]] == [1]
        assert (after["fulfillmentStatus"], after["lineItems"][0]["fulfillableQuantity"]) == ("fulfilled", 0)
    elif race == "two refunds" or "order" in won:
        assert ledger == [sale, back]
        assert [each["amount"] for each in refunds] == ["10.00"]
        assert (after["financialStatus"], shipments) == ("refunded", [])
    else:
        assert (ledger, refunds, len(shipments)) == ([sale], [], 1)
        assert (after["cancelledAt"], after["fulfillmentStatus"]) == (None, "fulfilled")
