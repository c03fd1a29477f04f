"""A served SQLite store with short time-outs, for clients that misbehave."""

from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from running import seed, serve
from wire import Wire


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("served")
    token = seed(folder).accessToken
    limits = {"TILL_HEADER_TIMEOUT": "1", "TILL_BODY_TIMEOUT": "1", "TILL_MAX_BODY": "100000"}
    with serve(folder, **limits) as running:
        address = urlsplit(running.url)
        yield SimpleNamespace(address=(address.hostname, address.port), token=token.encode(), running=running)


@pytest.fixture
def wire(served):
    with Wire(served.address) as found:
        yield found


@pytest.fixture
def head(served):
    """Write the head of a request that the gate lets in; `lines` are further headers."""

    def write(method="GET", target="/api/202412/orders/count", *lines, token=True):
        own = [b"X-Genstore-Access-Token: " + served.token] if token else []
        first = f"{method} {target} HTTP/1.1".encode("latin-1")
        return b"\r\n".join([first, b"Host: demo.localhost", *own, *lines, b"", b""])

    return write
