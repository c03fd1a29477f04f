"""The pytest plug-in: fixtures `till`, `shop`, `webhooks`, `clock` and `chaos`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from till.testing import Attached, Chaos, Clock, Server, Shop, Webhooks, found_shop


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("till", "Till, a server for the Genstore API")
    group.addoption(
        "--till-url", metavar="URL", help="Use this server, started with `till serve --dev`, and start none."
    )
    group.addoption(
        "--till-log",
        type=Path,
        metavar="FILE",
        help="Append the log of the tests' server to FILE (with xdist, one file for each worker).",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "till_shop(**wishes): what the fixture `shop` shall be, e.g. till_shop(currency='JPY')"
    )


@pytest.fixture(scope="session")
def till(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real server with a store of its own, for all tests of this process."""
    url = pytestconfig.getoption("--till-url")
    if url:
        yield Attached(url)
        return
    with Server(tmp_path_factory.mktemp("till"), log=_log(pytestconfig)) as server:
        yield server


@pytest.fixture
def shop(till: Server, request: pytest.FixtureRequest) -> Shop:
    """A fresh shop with an app in it, which holds every scope; `till_shop` marks what shall be otherwise."""
    marker = request.node.get_closest_marker("till_shop")
    return found_shop(till, **(marker.kwargs if marker else {}))


@pytest.fixture
def webhooks(till: Server, shop: Shop) -> Iterator[Webhooks]:
    """An endpoint for the webhooks of `shop`, which receives what the test subscribes to."""
    endpoint = Webhooks(till, shop)
    yield endpoint
    endpoint.close()


@pytest.fixture
def clock(till: Server, request: pytest.FixtureRequest) -> Iterator[Clock]:
    """The server's clock; it is put right when the test ends.

    Beside `webhooks` it waits, before it is set forward, until what was sent is booked: the next attempt
    counts from then.
    """
    beside = request.getfixturevalue("webhooks") if "webhooks" in request.fixturenames else None
    found = Clock(till, before=beside.settled if beside else None)
    yield found
    found.reset()


@pytest.fixture
def chaos(till: Server) -> Iterator[Chaos]:
    """Faults of deliveries; they end with the test."""
    found = Chaos(till)
    yield found
    found.reset()


def _log(config: pytest.Config) -> Path | None:
    """Where the server logs; workers of xdist have a server and a file each."""
    wanted: Path | None = config.getoption("--till-log")
    worker = getattr(config, "workerinput", {}).get("workerid")
    if wanted is None or worker is None:
        return wanted
    return wanted.with_stem(f"{wanted.stem}-{worker}")
