"""Secure connections: verified always, or not made."""

import socket
import ssl

import pytest

from byte_receiver import Authority, a_post, posted, sending
from till.deliveries.outcome import ErrorClass


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
    assert 2_500_000 < outcome.timings.total < 3_500_000
