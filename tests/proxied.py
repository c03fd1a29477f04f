"""`till proxy` as a process before a real server, and ways to speak through it."""

import contextlib
import json
import select
import socket
import ssl
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

from asking import ask
from running import PATIENCE, environment, seed, serve, start

HOST = "demo.genmystore.com"
NEW = {"lineItems": [{"productId": "1", "variantId": "2", "title": "Tea", "price": "1", "quantity": 1}]}
ORDER = json.dumps({"order": NEW}).encode()


@dataclass
class Proxied:
    """A proxy at work: what it said, and its process."""

    process: subprocess.Popen
    said: dict
    folder: Path
    errors: Path

    @property
    def port(self):
        return int(self.said["url"].rpartition(":")[2])

    @property
    def variables(self):
        return environment(**self.said["environment"])

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def tunnel(self, place=f"{HOST}:443"):
        """A raw connection in which the tunnel stands."""
        raw = self.connect()
        raw.sendall(f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n\r\n".encode())
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            got = raw.recv(1)
            assert got, head
            head += got
        assert head.startswith(b"HTTP/1.1 200"), head
        return raw

    def secure(self, host=HOST):
        """TLS with `host` through a tunnel, checked against the bundle that apps are told to trust."""
        trusted = ssl.create_default_context(cafile=self.said["environment"]["SSL_CERT_FILE"])
        raw = self.tunnel(f"{host}:443")
        try:
            return trusted.wrap_socket(raw, server_hostname=host)
        except OSError:
            raw.close()
            raise

    def told(self):
        return self.errors.read_text()


def heard(link):
    """All that comes until the other side ends."""
    found = bytearray()
    with contextlib.suppress(ssl.SSLEOFError):
        while piece := link.recv(65_536):
            found += piece
    return found


def request(link, *lines, body=b""):
    """Send one request, its lines given without line ends; the whole answer as status and body."""
    link.sendall("\r\n".join([*lines, "", ""]).encode() + body)
    with link.makefile("rb") as file:
        return answer(file)


def answer(file):
    """One answer off `file`: status, headers, body."""
    status = int(file.readline().split()[1])
    headers = {}
    while (line := file.readline().decode().strip()) != "":
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return status, headers, file.read(int(headers.get("content-length", 0)))


@contextlib.contextmanager
def proxy(to, folder, *options, **more):
    """Start `till proxy` on a free port."""
    with tempfile.NamedTemporaryFile(prefix="till-proxy-log-") as errors:
        told = ("--port", "0", "--to", to, "--folder", folder, "--json", *options)
        process = start("proxy", *told, stdout=subprocess.PIPE, stderr=errors, **more)
        try:
            ready, _, _ = select.select([process.stdout], [], [], PATIENCE)
            line = process.stdout.readline() if ready else ""
            assert line, Path(errors.name).read_text()
            yield Proxied(process, json.loads(line), Path(folder), Path(errors.name))
        finally:
            process.terminate()
            process.wait(PATIENCE)
            process.stdout.close()


class Other(ThreadingHTTPServer):
    """A foreign host on this machine; `seen` are the heads that it got. GET /many/N sends N bytes."""

    daemon_threads = True

    def __init__(self, tls=None):
        super().__init__(("127.0.0.1", 0), OtherHandler)
        self.seen = []
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True)

    @property
    def place(self):
        return f"127.0.0.1:{self.server_port}"


class OtherHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        size = int(self.path.rpartition("/")[2]) if self.path.startswith("/many/") else len(b"other")
        self.send_response(200)
        self.send_header("Content-Length", str(size))
        self.end_headers()
        if not self.path.startswith("/many/"):
            self.wfile.write(b"other")
            return
        piece = bytes(65_536)
        with contextlib.suppress(OSError):
            for start in range(0, size, len(piece)):
                self.wfile.write(piece[: size - start])

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def other(tls=None):
    server = Other(tls)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def before_till(folder):
    """A proxy before a server with two orders: `token`, `running`, `proxy`."""
    token = seed(folder / "data").accessToken
    with serve(folder / "data") as running, proxy(running.url, folder / "files") as found:
        for _ in range(2):
            assert ask(running.url, "/orders", token, {"order": NEW})[0] == 200
        yield SimpleNamespace(token=token, running=running, proxy=found)


def own(place, method="GET", target="/api/202412/orders", *more, host=HOST):
    """The lines of a request with the app's token."""
    return (f"{method} {target} HTTP/1.1", f"Host: {host}", f"X-Genstore-Access-Token: {place.token}", *more)
