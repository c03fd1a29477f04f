"""Answers before the whole body was read: the connection is closed, and the answer still arrives."""

import pytest

from wire import CHUNKED, GET, is_refused, posted

BODIES = {
    "a length": [b"Content-Length: 500"],
    "chunks": [CHUNKED],
    "a length, and leave to send it": [b"Content-Length: 500", b"Expect: 100-continue"],
    "chunks, and leave to send them": [CHUNKED, b"Expect: 100-continue"],
}


@pytest.mark.parametrize("lines", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("then", ["the body", "the next request"])
def test_a_connection_is_never_used_again_after_an_unread_body(wire, head, lines, then):
    wire.say(posted(head, *lines, token=False), 0.05)
    smuggled = head()
    wire.say(smuggled if then == "the next request" else b"%x\r\n%s\r\n" % (len(smuggled), smuggled))
    assert is_refused(wire.hear_all(), 401, "invalid_token")


def test_leave_to_send_the_body_is_given_only_to_who_may(wire, head):
    wire.say(posted(head, b"Content-Length: 2", b"Expect: 100-continue"))
    assert wire.hear(after_head=False).status == 100
    wire.say(b"{}" + head())
    assert wire.hear().status in (400, 422)
    assert wire.hear().status == 200


@pytest.mark.parametrize("length", [b"Content-Length: 10000000", CHUNKED], ids=["a length", "chunks"])
def test_the_answer_reaches_a_client_that_sends_ten_megabytes_first(wire, head, length):
    wire.say(posted(head, length), *[b"10000\r\n" + b"x" * 0x10000 + b"\r\n"] * 152)
    assert is_refused(wire.hear_all(), 413, "too_large")


def test_the_refusal_of_a_head_reaches_a_client_that_goes_on_sending(wire):
    wire.say(GET + b"X: ", *[b"y" * 100_000] * 100)
    assert is_refused(wire.hear_all(), 431, "head_too_large")


def test_who_never_stops_sending_is_cut(wire, head):
    wire.say(posted(head, b"Content-Length: 1000000000"), 0.05)
    with pytest.raises(ConnectionError):
        wire.say(*[b"x" * 1_000_000] * 100)


def test_a_slow_body_is_cut_in_time(hurried_wire, hurried_head):
    hurried_wire.say(posted(hurried_head, b"Content-Length: 50"), *[b" ", 0.3] * 6)
    assert is_refused(hurried_wire.hear_all(), 408, "too_slow")


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "PURGE"])
def test_other_methods_are_refused_with_those_there_are(wire, head, method):
    reply = wire.say(head(method, "/api/202412/orders")).hear(after_head=method != "HEAD")
    assert reply.status == 405
    assert reply.headers["allow"] == "GET, POST"
    assert reply.headers["content-type"].startswith("application/json")
    assert method == "HEAD" or reply.json["code"] == "method_not_allowed"
    assert wire.say(head()).hear().status == 200
