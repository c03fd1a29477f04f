"""What is sent to an address, and what came of it."""

from enum import StrEnum

from msgspec import Struct

Pairs = tuple[tuple[str, str], ...]

OK = range(200, 300)


class ErrorClass(StrEnum):
    """Why an attempt failed, as it is kept and shown (delivery.md §8)."""

    STATUS = "status"  # a whole answer, but not 200 to 299
    TIMEOUT = "timeout"  # of the connection, or of the whole
    DNS = "dns"  # the name has no address
    CONNECT = "connect"  # refused or unreachable
    TLS = "tls"  # no secure connection, or a certificate that is not trusted
    TLS_NAME = "tls_name"  # the certificate is that of another name
    RESET = "reset"  # the connection ended before the answer did
    PROTOCOL = "protocol"  # the answer is not HTTP, or longer in its head than is read
    REFUSED_ADDRESS = "refused_address"  # the address itself is forbidden, nothing was sent
    FORBIDDEN_ADDRESS = "forbidden_address"  # its name led to a forbidden address, nothing was sent
    OURS = "ours"  # the fault is the server's own, and counts against nobody


class Timings(Struct, frozen=True, kw_only=True):
    """How long each part took in microseconds; None for what was not reached, or not needed.

    `dns`, `connect` and `tls` are those of a new connection. `first_byte` counts from when the
    connection was there until the head of the answer was, `total` from the beginning to the end.
    """

    dns: int | None = None
    connect: int | None = None
    tls: int | None = None
    first_byte: int | None = None
    total: int = 0


class Post(Struct, frozen=True, kw_only=True):
    """One request: `body` as it is, `headers` as they are; `timeout` in seconds is for all of it."""

    address: str
    headers: Pairs
    body: bytes
    timeout: float


class Outcome(Struct, frozen=True, kw_only=True):
    """What came of one request.

    `status` is that of the answer, even where its body failed. `error` and `sentence` stand together.
    `dialled` is the `ip:port` that was spoken to. Of the answer at most 100 `headers` of together
    16 KiB and 16 KiB of `body` are kept; `bytes_read` is what was read of the body. `retry_after` is
    what the answer asked for, in seconds from then on.
    """

    status: int | None = None
    error: ErrorClass | None = None
    sentence: str | None = None
    dialled: str | None = None
    timings: Timings = Timings()
    headers: Pairs = ()
    body: bytes = b""
    bytes_read: int = 0
    retry_after: int | None = None

    @property
    def is_delivered(self) -> bool:
        """True when the receiver answered 200 to 299, and wholly."""
        return self.error is None and self.status is not None and self.status in OK
