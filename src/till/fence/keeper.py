"""The process that imports what jobs need, once, and forks workers: a new one is there in milliseconds.

It does what the server says by one socket, and ends with it, as do the workers.
"""

import gc
import importlib
import os
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress

import msgspec

from till.fence import walls
from till.fence.limits import Limits
from till.fence.wire import NO_MEMORY, Ended, framed
from till.fence.worker import Function, work

FORK, END = b"F", b"E"
COMMAND = 9
# What jobs import when they first need it: a worker that is nobody may not even be allowed to read it.
LATE = ("_strptime", "encodings.idna", "till.liquid.filters")


class Orders(msgspec.Struct):
    """What the keeper is started with: dotted names of jobs, their limits, and the number of its socket."""

    jobs: list[str]
    limits: Limits
    control: int


def main(orders: str) -> None:
    """Get ready, say so (or why not), and serve."""
    told = msgspec.json.decode(orders, type=Orders)
    control = socket.socket(fileno=told.control)
    os.chdir("/")
    os.environ.clear()  # the interpreter puts a locale there
    # Whoever stops all processes of a service means the server: it finishes what it does, and then ends us.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        functions = {name: Function(name) for name in told.jobs}
        for name in LATE:
            importlib.import_module(name)
    except Exception as error:  # noqa: BLE001 - whatever it is, the server has to hear of it
        control.sendall(framed(f"{type(error).__name__}: {error}"))
        return
    walls.leave_network()
    # Nothing of ours is garbage: so it is neither looked through nor copied in the workers.
    gc.collect()
    gc.disable()
    gc.freeze()
    control.sendall(framed(""))
    _keep(control, functions, told.limits)


def _keep(control: socket.socket, functions: Mapping[str, Function], limits: Limits) -> None:
    workers: set[int] = set()
    while True:
        command, links, _, _ = socket.recv_fds(control, COMMAND, 1)
        if len(command) != COMMAND:
            break
        number = int.from_bytes(command[1:], "big")
        if command[:1] == FORK:
            workers.add(pid := _fork(links[0], control, functions, limits))
            control.sendall(framed(pid))
        elif number in workers:
            workers.discard(number)
            control.sendall(framed(_end(number)))
        else:  # one of a keeper before this, with which it ended: by now the number may be of anybody
            control.sendall(framed(Ended(0, 0.0, 0)))
    for pid in workers:
        _end(pid)


def _fork(link: int, control: socket.socket, functions: Mapping[str, Function], limits: Limits) -> int:
    pid = os.fork()
    if pid:
        os.close(link)
        return pid
    code = 1
    try:
        control.close()
        work(socket.socket(fileno=link), functions, limits)
        code = 0
    except MemoryError:
        code = NO_MEMORY
    finally:
        os._exit(code)  # without the keeper's clean-up, which is not ours


def _end(pid: int) -> Ended:
    """Kill a worker, or find how it ended before; only then its number may name another process."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    _, status, used = os.wait4(pid, 0)
    unit = 1 if sys.platform == "darwin" else 1024
    return Ended(os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss * unit)
