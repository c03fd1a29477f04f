"""Addresses at the creation of a subscription: what leads inside is refused, and no socket is opened (16)."""

import json
import socket
from pathlib import Path

import pytest

from inside import ORDERS, inside

LISTS = json.loads((Path(__file__).parents[1] / "fixtures" / "addresses.json").read_text(encoding="utf-8"))
# Half a character is no JSON at all, and refused before anybody looks at what it says.
REFUSED = [each for each in LISTS["whole"] if each.encode(errors="replace").decode() == each]
REFUSED += [f"https://{each.partition('/')[0]}/hook" for each in LISTS["special"]]
REFUSED += [f"https://[{each.partition('/')[0]}]/hook" for each in LISTS["special_v6"]]


# What a server on loopback takes beside: this machine, and a public host without TLS.
HERE = ("127.", "localhost", "::1", "http://example.com")


def serving(run, tmp_path, host, **settings):
    return inside(run, folder=tmp_path / "store", url=None, host=host, **settings)


def ask(till, address):
    return till.post("/app/webhooks", {"webhook": {"address": address, "topic": "orders/create"}})


@pytest.fixture
def no_sockets(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("nothing is resolved when a subscription is made")

    class Local(socket.socket):
        def __init__(self, family=socket.AF_INET, *more, **named):
            assert family == socket.AF_UNIX, "nothing is dialled when a subscription is made"
            super().__init__(family, *more, **named)

    monkeypatch.setattr(socket, "socket", Local)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1"])
def test_16_what_leads_inside_is_refused_at_creation(run, tmp_path, host, no_sockets):
    with serving(run, tmp_path, host) as till:
        till.token = till.install(till.shop, scopes=ORDERS | {"write_apps"})
        taken = []
        for address in REFUSED:
            reply = ask(till, address)
            if reply.status == 201:
                taken.append(address)
                continue
            assert (reply.status, list(reply.json["errors"])) == (422, ["webhook.address"]), address
            assert reply.json["error"].endswith((".", '"')), reply.json
        if host == "0.0.0.0":
            assert taken == []
        assert [each for each in taken if not any(here in each for here in HERE)] == []


@pytest.mark.parametrize(
    ("host", "address", "status"),
    [
        ("127.0.0.1", "http://127.0.0.1:4000/hook", 201),
        ("127.0.0.1", "http://localhost:4000/hook", 201),
        ("127.0.0.1", "http://169.254.169.254/hook", 422),
        ("127.0.0.1", "http://10.0.0.1/hook", 422),
        ("0.0.0.0", "http://127.0.0.1:4000/hook", 422),
        ("0.0.0.0", "https://localhost/hook", 422),
        ("0.0.0.0", "http://app.example.com/hook", 422),
        ("0.0.0.0", "https://app.example.com/hook", 201),
    ],
)
def test_who_serves_this_machine_alone_may_send_to_it(run, tmp_path, host, address, status, no_sockets):
    with serving(run, tmp_path, host) as till:
        till.token = till.install(till.shop, scopes=ORDERS | {"write_apps"})
        assert ask(till, address).status == status


@pytest.mark.parametrize(
    ("host", "local", "address", "status"),
    [
        ("127.0.0.1", False, "http://127.0.0.1:4000/hook", 422),
        ("127.0.0.1", False, "https://localhost:4000/hook", 422),
        ("127.0.0.1", False, "http://app.example.com/hook", 422),
        ("127.0.0.1", False, "https://app.example.com/hook", 201),
        ("127.0.0.1", True, "http://127.0.0.1:6379/", 422),
        ("127.0.0.1", None, "http://127.0.0.1:22/", 422),
        ("0.0.0.0", True, "http://127.0.0.1:4000/hook", 201),
        ("0.0.0.0", True, "http://app.example.com/hook", 422),
    ],
)
def test_the_operator_says_whether_this_machine_is_sent_to(run, tmp_path, host, local, address, status):
    with serving(run, tmp_path, host, local_webhooks=local) as till:
        till.token = till.install(till.shop, scopes=ORDERS | {"write_apps"})
        assert ask(till, address).status == status


def test_an_address_is_kept_in_its_canonical_form_and_is_taken_in_any(run, tmp_path):
    with serving(run, tmp_path, "127.0.0.1") as till:
        till.token = till.install(till.shop, scopes=ORDERS | {"write_apps"})
        reply = ask(till, "HTTPS://App.Example.COM:443")
        assert reply.json["webhook"]["address"] == "https://app.example.com/"
        again = ask(till, "https://app.example.com")
        assert (again.status, again.json["code"]) == (422, "address_taken")
        path = f"/app/webhooks/{reply.json['webhook']['id']}"
        before = till.get(path).json
        assert till.put(path, {"webhook": {"address": "https://APP.example.com/"}}).json == before
        assert till.put(path, {"webhook": {"address": "https://10.0.0.1/"}}).status == 422
        assert till.get(path).json == before
