"""Shows where the time of a request goes: the whole server in this process, under Python's own profiler."""

import cProfile
import io
import multiprocessing
import os
import pstats
import re
import signal
import sys
import threading
from collections import deque
from typing import Any

from bench.asking import Made, Subject
from bench.databases import Prepared
from bench.moves import CREATIONS, LIFE, MOVES, WRITES
from bench.servers import Server, till
from till.cli.ports import listen, url_of
from till.cli.serving import serve

KINDS = ("get", "create", "list", *MOVES)
SECONDS = 3.0
SHOWN = 15
# Where a thread waits for work; that costs nothing.
WAITING = re.compile(r"SimpleQueue|_thread\.lock|^run$")


class Profiles:
    """A profile of each thread, for the profiler sees only its own."""

    def __init__(self) -> None:
        self.all: list[cProfile.Profile] = []

    def begin(self, *_: Any) -> None:
        own = cProfile.Profile()
        self.all.append(own)
        own.enable()

    def report(self) -> str:
        out = io.StringIO()
        stats: Any = pstats.Stats(*self.all, stream=out)
        for where in [each for each in stats.stats if WAITING.search(each[2])]:
            del stats.stats[where]
        stats.strip_dirs().sort_stats("tottime").print_stats(SHOWN)
        return out.getvalue()


def profile(kind: str, place: Prepared) -> str:
    """Serve `place` here until the load, a process of its own, has asked for a while."""
    coming = _coming(kind, place)
    listening, profiles = listen("127.0.0.1", 0), Profiles()
    asking = multiprocessing.get_context("spawn").Process(
        target=_ask, args=(kind, place, coming, url_of(listening), os.getpid())
    )
    signal.signal(signal.SIGTERM, _leave)
    threading.setprofile(profiles.begin)
    errors, sys.stderr = sys.stderr, io.StringIO()  # a log line a request
    profiles.begin()
    try:
        serve(place.settings, listening, asking.start)
    except SystemExit:
        pass
    finally:
        profiles.all[0].disable()
        threading.setprofile(None)
        sys.stderr = errors
    asking.join()
    return profiles.report()


def _coming(kind: str, place: Prepared) -> deque[Made]:
    """The orders that a move needs, brought so far by a server of their own."""
    if kind not in MOVES:
        return deque()
    with till(place, 1) as server:
        subject = Subject(server, place)
        if kind in LIFE:
            subject.ready(SECONDS)
            for what in LIFE[: LIFE.index(kind)]:
                subject.write(what, SECONDS)
        else:
            subject.write(CREATIONS[0], SECONDS)
    return subject.coming[kind]


def _leave(*_: Any) -> None:
    raise SystemExit(0)


def _ask(kind: str, place: Prepared, coming: deque[Made], url: str, parent: int) -> None:
    try:
        subject = Subject(Server(url, parent), place)
        subject.coming[kind] = coming
        if kind in WRITES:
            result = subject.write(kind, SECONDS)
        else:
            result = subject.read("list 50" if kind == "list" else kind, SECONDS)
        print(f"{result.done:,} answers in {result.seconds:.1f} s, under the profiler", flush=True)
    finally:
        os.kill(parent, signal.SIGTERM)
