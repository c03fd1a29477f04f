"""Connections: every socket address is checked at the moment at which it is dialled.

The socket factory is the one place that sees names, literals and whatever a library makes of either,
so that no name can lead elsewhere between the check and the connection (delivery.md §4.2).
"""

import asyncio
import errno
import socket
import ssl
import time
from functools import cache
from pathlib import Path
from typing import Any

from aiohttp import ClientRequest, ClientTimeout, TCPConnector
from aiohttp.connector import AddrInfoType, Connection
from aiohttp.tracing import Trace

from till.deliveries.addresses import Address, Allowed, is_forbidden, is_let_through, read_address
from till.deliveries.names import MARKS, NO_HANDLES, Forbidden, LookUp, Names
from till.errors import Invalid

# Seconds for all addresses of a name together, the secure handshake included.
CONNECT_BUDGET = 3.0
PER_HOST = 16
IN_ALL = 256
# Shorter than the five seconds after which Node and uvicorn close a connection, so that none is used at the
# moment at which it ends.
KEPT = 4.0
# Enough for any sensible answer; the rest of a long one stays with who sends it.
RECEIVE_BUFFER = 32 * 1024
DOCUMENTATION = read_address("192.0.2.1")


class Connector(TCPConnector):
    """Dials what may be dialled, and notes when each step was reached.

    `receive_buffer` is in bytes; with None the system makes it as large as the connection needs.
    """

    def __init__(
        self,
        allowed: Allowed,
        look_up: LookUp,
        *,
        ca_file: Path | None,
        receive_buffer: int | None = RECEIVE_BUFFER,
    ) -> None:
        self._allowed = allowed
        self._receive_buffer = receive_buffer
        super().__init__(
            resolver=Names(allowed, look_up),
            use_dns_cache=False,
            socket_factory=self.open_socket,
            ssl=tls_context(ca_file),
            limit=IN_ALL,
            limit_per_host=PER_HOST,
            keepalive_timeout=KEPT,
        )

    async def connect(
        self,
        req: ClientRequest,
        traces: list[Trace],
        timeout: ClientTimeout,  # noqa: ASYNC109 - the library's own signature
    ) -> Connection:
        marks = MARKS.get()
        connection = await super().connect(req, traces, timeout)
        marks.connected = time.perf_counter_ns()
        if connection.transport is not None:
            marks.dialled = spell(connection.transport.get_extra_info("peername"))
        if marks.sockets_from is not None and connection.protocol is not None and connection.protocol.closed:
            connection.protocol.closed.add_done_callback(_look)
        return connection

    def open_socket(self, found: AddrInfoType) -> socket.socket:
        """A socket for an address that may be dialled; `Forbidden` before there is one otherwise."""
        family, kind, protocol, _, sockaddr = found
        marks, now = MARKS.get(), time.perf_counter_ns()
        if marks.sockets_from is None:
            marks.sockets_from = now
            marks.connect_by = now + int(CONNECT_BUDGET * 1e9)
        marks.dialled = spell(sockaddr)
        address = read_address(str(sockaddr[0]))
        if is_forbidden(address, self._allowed):
            raise Forbidden(f"{address} is not a public address.")
        if not is_let_through(address, self._allowed) and is_own(address):
            raise Forbidden(
                f"{address} is an address of this server itself: have the operator allow it, or use another."
            )
        if now > marks.connect_by:
            raise OSError(errno.ETIMEDOUT, "no address could be connected to in time")
        opened = socket.socket(family, kind, protocol)
        if self._receive_buffer is not None:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._receive_buffer)
        return opened


def _look(closed: asyncio.Future[None]) -> None:
    """See how a connection ended, lest asyncio complain that nobody did."""
    closed.exception()


class _Tls(ssl.SSLContext):
    """Notes when the secure handshake begins, which nothing else tells."""

    def wrap_bio(self, *args: Any, **options: Any) -> ssl.SSLObject:
        if (marks := MARKS.get(None)) is not None:
            marks.tls_from = time.perf_counter_ns()
        return super().wrap_bio(*args, **options)


@cache
def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """Certificates are always verified, by the system's authorities and those of `ca_file`.

    Read once in a process: the system's authorities are many, and all that dials trusts the same.
    """
    context = _Tls(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    context.load_default_certs()
    if ca_file is not None:
        try:
            context.load_verify_locations(ca_file)
        except ssl.SSLError:
            raise Invalid(f"{ca_file} holds no certificates: give a file in PEM form.") from None
    return context


def spell(sockaddr: Any) -> str:
    """`ip:port` of a socket address, with brackets around IPv6."""
    host, port = sockaddr[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def is_own(address: Address) -> bool:
    """True when this host itself has `address`: then, and only then, it can be bound to. Nothing is sent."""
    return _binds(address) and not _binds_to_anything()


def _binds(address: Address) -> bool:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError as error:
        if error.errno in NO_HANDLES - {errno.EADDRNOTAVAIL}:
            raise
        return False
    return True


@cache
def _binds_to_anything() -> bool:
    """True where the system lets addresses be bound to that it does not have (ip_nonlocal_bind)."""
    return _binds(DOCUMENTATION)
