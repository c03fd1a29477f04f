"""An endpoint that webhooks are sent to: it remembers each, and answers as the test says."""

import base64
import contextlib
import hmac
import json
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Received:
    """One webhook as it came; header names are in small letters, `body` are the exact bytes.

    `webhook_id` names the delivery in all its attempts, `event_id` the change that it tells of, `order`
    is the order that it is about, None where it is about something else. `at` is in seconds of this
    machine's clock. `error` is what the test's own function raised, which was then answered with 500.
    """

    topic: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    at: float = field(default_factory=time.time, repr=False)
    error: Exception | None = None

    def json(self) -> Any:
        """The body read as JSON."""
        return json.loads(self.body)

    @property
    def webhook_id(self) -> str:
        return self.headers.get("x-genstore-webhook-id", "")

    @property
    def event_id(self) -> str:
        return self.headers.get("x-genstore-event-id", "")

    @property
    def attempt(self) -> int:
        return int(self.headers.get("x-genstore-delivery-attempt", "1"))

    @property
    def order(self) -> str | None:
        payload = self.json()
        found = payload.get("order", {}).get("id") or payload.get("refund", {}).get("orderId")
        return None if found is None else str(found)

    def verify(self, secret: str) -> None:
        """Raise AssertionError unless both signatures are those of `secret` over these bytes."""
        __tracebackhide__ = True
        key = secret.encode()
        told = f"{self.headers.get('webhook-id')}.{self.headers.get('webhook-timestamp')}.".encode()
        own = self.headers.get("x-genstore-hmac-sha256", "")
        standard = self.headers.get("webhook-signature", "").split()
        if not hmac.compare_digest(own.encode(), _signature(key, self.body)):
            raise AssertionError(f"X-Genstore-Hmac-Sha256 of {self} is {own!r}, which is not of its body.")
        if b"v1," + _signature(key, told + self.body) not in [each.encode() for each in standard]:
            raise AssertionError(f"webhook-signature of {self} is {standard}, which is not of its body.")

    def __str__(self) -> str:
        about = f" of order {self.order}" if self.order else ""
        return f"{self.topic}{about}, attempt {self.attempt}, id {self.webhook_id}"


@dataclass(frozen=True)
class Answer:
    """What the endpoint says: after `delay` seconds, `status` with these headers and body."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0.0


Answering = Callable[[Received], Answer]


class Receiver:
    """An HTTP server on a free port of 127.0.0.1, in threads of its own, from the start until `close`."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.changed = threading.Condition()
        self._answering: Answering = lambda _: Answer()
        self._planned: deque[Answering] = deque()
        handler = type("Handler", (_Handler,), {"receiver": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        # The short poll is how long closing takes.
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def respond(self, answering: Answering, *, times: int | None = None) -> None:
        """Answer so from now on, or only to the next `times` webhooks."""
        with self.changed:
            if times is None:
                self._planned.clear()
                self._answering = answering
            else:
                self._planned.extend([answering] * times)

    def take(self, received: Received) -> Answer:
        """Find out what to answer, then remember it and wake who waits: the test sees what was done."""
        with self.changed:
            answering = self._planned.popleft() if self._planned else self._answering
        try:
            answer = answering(received)
        except Exception as error:  # noqa: BLE001 - whatever the test's own function raises is told to the test
            answer = Answer(status=500)
            received = replace(received, error=error)
        with self.changed:
            self.received.append(received)
            self.changed.notify_all()
        return answer

    def close(self) -> None:
        """Leave no thread and no connection behind; the sender keeps some open for the next webhook."""
        self._server.shutdown()
        self._server.server_close()
        self._server.hang_up()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self._open: set[Any] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        for connection in list(self._open):
            with contextlib.suppress(OSError):  # it may end by itself at this moment
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    receiver: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.receiver.take(Received(headers.get("x-genstore-topic", ""), headers, body))
        if answer.delay:
            time.sleep(answer.delay)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *_: Any) -> None:
        """What came is in `received`."""

    def handle(self) -> None:
        """A sender that hangs up, as a server does that is killed, is no fault of this one."""
        try:
            super().handle()
        except ConnectionError:
            self.close_connection = True


def _signature(key: bytes, content: bytes) -> bytes:
    return base64.b64encode(hmac.digest(key, content, "sha256"))
