"""What a receiver may answer, and what it comes to (delivery.md §10: 14 and 15)."""

import asyncio
import gzip

import pytest

from byte_receiver import FINE, a_post, closing, posted, receiving, sending
from till.deliveries.outcome import ErrorClass, Outcome

MIB = 1 << 20


BOMB = gzip.compress(b"\0" * (8 * MIB))
HEADERS = b"".join(b"X-H%d: v\r\n" % number for number in range(10_000))
BAD = {
    "ten thousand headers": b"HTTP/1.1 200 OK\r\n" + HEADERS + b"Content-Length: 0\r\n\r\n",
    "101 headers": b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 100 + b"Content-Length: 0\r\n\r\n",
    "a header of 1 MB": b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1_000_000 + b"\r\nContent-Length: 0\r\n\r\n",
    "a head of 17 KiB": b"HTTP/1.1 200 OK\r\n"
    + (b"X: " + b"y" * 1000 + b"\r\n") * 17
    + b"Content-Length: 0\r\n\r\n",
    "a bad chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n0\r\n\r\n",
    "a bad chunk after a good one": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\nzz\r\nok\r\n0\r\n\r\n"
    ),
    "HTTP/0.9": b"<html>hello</html>\n",
    "another protocol": b"SSH-2.0-OpenSSH_9.6\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
    "a NUL in a header": b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize("pause", [0, 0.05], ids=["at once", "in two pieces"])
@pytest.mark.parametrize("said", BAD.values(), ids=BAD)
def test_14_an_answer_that_is_no_http_is_called_so(run, said, pause):
    async def main():
        async with receiving(closing(said, pause=pause)) as bad, receiving() as well, sending() as sender:
            return await sender.post(a_post(bad.url())), await sender.post(a_post(well.url()))

    outcome, after = run(main())
    assert outcome.error is ErrorClass.PROTOCOL, outcome
    assert outcome.timings.total < 5_000_000  # its budget
    assert outcome.sentence.endswith(".")
    assert len(outcome.sentence) < 250
    assert after.is_delivered


def test_14_a_hundred_headers_are_read(run):
    said = b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 99 + b"Content-Length: 0\r\n\r\n"
    outcome, _ = run(posted(said))
    assert outcome.is_delivered
    assert len(outcome.headers) == 100


def test_14_nothing_is_decompressed(run):
    said = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB) + BOMB
    outcome, _ = run(posted(said))
    assert outcome.is_delivered
    assert (outcome.body, outcome.bytes_read) == (BOMB, len(BOMB))


def test_14_a_storm_of_interim_answers_ends_with_the_budget(run):
    async def storm(request, writer, receiver):
        while True:
            writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 50)
            await writer.drain()
            await asyncio.sleep(0.005)

    outcome, _ = run(posted(storm, budget=1.0))
    assert (outcome.status, outcome.error) == (None, ErrorClass.TIMEOUT)
    assert 990_000 < outcome.timings.total < 10_000_000  # the budget of those that have none of their own


def test_14_an_interim_answer_is_none(run):
    outcome, _ = run(posted(b"HTTP/1.1 100 Continue\r\n\r\n" + FINE))
    assert outcome.is_delivered


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
def test_15_a_redirect_is_a_failure_and_nothing_is_asked_again(run, status):
    asked = []

    def look_up(name):
        asked.append(name)
        return ["127.0.0.1"]

    said = b"HTTP/1.1 %d Moved\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n" % status
    outcome, receiver = run(posted(said, look_up=look_up))
    assert (outcome.status, outcome.error) == (status, ErrorClass.STATUS)
    assert "redirects are not followed" in outcome.sentence
    assert (len(receiver.requests), receiver.connections, asked) == (1, 1, ["localhost"])


@pytest.mark.parametrize("status", [200, 201, 202, 204, 206, 299])
def test_any_status_of_success_delivers(run, status):
    outcome, _ = run(
        posted(
            b"HTTP/1.1 %d Fine\r\n\r\n" % status if status == 204 else FINE.replace(b"200", b"%d" % status)
        )
    )
    assert outcome.is_delivered


@pytest.mark.parametrize("status", [400, 401, 404, 410, 429, 500, 503, 599])
def test_any_other_status_is_kept_with_its_body(run, status):
    said = b"HTTP/1.1 %d Oh\r\nRetry-After: 120\r\nX-Why: caf\xe9\r\nContent-Length: 4\r\n\r\nnope" % status
    outcome, _ = run(posted(said))
    assert (outcome.status, outcome.error, outcome.body) == (status, ErrorClass.STATUS, b"nope")
    assert outcome.retry_after == 120
    assert ("X-Why", "café") in outcome.headers
    assert str(status) in outcome.sentence


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"", None),
        (b"HTTP/1.1 200 OK\r\nConte", None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", 200),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal", 200),
    ],
)
def test_a_connection_that_ends_too_soon_is_a_reset(run, said, status):
    outcome, receiver = run(posted(closing(said)))
    assert (outcome.status, outcome.error) == (status, ErrorClass.RESET)
    assert outcome.sentence.startswith("The receiver closed the connection")
    assert len(receiver.requests) == 1


def test_a_body_that_ends_with_its_connection_is_whole(run):
    outcome, _ = run(posted(closing(b"HTTP/1.1 200 OK\r\n\r\nall of it")))
    assert outcome.is_delivered
    assert outcome.body == b"all of it"


def test_an_outcome_that_failed_is_not_delivered_whatever_its_status():
    assert Outcome(status=200).is_delivered
    assert not Outcome(status=200, error=ErrorClass.TIMEOUT).is_delivered
    assert not Outcome().is_delivered
