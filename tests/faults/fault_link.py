"""The way between a worker and its database, which can be cut as a network is: nothing comes through, no end.

`Link` is a proxy that stops to carry; `Namespace` a network of its own behind a pair of interfaces, of which
one is taken down. Both know only loopback and a private network of this machine.
"""

import contextlib
import socket
import subprocess
import threading
import time

NAME = "tillfaults"
OURS, THEIRS = "10.213.97.1", "10.213.97.2"
CHUNK = 65_536


class Link:
    """Carries bytes from `host` to a port of loopback, and back, while it is whole."""

    def __init__(self, port, host="127.0.0.1"):
        self._port = port
        self._whole = threading.Event()
        self._whole.set()
        self._ended = False
        self._listening = socket.create_server((host, 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def cut(self):
        self._whole.clear()

    def mend(self):
        self._whole.set()

    def close(self):
        self._ended = True
        self._whole.set()
        self._listening.close()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near):
        self._whole.wait()
        try:
            far = socket.create_connection(("127.0.0.1", self._port))
        except OSError:
            near.close()
            return
        for one, other in ((near, far), (far, near)):
            threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one, other):
        with contextlib.suppress(OSError):
            while data := one.recv(CHUNK):
                self._whole.wait()
                if self._ended:
                    break
                other.sendall(data)
        for each in (one, other):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


def ip(*arguments):
    return subprocess.run(["ip", *arguments], capture_output=True, check=False).returncode == 0


class Namespace:
    """A network of its own; what runs `within` it reaches this machine at `OURS` while it is whole."""

    within = ("ip", "netns", "exec", NAME)

    def __init__(self):
        self._near = f"{NAME}0"
        self.close()
        theirs = f"{NAME}1"
        self.is_there = (
            ip("netns", "add", NAME)
            and ip("link", "add", self._near, "type", "veth", "peer", "name", theirs, "netns", NAME)
            and ip("addr", "add", f"{OURS}/30", "dev", self._near)
            and ip("link", "set", self._near, "up")
            and ip("-n", NAME, "addr", "add", f"{THEIRS}/30", "dev", theirs)
            and ip("-n", NAME, "link", "set", theirs, "up")
            and ip("-n", NAME, "link", "set", "lo", "up")
        )

    def cut(self):
        assert ip("link", "set", self._near, "down")

    def mend(self):
        assert ip("link", "set", self._near, "up")
        time.sleep(0.1)

    def close(self):
        ip("netns", "del", NAME)
        ip("link", "del", self._near)
