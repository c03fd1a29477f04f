"""Jobs for the tests of the fence: what a worker is asked to do there, kindly and not."""

import ctypes
import itertools
import os
import resource
import socket
import stat
import subprocess
import time
from collections import deque
from pathlib import Path

import liquid
import liquid.exceptions
from msgspec import Struct

SEEN: list[str] = []


class Answer(Struct):
    pid: int
    text: str
    seen: int = 0


def echo(text: str) -> Answer:
    SEEN.append(text)
    return Answer(os.getpid(), text, len(SEEN))


def spin(_: str) -> str:
    while True:
        pass


def spin_in_c(_: str) -> int:
    return sum(itertools.repeat(1))


def spin_in_kernel(_: str) -> int:
    """Hardly any of its time is its own, and none of it Python's."""
    return len(deque(map(os.urandom, itertools.repeat(256)), maxlen=0))


def sleep(seconds: float) -> str:
    time.sleep(seconds)
    return "slept"


def hold(megabytes: int) -> int:
    held = [bytearray(1 << 20) for _ in range(megabytes)]
    return len(held)


def hold_and_sleep(megabytes: int, seconds: float) -> int:
    held = b"x" * (megabytes << 20)
    time.sleep(seconds)
    return len(held) >> 20


def hold_on(megabytes: int) -> int:
    SEEN.append("x" * (megabytes << 20))
    return len(SEEN[-1]) >> 20


def hold_in_c(megabytes: int) -> int:
    return len(b"x" * (megabytes << 20))


def long(size: int) -> str:
    return "x" * size


def crash(_: str) -> str:
    os._exit(3)


def abort(_: str) -> str:
    os.abort()


def fail(said: str) -> str:
    raise ValueError(said)


def recurse(depth: int) -> int:
    return recurse(depth + 1)


def length(kept: bytes, of: str) -> str:
    return f"{len(kept)} {of}"


def read_file(path: str) -> str:
    return Path(path).read_text()


def write_file(path: str) -> int:
    return Path(path).write_text("x")


def connect(host: str) -> str:
    with socket.socket() as link:
        link.connect((host, 9))
    return "connected"


def start(program: str) -> int:
    return subprocess.run([program], check=False).returncode


def list_folder(path: str) -> list[str]:
    return os.listdir(path)  # noqa: PTH208 - as a library would


def fork(_: str) -> int:
    return os.fork()


def raise_limit(_: str) -> str:
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY,) * 2)
    return "raised"


def load_library(name: str) -> str:
    return str(ctypes.CDLL(name))


def bare(files: dict[str, str]) -> str:
    """Liquid without a single limit."""
    snippets = {name.removeprefix("snippets/").removesuffix(".liquid"): text for name, text in files.items()}
    environment = liquid.Environment(loader=liquid.DictLoader(snippets))
    environment.context_depth_limit = 10**9
    try:
        return environment.from_string(files["templates/index.liquid"]).render()
    except liquid.exceptions.LiquidError:  # as which it passes on that Python's own recursion went too deep
        return "an error"


def work(seconds: float) -> int:
    """Do something for so many seconds of CPU; the process's niceness afterwards."""
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass
    return os.nice(0)


class Situation(Struct):
    uid: int
    folder: str
    environment: dict[str, str]
    files: list[int]
    sockets: int


def describe(_: str) -> Situation:
    open_now = [number for number in range(64) if _is_open(number)]
    sockets = [number for number in open_now if stat.S_ISSOCK(os.fstat(number).st_mode)]
    return Situation(os.getuid(), str(Path.cwd()), dict(os.environ), open_now, len(sockets))


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True
