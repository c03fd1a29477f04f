"""Somebody who develops an app: a server in development mode, the app, and `till listen` between them."""

import contextlib
import json
import signal
import subprocess
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from running import PATIENCE, serve, start, till
from till.deliveries.mistakes import is_signed
from till.testing.ports import free_port


def dev(url, method, path, body=None, **headers):
    """A call below /dev."""
    sent = {"X-Till-Dev": "1", "Content-Type": "application/json"} | headers
    request = urllib.request.Request(
        f"{url}/dev{path}", None if body is None else json.dumps(body).encode(), sent, method=method
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


@dataclass
class App:
    """What takes webhooks; `answers` are the statuses that come next, 200 after them."""

    port: int
    secret: str
    taken: list = field(default_factory=list)
    answers: list = field(default_factory=list)
    server: ThreadingHTTPServer = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/webhooks?a=b"

    def start(self):
        app = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = app.answers.pop(0) if app.answers else 200
                app.taken.append((self.path, dict(self.headers), body, status))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        ThreadingHTTPServer.allow_reuse_address = True
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def stop(self):
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def topics(self):
        return [headers["X-Genstore-Topic"] for _, headers, _, status in self.taken if status < 300]

    def names(self):
        """The orders that were told, as often as they were."""
        return [json.loads(body)["order"]["name"] for _, _, body, status in self.taken if status < 300]

    def must_be_signed(self):
        for _, headers, body, _ in self.taken:
            assert is_signed(self.secret, body, headers["X-Genstore-Hmac-Sha256"])
            signed = (headers["webhook-id"], int(headers["webhook-timestamp"]))
            assert is_signed(self.secret, body, headers["webhook-signature"], signed=signed)


class Listening:
    """A `till listen --json` at work, and what it has said."""

    def __init__(self, process):
        self.process = process
        self.said = []
        self._more = threading.Condition()
        threading.Thread(target=self._hear, daemon=True).start()

    def _hear(self):
        with contextlib.suppress(ValueError):  # closed by the test
            for line in self.process.stdout:
                with self._more:
                    self.said.append(json.loads(line))
                    self._more.notify_all()

    def until(self, fits, seconds=PATIENCE):
        """Wait until what was said fits."""
        with self._more:
            assert self._more.wait_for(lambda: fits(self.said), seconds), (self.said, self.process.poll())
        return self.said

    def notices(self):
        return [each["notice"] for each in self.said if "notice" in each]

    def posted(self, count):
        """Wait until so many events were posted; answers their cursors."""
        self.until(lambda said: sum("cursor" in each and "topic" in each for each in said) >= count)
        return [int(each["cursor"]) for each in self.said if "topic" in each]

    def noticed(self, kind):
        return self.until(lambda _: kind in self.notices())

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


class Developer:
    """A server that can be stopped and started again on its port, a shop in it, and an app."""

    def __init__(self, folder, stack, wishes):
        self.folder, self._stack = folder, stack
        self.port = free_port()
        self._serving = None
        self.start()
        self.shop = dev(self.url, "POST", "/shops", wishes)
        self.app = App(free_port(), self.shop["clientSecret"])
        stack.callback(self.app.stop)
        self.known = {
            "TILL_URL": self.url,
            "TILL_TOKEN": self.shop["accessToken"],
            "XDG_STATE_HOME": str(folder / "state"),
        }

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        self._serving = contextlib.ExitStack()
        place = serve(self.folder / "data", "--dev", "--port", str(self.port))
        self.running = self._serving.enter_context(place)
        self._stack.callback(self._serving.close)

    def stop(self):
        """Stop the server in good order; answers how long that took."""
        began = time.monotonic()
        self.running.stop()
        self._serving.close()
        return time.monotonic() - began

    def kill(self):
        self.running.kill()
        self._serving.close()

    def run(self, *arguments, **more):
        return till(*arguments, check=False, **self.known, **more)

    def says(self, *arguments, **more):
        done = self.run(*arguments, **more)
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
        return done.stdout

    def json(self, *arguments, **more):
        return json.loads(self.says(*arguments, "--json", **more))

    def order(self, **fields):
        """A new order; answers its name."""
        sent = [f"--{name}={value}" for name, value in fields.items()]
        return self.json("orders", "create", "--line", "Tea=5*2", *sent)["order"]["name"]

    def listen(self, *arguments):
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        to = ("--forward-to", self.app.url)
        process = start("listen", *to, "--json", *arguments, **pipes, **self.known)
        self._stack.callback(_end, process)
        found = Listening(process)
        found.noticed("listening")
        return found


def _end(process):
    if process.poll() is None:
        process.kill()
    process.wait()
    process.stdout.close()
    process.stderr.close()


@contextlib.contextmanager
def developing(folder, **wishes):
    """A developer at work; `wishes` are those of her shop."""
    with contextlib.ExitStack() as stack:
        yield Developer(folder, stack, wishes)
