"""`till demo` as a real process."""

import json
import os
import pty
import shlex
import socket
import subprocess
import urllib.request
from urllib.parse import urlsplit

import pytest
from developer import App

from asking import ask, every_order
from running import command, environment, seed, serve, till, where
from till.testing.ports import free_port

FEW = ("--orders", "300")


@pytest.fixture
def place(tmp_path):
    return tmp_path / "demo"


def test_it_is_ready_with_a_year_of_orders_in_every_status(place):
    with serve(place, verb="demo") as server:
        named = ["url", "shop", "shopId", "accessToken", "clientId", "clientSecret", "storefront", "setUp"]
        assert list(server.said) == named
        visited = urllib.request.Request(
            server.url, headers={"Host": urlsplit(server.said["storefront"]).netloc}
        )
        with urllib.request.urlopen(visited) as page:
            assert 'href="/cart"' in page.read().decode()
        orders = list(every_order(server.url, server.said["accessToken"]))
    assert len(orders) == 1_000
    statuses = {(each["financialStatus"], each["fulfillmentStatus"]) for each in orders}
    assert {financial for financial, _ in statuses} == {
        "pending",
        "authorized",
        "partially_paid",
        "paid",
        "partially_refunded",
        "refunded",
        "voided",
    }
    assert {fulfillment for _, fulfillment in statuses} == {None, "partial", "fulfilled", "restocked"}
    assert {bool(each["cancelledAt"]) for each in orders} == {True, False}
    assert {bool(each["closedAt"]) for each in orders} == {True, False}
    assert len({each["sourceName"] for each in orders}) > 3
    assert len({(each["shippingAddress"] or {}).get("countryCode") for each in orders}) > 4
    customers = [each["customer"]["id"] for each in orders if each["customer"]]
    assert len(set(customers)) < len(customers)
    assert {each["currency"] for each in orders} == {"USD"}
    assert not any(each["warnings"] for each in orders)
    assert {each["taxesIncluded"] for each in orders} == {True, False}
    assert len({line["title"] for each in orders for line in each["taxLines"]}) == 6
    assert {line["code"] for each in orders for line in each["shippingLines"]} == {"standard", "express"}
    assert {code["type"] for each in orders for code in each["discountCodes"]} == {
        "percentage",
        "fixed_amount",
        "shipping",
    }


def test_an_order_tells_what_happened_to_it_and_who_did_it(place):
    with serve(place, verb="demo") as server:
        token = server.said["accessToken"]
        _, answer = ask(server.url, "/refunds?limit=250", token)
        sent_back = [each for each in answer["refunds"] if each["returnId"]]
        _, told = ask(server.url, f"/orders/{sent_back[0]['orderId']}/timeline", token)
        _, found = ask(server.url, f"/orders/{sent_back[0]['orderId']}/returns", token)
        _, customers = ask(server.url, "/customers?limit=250", token)
    kinds = [entry["kind"] for entry in told["timeline"]]
    assert kinds[0] == "created"
    assert [kind for kind in kinds if kind.startswith("return_")][:3] == [
        "return_requested",
        "return_approved",
        "return_received",
    ]
    assert {"person", "app"} == {entry["by"]["type"] for entry in told["timeline"]}
    assert {each["status"] for each in found["returns"]} == {"closed"}
    assert max(each["ordersCount"] for each in customers["customers"]) > 3


def test_another_run_keeps_the_data_and_mints_a_token(place):
    with serve(place, *FEW, verb="demo") as first:
        before = list(every_order(first.url, first.said["accessToken"]))
    with serve(place, *FEW, verb="demo") as second:
        assert list(every_order(second.url, second.said["accessToken"])) == before
    same = ("shop", "shopId", "clientId", "clientSecret")
    assert [first.said[name] for name in same] == [second.said[name] for name in same]
    assert first.said["accessToken"] != second.said["accessToken"]
    with serve(place, "--fresh", *FEW, verb="demo") as third:
        assert third.said["shopId"] != first.said["shopId"]


def test_another_seed_makes_other_orders(tmp_path):
    found = []
    for name, seed_ in (("a", "7"), ("b", "7"), ("c", "8")):
        with serve(tmp_path / name, "--seed", seed_, *FEW, verb="demo") as server:
            orders = every_order(server.url, server.said["accessToken"])
            found.append([each["totalPrice"] for each in orders])
    assert found[0] == found[1]
    assert found[0] != found[2]


def test_the_lines_that_it_prints_work(place):
    """Each is a curl command, or one of till's own, read here as a shell would."""
    call = command("demo", *where(place), *FEW, "--port", "0")
    process = subprocess.Popen(call, stdout=subprocess.PIPE, text=True, env=environment())
    try:
        said = [process.stdout.readline() for _ in range(19)]
        answers = [curled(line) for line in said if line.startswith("curl ")]
        assert "Till is ready on http://127.0.0.1:" in said[0]
        assert len(answers) == 4
        assert said[3].startswith("visit  http://demo.store.localhost:")
        listed, one, lived, made = answers
        assert 1 <= len(listed["orders"]) <= 3
        assert {each["financialStatus"] for each in listed["orders"]} == {"paid"}
        assert 1_200 < one["order"]["number"] <= 1_300
        assert "return_requested" in [entry["kind"] for entry in lived["timeline"]]
        assert made["order"]["number"] == 1_301
        listen, trigger = (line for line in said if line.startswith("TILL_"))
        app = App(free_port(), "").start()
        listen = f"{listen.strip()} --once".replace("http://127.0.0.1:4000", app.url)
        for line in (listen, trigger, listen):
            tilled(line, XDG_STATE_HOME=str(place))
        app.stop()
        assert "orders/paid" in app.topics()
    finally:
        process.terminate()
        process.communicate()
    assert process.returncode == 0


def tilled(line, **more):
    words = shlex.split(line)
    begin = words.index("till")
    variables = dict(word.split("=", 1) for word in words[:begin])
    return till(*words[begin + 1 :], **variables, **more)


def test_on_a_terminal_the_hints_stand_alone_and_the_log_in_a_file(place):
    ours, its = pty.openpty()
    call = command("demo", *where(place), *FEW, "--port", "0")
    process = subprocess.Popen(call, stdout=subprocess.PIPE, stderr=its, text=True, env=environment())
    os.close(its)
    try:
        said = [process.stdout.readline() for _ in range(19)]
        assert f"log    {place / 'demo.log'}\n" in said
        curled(next(line for line in said if line.startswith("curl ")))
    finally:
        process.terminate()
        process.communicate()
    assert process.returncode == 0
    with pytest.raises(OSError, match="Input/output error"):  # as a terminal says that nobody writes there
        os.read(ours, 1_000)
    os.close(ours)
    lines = (place / "demo.log").read_text().splitlines()
    assert [json.loads(line)["event"] for line in lines].count("request") == 1


def curled(line):
    words = shlex.split(line)[1:]
    headers, body = {}, None
    while words[0].startswith("-"):
        option, value, words = words[0], words[1], words[2:]
        if option == "-H":
            name, _, text = value.partition(": ")
            headers[name] = text
        else:
            body = value.encode()
    request = urllib.request.Request(words[0], data=body, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def test_a_port_that_is_taken_is_said_and_another_taken(place):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with serve(place, *FEW, "--port", str(port), verb="demo") as server:
            assert f"Port {port} is taken" in server.logged()
            assert ask(server.url, "/orders/count", server.said["accessToken"]) == (200, {"count": 300})


def test_it_touches_no_folder_that_it_did_not_make(tmp_path):
    place = tmp_path / "data"
    seed(place, shop="real")
    done = till("demo", *where(place), "--port", "0", "--fresh", check=False)
    assert done.returncode == 1
    assert "holds another database" in done.stderr
    assert "real" in till("shop", "list", *where(place)).stdout


def test_a_setting_up_that_was_broken_off_begins_anew(place):
    with serve(place, *FEW, verb="demo") as server:
        server.kill()
    (place / "demo.json").write_text("{}")
    with serve(place, *FEW, verb="demo") as server:
        assert ask(server.url, "/orders/count", server.said["accessToken"]) == (200, {"count": 300})
