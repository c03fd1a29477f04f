"""Forks commands of `till` from one process that has imported all of them: `python forked.py FD`.

What a command costs is mostly its imports; a test suite calls thousands. Each is a process of its own with
its own arguments, variables, folder and files, as if it had been started afresh.
"""

import atexit
import gc
import io
import json
import os
import pkgutil
import signal
import socket
import sys
import threading
import time
from contextlib import redirect_stdout, suppress
from importlib import import_module
from pathlib import Path

import till
from till.cli.main import app, run

# What uvicorn imports once it is called.
SERVING = ("uvicorn.loops.uvloop", "uvicorn.protocols.http.httptools_impl", "uvicorn.lifespan.off")
MOST = 1 << 20


def main():
    asked = socket.socket(fileno=int(sys.argv[1]))
    sys.path.remove(str(Path(__file__).parent))  # no command finds the modules of tests
    prepare()
    assert threading.active_count() == 1, "a thread would be lost in a fork"
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, files, _, _ = socket.recv_fds(asked, MOST, 4)
        if not message:
            return
        if os.fork() == 0:
            asked.close()
            attend(json.loads(message), files)
            return
        for file in files:
            os.close(file)


def prepare():
    """Import all of Till, and what a first command makes others import."""
    names = [each.name for each in pkgutil.walk_packages(till.__path__, "till.")]
    for name in [*(each for each in names if not each.endswith("__main__")), *SERVING]:
        import_module(name)
    with redirect_stdout(io.StringIO()), suppress(SystemExit):
        app(["orders", "list", "--help"], prog_name="till")


def attend(told, files):
    """Fork the command, tell its number and then its exit code; returns in the command's own process."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    answers = socket.socket(fileno=files.pop())
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        answers.close()
        os.close(read)
        become(told, files)
        os.close(write)
        try:
            run()
        except SystemExit as left:
            leave(left.code)
    for file in (write, *files):
        os.close(file)
    os.read(read, 1)  # ends once it leads its session
    answers.send(b"%d" % pid)
    answers.send(b"%d" % os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    os._exit(0)


def become(told, files):
    """Take on all that a new process is given."""
    if told["session"]:
        os.setsid()
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(told["environment"])
    time.tzset()
    os.chdir(told["folder"])
    sys.argv = ["till", *told["arguments"]]
    sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115 - open as long as the process is
    sys.stdout = io.TextIOWrapper(io.FileIO(1, "w"), encoding="utf-8", write_through=True)
    sys.stderr = io.TextIOWrapper(
        io.FileIO(2, "w"), encoding="utf-8", errors="backslashreplace", write_through=True
    )
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr


def leave(code):
    """Leave as the interpreter does, but for tidying up the modules: that takes longer than most commands."""
    if isinstance(code, str):
        print(code, file=sys.stderr)
        code = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code or 0)


if __name__ == "__main__":
    main()
