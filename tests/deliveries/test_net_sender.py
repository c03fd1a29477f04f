"""The sender against receivers that are slow or never end (delivery.md §10: 11 to 13)."""

import asyncio
import resource
import socket
import time

import pytest

from byte_receiver import a_post, for_ever, never, posted, receiving, sending
from till.deliveries.outcome import ErrorClass


def test_what_is_sent_is_what_arrives(run):
    body = '{"note":"naïve 🧾 \u2028"}'.encode()
    headers = (("X-Genstore-Topic", "orders/paid"), ("Content-Type", "application/json; charset=utf-8"))

    async def main():
        async with receiving() as receiver, sending() as sender:
            outcome = await sender.post(a_post(receiver.url("/in?a=%2F&b=c"), body=body, headers=headers))
        return outcome, receiver.requests

    outcome, (request,) = run(main())
    assert (request.line, request.body) == ("POST /in?a=%2F&b=c HTTP/1.1", body)
    assert outcome.is_delivered
    assert (outcome.status, outcome.body, outcome.bytes_read) == (200, b"ok", 2)
    for name, value in (*headers, ("Accept-Encoding", "identity"), ("Content-Length", str(len(body)))):
        assert request.header(name) == value
    assert {name.lower() for name, _ in request.headers} == {
        *("host", "accept", "accept-encoding", "content-length", "content-type", "x-genstore-topic"),
    } | ({"user-agent"} if request.header("user-agent") else set())


def test_connections_are_kept_and_what_they_took_is_told_once(run):
    async def main():
        async with receiving() as receiver, sending() as sender:
            address = receiver.url(host="localhost")
            return [await sender.post(a_post(address)) for _ in range(3)], receiver

    (first, *later), receiver = run(main())
    assert receiver.connections == 1
    assert {each.dialled for each in (first, *later)} == {f"127.0.0.1:{receiver.port}"}
    assert None not in (first.timings.dns, first.timings.connect, first.timings.first_byte)
    assert first.timings.total >= first.timings.dns + first.timings.connect + first.timings.first_byte > 0
    for each in later:
        assert (each.timings.dns, each.timings.connect, each.timings.tls) == (None, None, None)
        assert 0 < each.timings.first_byte <= each.timings.total


@pytest.mark.parametrize(
    ("budget", "otherwise"),
    [pytest.param(10.0, 300, id="the default"), pytest.param(1.0, 10, id="a short one")],
)
def test_11_a_receiver_that_never_answers_is_cut_at_its_budget(run, budget, otherwise):
    begun = time.monotonic()
    outcome, receiver = run(posted(never, budget=budget))
    # A timer may end up to 1 ms early; otherwise the usual budget would be waited for, or aiohttp's.
    assert budget - 0.01 < time.monotonic() - begun < otherwise
    assert (outcome.status, outcome.error, len(receiver.requests)) == (None, ErrorClass.TIMEOUT, 1)
    assert outcome.sentence == f"The receiver did not answer within {budget:g} s."
    assert not outcome.is_delivered


def test_11_others_are_served_while_one_never_answers(run):
    async def main():
        async with receiving(never) as dead, receiving() as well, sending() as sender:
            waiting = [asyncio.create_task(sender.post(a_post(dead.url(), timeout=10))) for _ in range(16)]
            while len(dead.requests) < len(waiting):  # noqa: ASYNC110 - they are another's
                await asyncio.sleep(0.01)
            served = [await sender.post(a_post(well.url())) for _ in range(50)]
            assert not any(each.done() for each in waiting)
            return served, await asyncio.gather(*waiting)

    served, waited = run(main())
    assert all(each.is_delivered for each in served)
    assert {each.error for each in waited} == {ErrorClass.TIMEOUT}


def test_12_a_body_without_end_is_cut_at_the_budget(run):
    begun = time.monotonic()
    outcome, _ = run(posted(for_ever, budget=1.0))
    assert 0.99 < time.monotonic() - begun < 10  # the budget of those that have none of their own
    assert (outcome.status, outcome.error) == (200, ErrorClass.TIMEOUT)
    assert outcome.sentence == "The receiver answered 200, but its answer did not end within 1 s."
    assert 0 < outcome.bytes_read < 100
    assert outcome.body == b"x" * outcome.bytes_read


@pytest.mark.parametrize("head", [b"Content-Length: 5000000000\r\n", b"Transfer-Encoding: chunked\r\n", b""])
def test_13_an_endless_body_is_left_where_it_is_and_the_status_counts(run, head):
    ended = asyncio.Event()

    async def flood(request, writer, receiver):
        # So that what the system takes in on its way is told apart from what the sender reads.
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        writer.transport.set_write_buffer_limits(high=0)
        writer.write(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n")
        piece = b"1000\r\n" + b"x" * 4096 + b"\r\n" if b"chunked" in head else b"x" * 4096
        try:
            while True:
                writer.write(piece)
                await writer.drain()
                receiver.written += len(piece)
        finally:
            ended.set()

    async def main():
        async with receiving(flood) as receiver, sending() as sender:
            outcome = await sender.post(a_post(receiver.url()))
            await asyncio.wait_for(ended.wait(), 20)
            return outcome, receiver.written

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcome, written = run(main())
    assert outcome.is_delivered
    assert outcome.bytes_read <= 64 * 1024
    assert outcome.body == b"x" * 16_384
    assert written <= 256 * 1024
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 5 * 1024


def test_neither_cookies_nor_proxies_nor_netrc_have_a_say(run, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine localhost login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    said = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n"

    async def main():
        async with receiving(said) as receiver, sending() as sender:
            sent = a_post(receiver.url(host="localhost"))
            assert all([(await sender.post(sent)).is_delivered for _ in range(2)])
            return receiver.requests

    for request in run(main()):
        assert request.header("cookie") is None
        assert request.header("authorization") is None


def test_a_body_of_two_megabytes_arrives_whole(run):
    body = bytes(range(256)) * 8192

    async def main():
        async with receiving() as receiver, sending() as sender:
            outcome = await sender.post(a_post(receiver.url(), body=body))
            return outcome, receiver.requests[0]

    outcome, request = run(main())
    assert outcome.is_delivered
    assert request.body == body
    assert request.header("content-length") == str(len(body))
