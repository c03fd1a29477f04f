"""A client that says exactly the bytes it is told, and reads whatever HTTP comes back."""

import contextlib
import json
import socket
import time
from dataclasses import dataclass

PATIENCE = 60
GET = b"GET /api/202412/orders HTTP/1.1\r\n"
CHUNKED = b"Transfer-Encoding: chunked"
LAST = b"0\r\n\r\n"


@dataclass
class Reply:
    status: int
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


class Wire:
    """One connection; `say` sends bytes, and waits where it is given seconds instead."""

    def __init__(self, address):
        self._socket = socket.create_connection(address, timeout=PATIENCE)
        self._buffer = b""
        self.ended = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def say(self, *parts):
        for part in parts:
            if isinstance(part, bytes):
                self._socket.sendall(part)
            else:
                time.sleep(part)
        return self

    def hear(self, *, after_head=True):
        """The next reply; None when the server has closed in good order. A reset is an error."""
        while (head := self._buffer.partition(b"\r\n\r\n"))[1] == b"":
            if not self._more():
                assert self._buffer == b"", self._buffer
                return None
        lines = head[0].decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
        size = int(headers.get("content-length", 0)) if after_head else 0
        self._buffer = head[2]
        while len(self._buffer) < size:
            assert self._more(), "closed within a body"
        body, self._buffer = self._buffer[:size], self._buffer[size:]
        return Reply(int(lines[0].split()[1]), headers, body)

    def hear_all(self):
        """Every reply until the server closes."""
        replies = []
        while (reply := self.hear()) is not None:
            replies.append(reply)
        return replies

    def is_open(self):
        """True when nothing more comes, and no end either."""
        self._socket.settimeout(0.1)
        with contextlib.suppress(TimeoutError):
            self._more()
        self._socket.settimeout(PATIENCE)
        return not self.ended and not self._buffer

    def _more(self):
        data = self._socket.recv(65_536)
        self._buffer += data
        self.ended = not data
        return bool(data)


def is_refused(replies, status, code):
    assert [reply.status for reply in replies] == [status]
    reply = replies[0]
    assert reply.headers["connection"] == "close"
    assert reply.headers["content-type"].startswith("application/json")
    assert list(reply.json) == ["error", "code", "errors", "requestId"]
    assert reply.json["code"] == code
    assert reply.headers["x-request-id"] == reply.json["requestId"]
    return True


def posted(head, *lines, **given):
    return head("POST", "/api/202412/orders", *lines, **given)
