"""Names to addresses: within two seconds, remembered for ten, and refused if any answer is forbidden."""

import asyncio
import errno
import socket
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar

from aiohttp.abc import AbstractResolver, ResolveResult

from till.deliveries.addresses import Address, Allowed, is_forbidden, is_loopback, read_address

BUDGET = 2.0
REMEMBERED = 10.0
MOST_NAMES = 1024
# So long after an answer the system's resolver is taken to be there.
THERE = 60.0
THREADS = 16
NO_HANDLES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL})
NO_NAME = frozenset(
    {
        socket.EAI_NONAME,
        socket.EAI_FAIL,
        socket.EAI_FAMILY,
        *((socket.EAI_NODATA,) if hasattr(socket, "EAI_NODATA") else ()),
    }
)

# Blocking: the addresses of a name as text, or `socket.gaierror`.
LookUp = Callable[[str], list[str]]


class Marks:
    """When each step of one request was reached, in nanoseconds; None for what was not."""

    __slots__ = ("connect_by", "connected", "dialled", "dns_from", "dns_to", "sockets_from", "tls_from")

    def __init__(self) -> None:
        self.dns_from: int | None = None
        self.dns_to: int | None = None
        self.sockets_from: int | None = None
        self.connect_by = 0
        self.tls_from: int | None = None
        self.connected: int | None = None
        self.dialled: str | None = None


# Those of the request that is being sent by the running task, or by tasks that were begun for it.
MARKS: ContextVar[Marks] = ContextVar("MARKS")


class Forbidden(OSError):
    """What was to be dialled must not be."""


class NoName(OSError):
    """The name has no address."""


class ResolverDown(OSError):
    """Nothing can be said about the name, for want of a resolver or a thread."""


def system_look_up(name: str) -> list[str]:
    """What the system's resolver says."""
    found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return [str(sockaddr[0]) for *_, sockaddr in found]


class Names(AbstractResolver):
    """Looks names up in threads of its own, each once however many ask for it."""

    def __init__(self, allowed: Allowed, look_up: LookUp = system_look_up) -> None:
        self._allowed = allowed
        self._look_up = look_up
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="till-names")
        self._known: OrderedDict[str, tuple[float, list[Address]]] = OrderedDict()
        self._asked: dict[str, asyncio.Task[list[Address]]] = {}
        self._heard = -THERE

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Every address of `host`; `Forbidden` if only one of them is."""
        del family
        marks = MARKS.get()
        marks.dns_from = time.perf_counter_ns()
        try:
            addresses = await self._addresses(host)
        finally:
            marks.dns_to = time.perf_counter_ns()
        for address in addresses:
            if is_forbidden(address, self._allowed):
                raise Forbidden(
                    f"{host} leads to {address}, which is not a public address: use a public one, or have "
                    "the operator allow its network."
                )
        return [
            ResolveResult(
                hostname=host,
                host=str(address),
                port=port,
                family=socket.AF_INET if address.version == 4 else socket.AF_INET6,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        """Let go of the threads; who still waits for a name is cancelled."""
        for task in self._asked.values():
            task.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _addresses(self, host: str) -> list[Address]:
        until, known = self._known.get(host, (0.0, []))
        if time.monotonic() < until:
            return known
        task = self._asked.get(host)
        if task is None:
            task = self._asked[host] = asyncio.create_task(self._ask(host))
            task.add_done_callback(lambda done: self._answered(host, done))
        return await asyncio.shield(task)

    def _answered(self, host: str, task: asyncio.Task[list[Address]]) -> None:
        del self._asked[host]
        if task.cancelled() or task.exception() is not None:
            return
        self._known[host] = (time.monotonic() + REMEMBERED, task.result())
        self._known.move_to_end(host)
        if len(self._known) > MOST_NAMES:
            self._known.popitem(last=False)

    async def _ask(self, host: str) -> list[Address]:
        begun = False

        def work() -> list[str]:
            nonlocal begun
            begun = True
            return self._look_up(host)

        try:
            async with asyncio.timeout(BUDGET):
                found = await asyncio.get_running_loop().run_in_executor(self._threads, work)
            addresses = [read_address(text) for text in dict.fromkeys(found)]
        except TimeoutError:
            if not begun:
                raise ResolverDown("No thread was free to look the name up.") from None
            raise self._unheard(host, f"within {BUDGET:g} s") from None
        except socket.gaierror as error:
            raise self._unfound(host, error) from None
        if not all(map(is_loopback, addresses)):
            self._heard = time.monotonic()
        if not addresses:
            raise NoName(f"The name {host} has no address: check its spelling.")
        return addresses

    def _unfound(self, host: str, error: socket.gaierror) -> OSError:
        if error.errno == socket.EAI_MEMORY or _has_no_handles():
            return ResolverDown("No file handle was free to look the name up.")
        if error.errno in NO_NAME:
            self._heard = time.monotonic()
            return NoName(f"The name {host} has no address: check its spelling.")
        return self._unheard(host, "for now")

    def _unheard(self, host: str, how: str) -> OSError:
        """Nobody knows the name, or nobody was there to ask: the latter where all names have been silent."""
        if time.monotonic() - self._heard < THERE:
            return NoName(f"The name {host} could not be looked up {how}: its name servers do not answer.")
        return ResolverDown("The resolver of this server does not answer.")


def _has_no_handles() -> bool:
    try:
        socket.socket().close()
    except OSError as error:
        return error.errno in NO_HANDLES
    return False
