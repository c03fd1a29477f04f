"""What a worker gives up before its first job: memory, files, the network, other programs, the root user.

Templates cannot name any of these; the walls are for the day on which one of them finds a way out of Liquid.
"""

import contextlib
import ctypes
import os
import resource
import signal
import sys
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

# unshare(2) and prctl(2) of Linux.
NEW_NETWORK, NEW_USER = 0x40000000, 0x10000000
NO_NEW_PRIVILEGES, DIES_WITH_PARENT = 38, 1
NOBODY = 65534
FILES_OPEN = 32
# Of address space that was mapped at the start, so much may be touched later.
SLACK = 26 << 20
REFUSED = (
    "ctypes.",
    "fcntl.",
    "ftplib.",
    "glob.",
    "http.",
    "mmap.",
    "os.",
    "pathlib.",
    "poplib.",
    "pty.",
    "resource.",
    "shutil.",
    "smtplib.",
    "socket.",
    "sqlite3.",
    "subprocess.",
    "syslog.",
    "tempfile.",
    "urllib.",
    "webbrowser.",
)
CODE = (".py", ".pyc", ".so")


class Walled(PermissionError):
    """A worker tried what no worker may."""


def leave_network() -> None:
    """Have this process and its children in a network with nothing in it, if the kernel lets us."""
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError, AttributeError):
        unshare = ctypes.CDLL(None).unshare
        # Root in a namespace of its own would be nobody by name, and still own what root owns.
        if unshare(NEW_NETWORK) != 0 and os.geteuid() != 0:
            unshare(NEW_NETWORK | NEW_USER)


def die_with_parent() -> None:
    """Be killed when the keeper ends, where the system can do so."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(DIES_WITH_PARENT, signal.SIGKILL, 0, 0, 0)


def bound_memory(most: int, statm: int | None) -> None:
    """Let this process grow until `most` bytes of it are resident.

    Address space that is mapped but untouched at this moment (libraries, the allocator) does not count.
    """
    mapped, held = (int(field) * resource.getpagesize() for field in _statm(statm)) if statm else (0, 0)
    # macOS knows the limit by name only; there, the worker and the server look at what is resident.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (most - SLACK + mapped - held,) * 2)


def resident(statm: int | None) -> int:
    """The bytes of this process that are in memory now; where nothing tells that, the most there were."""
    return int(_statm(statm)[1]) * resource.getpagesize() if statm else peak()


def peak() -> int:
    """The most bytes of this process that were in memory at once."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def open_statm() -> int | None:
    """A file to read the memory of this process from when none can be opened any more; None but on Linux."""
    try:
        return os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None


def _statm(number: int) -> list[bytes]:
    return os.pread(number, 128, 0).split()[:2]


def bound_rest() -> None:
    """No file is written, no process started, few files are open, no core is left."""
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, FILES_OPEN),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(what, (most, most))


def leave_root() -> None:
    """Be nobody from here on, where the server runs as root, and let no program give rights back."""
    if os.geteuid() == 0:
        with contextlib.suppress(OSError):
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY) if hasattr(os, "setresgid") else os.setgid(NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY) if hasattr(os, "setresuid") else os.setuid(NOBODY)
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)


def close_door() -> None:
    """Refuse files, sockets and programs from here on; what remains is to read our own code and time zones.

    Libraries import parts of themselves when they are first needed, and zones are read when they are named.
    """
    sys.addaudithook(_Door(code=_folders(sys.path), zones=_folders(_zone_folders())).hook)


@dataclass(frozen=True, slots=True)
class _Door:
    code: tuple[str, ...]
    zones: tuple[str, ...]

    def hook(self, event: str, args: tuple[Any, ...]) -> None:
        if event == "open":
            refused = not self._readable(*args)
        elif event in {"os.listdir", "os.scandir"}:
            refused = not isinstance(args[0], str) or not _folder(args[0]).startswith(self.code + self.zones)
        elif event == "resource.setrlimit":
            refused = args[0] != resource.RLIMIT_CPU  # which is set anew for every job
        else:
            refused = event.startswith(REFUSED)
        if refused:
            raise Walled(f"A worker may not do {event}.")

    def _readable(self, path: object, _mode: object, flags: int) -> bool:
        if not isinstance(path, str) or flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            return False
        real = os.path.realpath(path)
        return real.startswith(self.zones) or (real.startswith(self.code) and real.endswith(CODE))


def _folder(path: str) -> str:
    return os.path.realpath(path).rstrip(os.sep) + os.sep


def _folders(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple({_folder(path) for path in paths})


def _zone_folders() -> list[str]:
    tzdata = find_spec("tzdata")
    return [*zoneinfo.TZPATH, *((tzdata and tzdata.submodule_search_locations) or ())]
