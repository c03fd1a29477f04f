"""What the server and its workers say to each other: frames of a length in four bytes and MessagePack."""

import socket

import msgspec

HEAD = 4
# The exit status of a worker that had too little memory left to say so.
NO_MEMORY = 77


class Asked(msgspec.Struct, array_like=True):
    """One job: the dotted name of its function and its arguments, packed.

    An argument with a key is kept by the worker under it; one without a value is there already.
    What is in `forget` is needed no more.
    """

    job: str
    values: list[bytes]
    keys: list[str]
    forget: list[str]


class Told(msgspec.Struct, array_like=True):
    """What came of it: `result` packed, or the `kind` of the breach and where in the theme it stood.

    `cpu` is in seconds; a worker that `is_worn` had better be replaced before its next job.
    """

    kind: str
    cpu: float = 0.0
    is_worn: bool = False
    result: bytes = b""
    file: str = ""
    line: int = 0
    detail: str = ""


class Ended(msgspec.Struct, array_like=True):
    """How a worker ended: its exit status or negative signal, CPU seconds and its most memory in bytes."""

    status: int
    cpu: float
    peak: int


def framed(message: object) -> bytes:
    body = msgspec.msgpack.encode(message)
    return len(body).to_bytes(HEAD, "big") + body


def received(link: socket.socket) -> bytes:
    """The next frame's body, waited for; empty where the other side is gone."""
    length = _exactly(link, HEAD)
    return _exactly(link, int.from_bytes(length, "big")) if length else b""


def _exactly(link: socket.socket, size: int) -> bytes:
    room = bytearray(size)
    rest = memoryview(room)
    while rest:
        got = link.recv_into(rest)
        if not got:
            return b""
        rest = rest[got:]
    return bytes(room)
