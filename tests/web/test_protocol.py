"""What no HTTP should be, in raw bytes: each is refused in the one shape, and nothing after it is read."""

import contextlib
import resource
import time

import pytest

from till.settings import Settings
from wire import CHUNKED, GET, LAST, Wire, is_refused, posted

SLOW = 1_000
# What a head would be given otherwise.
USUAL = Settings().header_timeout
POST = b"POST /api/202412/orders HTTP/1.1\r\nHost: demo.localhost\r\n"
HOST = b"Host: demo.localhost\r\n"

MALFORMED = {
    "length and chunks": POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "two lengths": POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    "one length twice": POST + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    "a list of lengths": POST + b"Content-Length: 5, 5\r\n\r\nhello",
    "a signed length": POST + b"Content-Length: +5\r\n\r\nhello",
    "a negative length": POST + b"Content-Length: -5\r\n\r\nhello",
    "a hexadecimal length": POST + b"Content-Length: 0x5\r\n\r\nhello",
    "an empty length": POST + b"Content-Length: \r\n\r\n",
    "a length beyond 64 bits": POST + b"Content-Length: 99999999999999999999999\r\n\r\n",
    "a folded header": POST + b"X: a\r\n b\r\n\r\n",
    "a folded encoding": POST + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "bare line feeds": b"GET / HTTP/1.1\nHost: x\n\n",
    "a bare line feed after a header": GET + b"Host: x\nX: y\r\n\r\n",
    "a bare line feed at the end": GET + HOST + b"\n",
    "a bare carriage return": GET + b"Host: x\rX: y\r\n\r\n",
    "a space before the colon": POST + b"Content-Length : 5\r\n\r\nhello",
    "a space before the first header": GET + b" Host: x\r\n\r\n",
    "a header without a name": GET + HOST + b": x\r\n\r\n",
    "NUL in a header": GET + HOST + b"X: a\0b\r\n\r\n",
    "a control character in a header": GET + HOST + b"X: a\x01b\r\n\r\n",
    "a control character in a name": GET + HOST + b"X\x01: a\r\n\r\n",
    "an unknown encoding": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a vertical tab before chunked": POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "gzip, then chunked": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "chunked, then gzip": POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "chunked, then identity": POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n",
    "chunks in HTTP/1.0": b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "no host": GET + b"\r\n",
    "two hosts": GET + HOST + HOST + b"\r\n",
    "an empty host": GET + b"Host: \r\n\r\n",
    "a host that breaks out": GET + b'Host: x>; rel="next", <http://evil\r\n\r\n',
    "a host with a path": GET + b"Host: x/y\r\n\r\n",
    "a host with a user": GET + b"Host: a@b\r\n\r\n",
    "another host's URL": b"GET http://evil/ HTTP/1.1\r\n" + HOST + b"\r\n",
    "a tunnel": b"CONNECT x:443 HTTP/1.1\r\n" + HOST + b"\r\n",
    "a star": b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n",
    "HTTP/0.9": b"GET /\r\n\r\n",
    "HTTP/2 by its number": b"GET / HTTP/2.0\r\n" + HOST + b"\r\n",
    "HTTP/2 by its preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "a method in lower case": b"get / HTTP/1.1\r\n" + HOST + b"\r\n",
    "an invented method": b"ORDER / HTTP/1.1\r\n" + HOST + b"\r\n",
    "letters beyond ASCII": b"GET /\xc3\xa9 HTTP/1.1\r\n" + HOST + b"\r\n",
    "a blank in the path": b"GET /a b HTTP/1.1\r\n" + HOST + b"\r\n",
    "NUL in the path": b"GET /a\0b HTTP/1.1\r\n" + HOST + b"\r\n",
}
BROKEN_CHUNKS = {
    "an extension that ends in a line feed": b"1;a\nx\r\n" + LAST,
    "a quoted line feed": b'1;a="\n"\r\nx\r\n' + LAST,
    "bare line feeds": b"1\nx\n0\n\n",
    "a prefixed size": b"0x1\r\nx\r\n" + LAST,
    "a negative size": b"-1\r\nx\r\n" + LAST,
    "a size beyond 64 bits": b"fffffffffffffffff\r\nx\r\n" + LAST,
    "no size": b"\r\nx\r\n" + LAST,
    "a chunk longer than it said": b"1\r\nxy" + LAST,
    "a length in the trailer": b"1\r\nx\r\n0\r\nContent-Length: 3\r\n\r\n",
}


@pytest.fixture
def many_files(served):
    """Leave for this process and the server to hold more connections than a shell lets them open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = soft if soft == resource.RLIM_INFINITY else max(soft, 2 * SLOW)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        pytest.skip(f"this machine lets a process open no more than {hard} files")
    resource.prlimit(served.running.pid, resource.RLIMIT_NOFILE, (wanted, hard))
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("raw", MALFORMED.values(), ids=MALFORMED)
def test_35_malformed_http_is_refused_in_the_one_shape_and_nothing_after_it_is_read(wire, head, raw):
    wire.say(raw + head())
    assert is_refused(wire.hear_all(), 400, "malformed_request")


@pytest.mark.parametrize("name", ["length and chunks", "two hosts", "a folded header", "bare line feeds"])
def test_35_bytes_that_come_one_by_one_are_judged_alike(wire, name):
    for byte in MALFORMED[name].partition(b"0\r\n\r\n")[0]:
        try:
            wire.say(bytes([byte]))
        except ConnectionError:  # refused before the rest was said
            break
    assert is_refused(wire.hear_all(), 400, "malformed_request")


@pytest.mark.parametrize("body", BROKEN_CHUNKS.values(), ids=BROKEN_CHUNKS)
@pytest.mark.parametrize("pause", [0, 0.05], ids=["at once", "while the body is awaited"])
def test_35_broken_chunks_are_refused(wire, head, body, pause):
    wire.say(posted(head, CHUNKED), pause, body + head())
    assert is_refused(wire.hear_all(), 400, "malformed_request")


def test_a_refusal_waits_for_the_answers_before_it(wire, head):
    wire.say(head() + head() + posted(head, CHUNKED) + b"nonsense")
    replies = wire.hear_all()
    assert [reply.status for reply in replies] == [200, 200, 400]
    assert replies[-1].json["code"] == "malformed_request"


def test_a_written_order_is_answered_even_if_nonsense_follows(wire, head):
    body = b'{"order": {"lineItems": [{"productId": "1", "variantId": "2", "title": "a", "price": "1"}]}}'
    wire.say(posted(head, b"Content-Length: %d" % len(body)) + body + b"nonsense\r\n\r\n")
    replies = wire.hear_all()
    assert [reply.status for reply in replies][1:] == [400]
    assert replies[0].json.keys() & {"order", "errors"}


def test_a_trailer_is_no_header(wire, served, head):
    trailer = b"0\r\nX-Genstore-Access-Token: " + served.token + b"\r\n\r\n"
    wire.say(posted(head, CHUNKED, token=False) + b"2\r\n{}\r\n" + trailer)
    assert wire.hear().status == 401


def test_small_chunks_with_short_extensions_are_taken(wire, head):
    wire.say(posted(head, CHUNKED), b"".join(b"1;a=b\r\n \r\n" for _ in range(5_000)) + LAST)
    assert wire.hear().json["code"] == "unreadable"
    assert wire.is_open()


def test_chunks_that_are_all_extension_are_refused(wire, head):
    wire.say(posted(head, CHUNKED), 0.05, *([b"1;a=" + b"b" * 20_000, b"\r\n \r\n"] * 3))
    assert is_refused(wire.hear_all(), 400, "malformed_request")


# The head


@pytest.mark.parametrize(
    "lines",
    [[b"X: y"] * 101, [b"X: " + b"y" * 33_000], [b"X: " + b"y" * 1_000] * 33],
    ids=["too many lines", "a line too long", "too long in all"],
)
def test_a_head_too_large_is_refused(wire, head, lines):
    wire.say(head("GET", "/api/202412/orders", *lines))
    assert is_refused(wire.hear_all(), 431, "head_too_large")


def test_a_line_that_never_ends_is_cut(wire):
    wire.say(GET + b"X: ", *[b"y" * 10_000, 0.02] * 5)
    assert is_refused(wire.hear_all(), 431, "head_too_large")


def test_an_url_too_long_is_refused(wire, head):
    wire.say(head("GET", "/api/202412/orders?" + "ids=1&" * 2_000))
    assert is_refused(wire.hear_all(), 414, "url_too_long")


def test_a_large_head_within_the_bounds_is_served(wire, head):
    wire.say(head("GET", "/api/202412/orders/count", *[b"X-%d: " % i + b"y" * 300 for i in range(90)]))
    assert wire.hear().status == 200


def test_half_a_head_is_cut_in_time(hurried):
    began = time.monotonic()
    with Wire(hurried.address) as wire:
        wire.say(GET + b"Host: de")
        assert is_refused(wire.hear_all(), 408, "too_slow")
    assert 1.9 < time.monotonic() - began < USUAL


def test_half_a_second_head_is_cut_in_time(hurried_wire, hurried_head):
    hurried_wire.say(hurried_head() + b"G")
    assert [reply.status for reply in hurried_wire.hear_all()] == [200, 408]


def test_a_client_that_says_nothing_is_hung_up_on(hurried):
    began = time.monotonic()
    with Wire(hurried.address) as wire:
        assert wire.hear() is None
    assert 1.9 < time.monotonic() - began < USUAL


def test_blank_lines_do_not_keep_a_connection(hurried_wire, hurried_head):
    hurried_wire.say(hurried_head())
    assert hurried_wire.hear().status == 200
    hurried_wire.say(b"\r\n")
    assert [reply.status for reply in hurried_wire.hear_all()] == [408]


def test_35_a_thousand_slow_clients_do_not_stop_a_healthy_one(served, head, many_files):
    slow = [Wire(served.address).say(GET + HOST + b"X: ") for _ in range(SLOW)]
    with Wire(served.address) as healthy:
        for _ in range(20):
            for each in slow[:100]:
                with contextlib.suppress(ConnectionError):  # its time was up before it said this
                    each.say(b"y")
            assert healthy.say(head()).hear().status == 200
    for each in slow:
        with each:
            assert is_refused(each.hear_all(), 408, "too_slow")


# Connections that go on


def test_a_connection_is_kept_for_the_next_request(wire, head):
    for _ in range(3):
        assert wire.say(head()).hear().status == 200
    assert wire.is_open()


def test_requests_sent_ahead_are_answered_in_order(wire, head):
    paths = [f"/api/202412/orders/{number}" for number in range(100)]
    wire.say(b"".join(head("GET", path) for path in paths))
    for path in paths:
        assert path.rpartition("/")[2] in wire.hear().json["error"]
    assert wire.is_open()


def test_too_many_requests_sent_ahead_are_refused_after_the_others_were_answered(wire, head):
    wire.say(head() * 400)
    statuses = [reply.status for reply in wire.hear_all()]
    assert len(statuses) > 128
    assert set(statuses[:-1]) == {200}
    assert statuses[-1] == 400


def test_http_1_0_is_answered_and_closed(wire):
    wire.say(b"GET /healthz HTTP/1.0\r\n\r\n")
    assert [reply.status for reply in wire.hear_all()] == [200]


def test_an_url_on_the_own_host_is_taken_for_its_path(wire, head):
    assert wire.say(head("GET", "http://demo.localhost/api/202412/orders/count")).hear().status == 200


def test_websockets_are_refused(wire, head):
    wire.say(head("GET", "/api/202412/events", b"Connection: Upgrade", b"Upgrade: WebSocket") + b"\x81\x00")
    assert is_refused(wire.hear_all(), 400, "upgrade_not_supported")


@pytest.mark.parametrize("pause", [0, 0.05], ids=["at once", "head first"])
def test_an_offer_of_http_2_is_passed_over_and_the_body_read(wire, head, pause):
    offer = [b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABk"]
    wire.say(posted(head, *offer, b"Content-Length: 2"), pause, b"[]" + head())
    replies = [wire.hear(), wire.hear()]
    assert [reply.status for reply in replies] == [422, 200] or replies[0].json["error"].startswith(
        "The body"
    )
    assert replies[1].json.keys() == {"count"}


def test_an_offer_of_http_2_hides_no_second_request(wire, head):
    offer = [b"Connection: Upgrade", b"Upgrade: h2c", b"Content-Length: %d" % len(head())]
    wire.say(posted(head, *offer), 0.05, head())
    assert wire.hear().status == 400
    assert wire.is_open()
