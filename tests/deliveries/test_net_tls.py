"""Secure connections: verified always, or not made."""

import asyncio
import socket
import ssl

import pytest

from asking import ask
from byte_receiver import Authority, a_post, posted, receiving, sending
from channel import an_order
from running import seed, serve
from till.deliveries.dial import tls_context
from till.deliveries.outcome import ErrorClass
from till.errors import Invalid
from till.settings import from_environment


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


def test_a_secure_connection_is_verified_by_the_authority_that_the_operator_named(run, authority):
    outcome, _ = run(posted(tls=authority.server("localhost"), ca_file=authority.ca))
    assert outcome.is_delivered, outcome
    assert None not in (outcome.timings.dns, outcome.timings.connect, outcome.timings.tls)
    assert outcome.timings.tls > 0


@pytest.mark.parametrize(
    ("names", "options", "error", "said"),
    [
        (("other.example",), {}, ErrorClass.TLS_NAME, "localhost"),
        (("localhost",), {"days": -1}, ErrorClass.TLS, "certificate has expired"),
        (("localhost",), {"newest": ssl.TLSVersion.TLSv1_1}, ErrorClass.TLS, "No secure connection"),
    ],
    ids=["another's name", "expired", "TLS 1.1"],
)
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")  # what is refused must be offered
def test_a_certificate_that_is_not_good_is_never_accepted(run, authority, names, options, error, said):
    tls = authority.server(*names, **options)
    outcome, receiver = run(posted(tls=tls, ca_file=authority.ca))
    assert (outcome.error, outcome.status, receiver.requests) == (error, None, [])
    assert said in outcome.sentence


def test_an_authority_that_nobody_named_is_not_trusted(run, authority):
    outcome, receiver = run(posted(tls=authority.server("localhost")))
    assert (outcome.error, outcome.status, receiver.requests) == (ErrorClass.TLS, None, [])
    assert "certificate is not good" in outcome.sentence


def test_a_handshake_that_never_comes_is_cut_after_three_seconds(run):
    async def main():
        with socket.create_server(("127.0.0.1", 0)) as silent:
            async with sending() as sender:
                port = silent.getsockname()[1]
                return await sender.post(a_post(f"https://127.0.0.1:{port}/", timeout=8))

    outcome = run(main())
    assert outcome.error is ErrorClass.TIMEOUT
    assert outcome.sentence.startswith("No secure connection to 127.0.0.1:")
    assert 2_990_000 < outcome.timings.total < 8_000_000  # its whole budget


def test_all_addresses_of_a_name_share_the_three_seconds(run):
    async def main():
        with socket.create_server(("0.0.0.0", 0)) as silent:
            async with sending(look_up=lambda _: ["127.0.0.1", "127.0.0.2", "127.0.0.3"]) as sender:
                port = silent.getsockname()[1]
                return await sender.post(a_post(f"https://many.example:{port}/", timeout=8))

    outcome = run(main())
    assert outcome.error is ErrorClass.TIMEOUT
    assert 2_990_000 < outcome.timings.total < 8_000_000  # its whole budget


def test_a_server_trusts_the_authority_that_its_operator_named(run, authority, tmp_path):
    async def main():
        async with receiving(tls=authority.server("localhost")) as receiver:
            address = receiver.url(scheme="https", host="localhost")
            await asyncio.to_thread(sell, address)
            await asyncio.wait_for(receiver.asked.wait(), 30)
            return receiver.requests[0]

    def sell(address):
        wish = {"webhook": {"topic": "orders/create", "address": address}}
        assert ask(server.url, "/app/webhooks", seeded.accessToken, wish)[0] == 201
        assert ask(server.url, "/orders", seeded.accessToken, {"order": an_order(1)})[0] == 200

    seeded = seed(tmp_path, scopes="read_orders,write_orders,write_apps")
    with serve(tmp_path, TILL_CA_FILE=str(authority.ca)) as server:
        request = run(main())
    assert request.header("X-Genstore-Topic") == "orders/create"


def test_a_file_without_certificates_is_refused_when_the_server_starts(tmp_path):
    with pytest.raises(Invalid, match="There is no file"):
        from_environment({"TILL_CA_FILE": str(tmp_path / "nothing.pem")})
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing")
    assert from_environment({"TILL_CA_FILE": str(empty)}).ca_file == str(empty)
    with pytest.raises(Invalid, match="holds no certificates"):
        tls_context(empty)
