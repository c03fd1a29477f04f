"""The address that a command listens on."""

import errno
import socket

from till.errors import Invalid

BACKLOG = 2_048


class PortTaken(Invalid):
    """Somebody else listens there."""


def listen(host: str, port: int) -> socket.socket:
    """Bind the address, and refuse in one sentence what cannot be bound."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror:
        raise Invalid(f"{host!r} is no address of this machine: give --host 127.0.0.1 or 0.0.0.0.") from None
    found = socket.socket(family, kind, protocol)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind(address)
        found.listen(BACKLOG)
    except OSError as error:
        found.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(
                f"Port {port} of {host} is taken: stop who listens there, or take a free one with --port 0."
            ) from None
        raise Invalid(f"Till cannot listen on {host}:{port}: {error.strerror}.") from None
    return found


def url_of(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
