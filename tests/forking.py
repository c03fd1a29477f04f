"""Asks for commands of `till` from the process that forks them (`forked.py`); one for each test process."""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path


class Forked:
    """A command at work, with those names of `subprocess.Popen` that tests use."""

    def __init__(self, arguments, answers, stdout, stderr):
        self.args = arguments
        self.stdout, self.stderr = stdout, stderr
        self.returncode = None
        self._answers = answers
        self.pid = int(answers.recv(32) or 0)
        if not self.pid:
            raise RuntimeError("the process that forks commands has ended: see what it wrote")

    def poll(self):
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout=None):
        if self.returncode is None:
            self._answers.settimeout(timeout)
            try:
                said = self._answers.recv(32)
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(self.args, timeout) from None
            self._answers.close()
            self.returncode = int(said)
        return self.returncode

    def send_signal(self, number):
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self):
        self.send_signal(signal.SIGTERM)

    def kill(self):
        self.send_signal(signal.SIGKILL)


@cache
def forks():
    """The socket of the process that forks, which ends when this one does."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("forked.py"), str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
        )
    atexit.register(process.wait)
    atexit.register(ours.close)
    return ours


def fork(arguments, *, stdout, stderr, environment, stdin=None, cwd=None, session=False):
    """Start `till` with these arguments; the files are open ones, `cwd` is a folder.

    `stdout` and `stderr` may be `subprocess.PIPE`. With `session` it leads a session of its own.
    """
    told = {
        "arguments": list(map(str, arguments)),
        "environment": environment,
        "folder": str(cwd or Path.cwd()),
        "session": session,
    }
    with ExitStack() as stack:
        if stdin is None:
            stdin = stack.enter_context(Path(os.devnull).open("rb"))
        reads, writes = zip(*(_ends(each, stack) for each in (stdout, stderr)), strict=True)
        answers, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        files = [each.fileno() for each in (stdin, *writes, stack.enter_context(theirs))]
        socket.send_fds(forks(), [json.dumps(told).encode()], files)
    return Forked(arguments, answers, *reads)


def _ends(file, stack):
    """What we read, if it is a pipe, and what the command writes to."""
    if file != subprocess.PIPE:
        return None, file
    read, write = os.pipe()
    return os.fdopen(read, encoding="utf-8"), stack.enter_context(os.fdopen(write, "wb"))
