"""The real server as a child process, and shops, apps and tokens made for it by its own command line."""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

from forking import fork

PATIENCE = 60
# What is measured is not forked: it starts as users start it.
FORKS = True


def where(place):
    """The options that name a store: a folder for SQLite, or the URL of a PostgreSQL database."""
    if str(place).startswith(("postgresql://", "postgres://")):
        return ["--database", str(place)]
    return ["--data", str(place)]


def environment(**more):
    """This process's own variables without any setting of Till."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TILL_")}
    return kept | {"PYTHONUNBUFFERED": "1", "NO_COLOR": "1", "COLUMNS": "200", "TERM": "dumb"} | more


def command(*arguments):
    """How `till` is called here."""
    return [sys.executable, "-m", "till", *map(str, arguments)]


def start(*arguments, stdout, stderr, stdin=None, cwd=None, within=(), session=False, **more):
    """Start `till` as `subprocess.Popen` does; `more` are variables.

    It is forked from a process that has imported Till already, but where `within` names a command that runs
    it, such as `env`, or one that enters another network.
    """
    files = {"stdin": stdin, "stdout": stdout, "stderr": stderr, "cwd": cwd}
    if FORKS and not within:
        return fork(arguments, environment=environment(**more), session=session, **files)
    called = [*within, *command(*arguments)]
    return subprocess.Popen(called, text=True, env=environment(**more), start_new_session=session, **files)


def till(*arguments, check=True, given=None, cwd=None, **more):
    """Run one command to its end; answers returncode, stdout and stderr."""
    with contextlib.ExitStack() as stack:
        stdin, stdout, stderr = (stack.enter_context(tempfile.TemporaryFile("w+")) for _ in range(3))
        stdin.write(given or "")
        stdin.seek(0)
        process = start(*arguments, stdin=stdin, stdout=stdout, stderr=stderr, cwd=cwd, **more)
        try:
            code = process.wait(PATIENCE * 4)
        finally:
            process.kill()
        stdout.seek(0)
        stderr.seek(0)
        done = subprocess.CompletedProcess(process.args, code, stdout.read(), stderr.read())
    if check and code:
        raise RuntimeError(f"till {' '.join(map(str, arguments))}: {code}\n{done.stderr}")
    return done


def answer(*arguments, **more):
    """The one JSON line that a command prints with `--json`."""
    return json.loads(till(*arguments, "--json", **more).stdout)


def seed(place, *, shop="demo", rate="off", scopes="read_orders,write_orders", **options):
    """A shop with an app in it: accessToken, scope, shopId, installationId, clientId, clientSecret.

    `options` are `currency` and `timezone` of the shop, `partner`, `protected`, `all_orders` and
    `fidelity` of the installation, and `key`, the folder with the sealing key (PostgreSQL only).
    """
    at = where(place)
    if "key" in options:
        at += ["--data", str(options["key"])]
    told = [f"--{name}={options[name]}" for name in ("currency", "timezone") if name in options]
    answer("shop", "create", shop, *told, *at)
    answer("shop", "set", shop, "--rate", rate, *at)
    declared = ["--partner"] if options.get("partner") else []
    declared += [f"--protected={options['protected']}"] if "protected" in options else []
    scopes += ",read_all_orders" if options.get("all_orders") else ""
    app = answer("app", "create", f"app of {shop}", "--scopes", scopes, *declared, *at)
    granted = [f"--{name}={options[name]}" for name in ("protected", "fidelity") if name in options]
    granted += ["--all-orders"] if options.get("all_orders") else []
    installed = answer("app", "install", app["clientId"], "--shop", shop, *granted, *at)
    return SimpleNamespace(shop=shop, **app, **installed)


class Running:
    """A server at work: `url`, `pid`, and ways to end it."""

    def __init__(self, process, log):
        self.process = process
        self.log = log
        self.said = self._first_line()
        self.url = self.said["url"]
        self.pid = process.pid

    def stop(self, patience=PATIENCE):
        """Stop as an operator does; answers the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(patience)

    def kill(self):
        """End it as a power cut would."""
        if self.process.poll() is None:
            self.process.kill()
        return self.process.wait(PATIENCE)

    def logged(self):
        """What it wrote to standard error up to now."""
        return self.log.read_text()

    def _first_line(self):
        until = time.monotonic() + PATIENCE
        ready = []
        while not ready and self.process.poll() is None and time.monotonic() < until:
            ready, _, _ = select.select([self.process.stdout], [], [], 0.2)
        line = self.process.stdout.readline() if ready or self.process.poll() is not None else ""
        if not line:
            self.kill()
            raise RuntimeError(f"no server, but {self.process.returncode}:\n{self.log.read_text()}")
        return json.loads(line)


@contextlib.contextmanager
def serve(place, *arguments, cwd=None, verb="serve", within=(), **more):
    """Start `till serve` on a free port; `arguments` are further options, the others as in `start`.

    On PostgreSQL give `--data` and the folder of the sealing key, as for `seed`.
    """
    options = [*where(place), "--port", "0", "--json", *arguments]
    with tempfile.NamedTemporaryFile(prefix="till-log-") as errors:
        files = {"stdout": subprocess.PIPE, "stderr": errors}
        process = start(verb, *options, cwd=cwd, within=within, session=True, **files, **more)
        try:
            yield Running(process, Path(errors.name))
        finally:
            _end(process)


def _end(process):
    """Stop it, and make sure that nothing of it is left."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
