"""A served SQLite store, for clients that misbehave, and one that is in a hurry, for those that are slow."""

import contextlib
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from running import seed, serve
from wire import Wire


@contextlib.contextmanager
def serving(folder, seconds):
    """A server that gives a head, and a body, so many seconds to arrive."""
    token = seed(folder).accessToken
    limits = {"TILL_HEADER_TIMEOUT": seconds, "TILL_BODY_TIMEOUT": seconds, "TILL_MAX_BODY": "100000"}
    with serve(folder, **limits) as running:
        address = urlsplit(running.url)
        yield SimpleNamespace(address=(address.hostname, address.port), token=token.encode(), running=running)


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("served"), "5") as found:
        yield found


@pytest.fixture(scope="session")
def hurried(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("hurried"), "2") as found:
        yield found


@pytest.fixture
def wire(served):
    with Wire(served.address) as found:
        yield found


@pytest.fixture
def hurried_wire(hurried):
    with Wire(hurried.address) as found:
        yield found


@pytest.fixture
def head(served):
    return head_of(served)


@pytest.fixture
def hurried_head(hurried):
    return head_of(hurried)


def head_of(server):
    """Write the head of a request that the gate lets in; `lines` are further headers."""

    def write(method="GET", target="/api/202412/orders/count", *lines, token=True):
        own = [b"X-Genstore-Access-Token: " + server.token] if token else []
        first = f"{method} {target} HTTP/1.1".encode("latin-1")
        return b"\r\n".join([first, b"Host: demo.localhost", *own, *lines, b"", b""])

    return write
