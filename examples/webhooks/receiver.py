"""A receiver of webhooks: verify the raw bytes, keep them, answer 200, and only then work.

    CLIENT_SECRET=… python3 receiver.py --port 4000 --inbox inbox

Needs nothing but Python. What came lies in `inbox/new` until its work is done, then in `inbox/done`, so a
receiver that is started again finishes what it had accepted, and knows what it has seen.
"""

import argparse
import base64
import hmac
import json
import os
import queue
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

LONGEST = 10_000_000
ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def is_genuine(secret: str, body: bytes, signature: str) -> bool:
    """True if somebody signed these very bytes who knows the secret; the comparison takes constant time."""
    expected = base64.b64encode(hmac.digest(secret.encode(), body, "sha256"))
    return hmac.compare_digest(expected, signature.encode())


class Inbox:
    """Deliveries as files, named by their X-Genstore-Webhook-Id, which all attempts of one share."""

    def __init__(self, folder: Path) -> None:
        self.new, self.done = folder / "new", folder / "done"
        self.new.mkdir(parents=True, exist_ok=True)
        self.done.mkdir(exist_ok=True)
        self.waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
        for path in sorted(self.new.iterdir(), key=lambda path: path.stat().st_mtime_ns):
            self.waiting.put(path.name)
        self._lock = threading.Lock()

    def keep(self, name: str, delivery: dict[str, Any]) -> bool:
        """Store it; False if it is here already."""
        with self._lock:
            if (self.new / name).exists() or (self.done / name).exists():
                return False
            part = self.new.parent / f"{name}.part"
            part.write_text(json.dumps(delivery), encoding="utf-8")
            part.rename(self.new / name)  # whole or not at all, even if the process is killed here
        return True

    def read(self, name: str) -> dict[str, Any]:
        delivery: dict[str, Any] = json.loads((self.new / name).read_text(encoding="utf-8"))
        return delivery

    def finish(self, name: str) -> None:
        (self.new / name).rename(self.done / name)


class Handler(BaseHTTPRequestHandler):
    """Answers 200 for what is kept, 401 for what nobody signed."""

    protocol_version = "HTTP/1.1"
    timeout = 10
    secret: str
    inbox: Inbox

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        name = self.headers.get("X-Genstore-Webhook-Id", "")
        if not 0 <= length <= LONGEST or not ID.fullmatch(name):
            self.close_connection = True  # its body is not read
            self.answer(400)
            return
        body = self.rfile.read(length)  # these bytes are signed: parse them, but never print them anew
        if not is_genuine(self.secret, body, self.headers.get("X-Genstore-Hmac-Sha256", "")):
            say(f"refused  {name}: bad signature")
            self.answer(401)
            return
        topic = self.headers.get("X-Genstore-Topic", "")
        attempt = self.headers.get("X-Genstore-Delivery-Attempt", "1")
        if not self.inbox.keep(name, {"topic": topic, "payload": json.loads(body)}):
            say(f"again    {name} {topic}, attempt {attempt}: nothing to do")
            self.answer(200)
            return
        say(f"kept     {name} {topic}, attempt {attempt}")
        try:
            self.answer(200)
        finally:  # it is kept, even if the sender did not wait for the answer
            self.inbox.waiting.put(name)

    def answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing of each request: `say` does."""


def work(topic: str, payload: dict[str, Any]) -> str:
    """What the app is there for; it may take as long as it likes."""
    order = payload.get("order", {})
    return f"{topic}: order {order.get('name')} of {order.get('totalPrice')} {order.get('currency')}"


def work_on(inbox: Inbox) -> None:
    while True:
        name = inbox.waiting.get()
        delivery = inbox.read(name)
        say(f"done     {name} {work(delivery['topic'], delivery['payload'])}")
        inbox.finish(name)


def say(line: str) -> None:
    print(line, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Receive webhooks.")
    parser.add_argument("--port", type=int, default=4000, help="0 takes a free one")
    parser.add_argument("--inbox", type=Path, default=Path("inbox"))
    options = parser.parse_args()
    if not os.environ.get("CLIENT_SECRET"):
        sys.exit("Put the app's client secret into CLIENT_SECRET.")
    Handler.secret = os.environ["CLIENT_SECRET"]
    Handler.inbox = Inbox(options.inbox)
    with ThreadingHTTPServer(("127.0.0.1", options.port), Handler) as server:
        say(f"receiver on http://127.0.0.1:{server.server_port}/")
        threading.Thread(target=work_on, args=(Handler.inbox,), daemon=True).start()
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            say("stopped")


if __name__ == "__main__":
    main()
