"""A PostgreSQL server for tests: a temporary folder, durable as by default, gone at the end."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from till.testing.ports import free_port

OWNER = "till"
PATIENCE = 60
ABSENT = "no PostgreSQL server here: run `make tools`, or put its initdb into PATH"


def programs():
    """Find the folder of the server's programs; distributions keep it out of PATH."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not installed:
        raise RuntimeError(ABSENT)
    return installed[-1].parent


def unprivileged():
    """Whom to run the server as: it refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


class Server:
    """One server on a free port of loopback; `stop` and `start` keep its data.

    One that is not `durable` leaves it to the system when its data reach the disk. The death of any process
    loses nothing of it, for the system keeps what was written; making and dropping a database, which would
    wait for the disk a second, is done in a tenth of it. Nor does it look after its tables by itself.
    """

    def __init__(self, folder, *, durable=True):
        self.folder = folder
        self.durable = durable
        self.data = folder / "data"
        self.log = folder / "log"
        self.port = free_port()
        self._programs = programs()
        self._user = unprivileged()
        self._names = count(1)
        self._process = None
        if self._user:
            shutil.chown(folder, self._user)
        self._run("initdb", "-D", self.data, "-U", OWNER, "--auth=trust", "-E", "UTF8", "--no-locale")

    @classmethod
    @contextmanager
    def started(cls, *, durable=True):
        with tempfile.TemporaryDirectory(prefix="till-pg-", ignore_cleanup_errors=True) as name:
            server = cls(Path(name), durable=durable)
            try:
                server.start()
                yield server
            finally:
                server.stop("immediate")

    def start(self):
        settings = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": self.folder,
            "max_connections": 100,
        }
        if not self.durable:
            settings |= {"fsync": "off", "full_page_writes": "off", "autovacuum": "off"}
        given = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self.data, *given],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                user=self._user,
            )
        until = time.monotonic() + PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"PostgreSQL did not start:\n{self.log.read_text()}")
            time.sleep(0.02)

    def stop(self, mode="fast"):
        """`smart` waits for clients, `fast` sends them away, `immediate` is a crash."""
        if self._process is not None:
            ways = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
            self._process.send_signal(ways[mode])
            self._process.wait(PATIENCE)
            self._process = None

    def restart(self, mode="fast"):
        self.stop(mode)
        self.start()

    def create_database(self, template="template1"):
        name = f"till_{next(self._names)}"
        self._run("createdb", *self._where(), "-T", template, name)
        return self.url(name)

    def drop_database(self, url):
        self._run("dropdb", *self._where(), "--force", url.rpartition("/")[2])

    def url(self, name):
        return f"postgresql://{OWNER}@127.0.0.1:{self.port}/{name}"

    def _where(self):
        return ["-h", str(self.folder), "-p", str(self.port), "-U", OWNER]

    def _answers(self):
        command = [self._programs / "psql", *self._where(), "-Atc", "SELECT 1", "postgres"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def _run(self, name, *arguments):
        done = subprocess.run(
            [self._programs / name, *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
            user=self._user,
        )
        if done.returncode:
            raise RuntimeError(f"{name}: {done.stderr}")
