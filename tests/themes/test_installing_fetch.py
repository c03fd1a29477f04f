"""Packages are fetched as guarded as webhooks are sent: no private place, no end, no large file."""

import asyncio
import contextlib

import package_zips as zips
import pytest

from byte_receiver import HERE, Authority, receiving
from till.deliveries.addresses import read_networks
from till.deliveries.fetching import MOST_HOPS, Fetcher
from till.deliveries.guard import Rules
from till.themes.installing import NotNow
from till.themes.package_refused import BadPackage

FILE = zips.zipped(zips.GOOD)
# Where the receivers of these tests are, and nothing else that is private.
ONE = Rules(plain_http=True, allow=read_networks(["127.0.0.1/32"]))


def served(body=FILE, status=b"200 OK", *, length=None, more=b""):
    head = b"HTTP/1.1 " + status + b"\r\nConnection: close\r\n" + more
    size = len(body) if length is None else length
    return head + b"Content-Length: %d\r\n\r\n" % size + body


def moved(to, status=b"302 Found"):
    return served(b"", status, more=b"Location: " + to.encode() + b"\r\n")


@contextlib.asynccontextmanager
async def fetching(rules=HERE, **more):
    fetch = Fetcher(rules, **more)
    try:
        yield fetch
    finally:
        await fetch.close()


def fetched(run, answer, *, rules=HERE, url=None, **more):
    """What comes of fetching from a receiver that answers so."""

    async def story():
        async with receiving(answer) as receiver, fetching(rules, **more) as fetch:
            return await fetch(url or receiver.url("/theme.zip")), receiver

    return run(story())


def test_what_lies_there_comes_as_it_is(run):
    content, receiver = fetched(run, served())
    assert content == FILE
    assert receiver.requests[0].line == "GET /theme.zip HTTP/1.1"
    assert receiver.requests[0].header("accept-encoding") == "identity"
    assert receiver.requests[0].header("cookie") is None


def test_a_redirect_is_followed(run):
    async def story():
        async with (
            receiving(served()) as last,
            receiving(moved(last.url("/real.zip"))) as first,
            fetching() as fetch,
        ):
            assert await fetch(first.url("/theme.zip")) == FILE
            assert last.requests[0].line == "GET /real.zip HTTP/1.1"

    run(story())


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("http://169.254.169.254/latest", "169.254.169.254, which is not a public address"),
        ("http://127.0.0.2/x", "127.0.0.2, which is not a public address"),
        ("http://[::ffff:10.0.0.1]/x", "which is not a public address"),
        ("http://inner.example/x", "inner.example leads to 10.0.0.1, which is not a public address"),
        ("http://127.0.0.1:6379/x", "has the port 6379"),
        ("ftp://example.com/x", "must begin with https://"),
        ("file:///etc/passwd", "must begin with https://"),
    ],
)
def test_a_redirect_to_a_private_place_is_not_followed(run, target, said):
    with pytest.raises(BadPackage) as refused:
        fetched(run, moved(target), rules=ONE, look_up=lambda _: ["10.0.0.1"])
    assert "could not be fetched from" in refused.value.message
    assert said in refused.value.message


def test_a_redirect_away_from_https_is_not_followed(run, tmp_path):
    authority = Authority(tmp_path)

    async def story():
        tls = authority.server("localhost")
        async with (
            receiving(served()) as plain,
            receiving(moved(plain.url()), tls=tls) as safe,
            fetching(ca_file=authority.ca) as fetch,
        ):
            with pytest.raises(BadPackage, match="leads from https:// to"):
                await fetch(safe.url(scheme="https", host="localhost"))
            assert plain.connections == 0

    run(story())


def test_circles_end(run):
    with pytest.raises(BadPackage, match=f"leads on more than {MOST_HOPS} times"):
        fetched(run, moved("/again"))


@pytest.mark.parametrize("status", [b"404 Not Found", b"403 Forbidden", b"204 No Content", b"206 Partial"])
def test_an_answer_without_the_package_is_a_reason(run, status):
    with pytest.raises(BadPackage, match=f"the server answered {status[:3].decode()}"):
        fetched(run, served(b"", status))


@pytest.mark.parametrize("status", [b"500 Oh", b"503 Busy", b"429 Slow"])
def test_an_answer_that_may_pass_is_asked_for_again(run, status):
    with pytest.raises(NotNow, match=f"the server answered {status[:3].decode()}"):
        fetched(run, served(b"", status))


def test_a_file_that_says_it_is_too_large_is_not_read(run):
    with pytest.raises(BadPackage, match="is 5 GiB large, and the limit is 50 MiB"):
        fetched(run, served(b"x", length=5 << 30))


def test_a_file_without_an_end_is_cut_off(run):
    async def pour(request, writer, receiver):
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            while True:
                writer.write(bytes(65_536))
                await writer.drain()

    with pytest.raises(BadPackage, match="goes on after 1 MiB"):
        fetched(run, pour, most=1 << 20)


def test_who_says_nothing_is_waited_for_so_long(run):
    async def silence(request, writer, receiver):
        await asyncio.sleep(30)

    with pytest.raises(NotNow, match=r"the server did not answer within 0\.3 s"):
        fetched(run, silence, seconds=0.3)


def test_nobody_there_may_be_there_later(run):
    with pytest.raises(NotNow, match="no connection to"):
        fetched(run, served(), url="http://127.0.0.1:1030/theme.zip")


def test_a_name_that_leads_to_a_private_address_is_not_dialled(run):
    url, away = "http://rebound.example:8080/x", ["127.0.0.2"]
    with pytest.raises(BadPackage, match=r"leads to 127\.0\.0\.2, which is not a public address"):
        fetched(run, served(), rules=ONE, url=url, look_up=lambda _: away)
