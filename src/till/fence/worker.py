"""The process that does the jobs, one after another; a job that cannot be stopped ends with it."""

import gc
import importlib
import inspect
import mmap
import os
import resource
import signal
import socket
import time
import traceback
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any, get_type_hints

import msgspec

from till.fence import walls
from till.fence.limits import MIB, WARNED_AT, Limits
from till.fence.standing import standing
from till.fence.wire import Asked, Told, framed, received

# How much CPU time outside the kernel goes by between two looks at what is spent.
TICK = 0.02
# A job that takes longer than a page does is done when nothing else is to be done, for which its worker, as
# it cannot come back from there, is replaced afterwards; as it is when it holds this part of its memory.
LONG, NICER, MUCH = 0.5, 5, 0.6
# A job that did not end when it was stopped is stopped again after this part of its CPU time, and not sooner:
# what it leaves behind may take a while to be let go of.
AGAIN_AFTER = 0.1
# Of address space, let go of when memory has run out, so that it can be said.
RESERVE = 8 * MIB


class Stopped(BaseException):
    """Raised out of a job that has spent its time or memory; no handler of ordinary exceptions catches it."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Function:
    """A job: called with what its annotations make of packed values; what it returns is packed."""

    def __init__(self, name: str) -> None:
        module, _, function = name.partition(":")
        self._call: Callable[..., object] = getattr(importlib.import_module(module), function)
        hints = get_type_hints(self._call)
        self._readers = [
            msgspec.msgpack.Decoder(hints[parameter])
            for parameter in inspect.signature(self._call).parameters
        ]

    def read(self, place: int, value: bytes) -> Any:
        return self._readers[place].decode(value)

    def __call__(self, arguments: list[Any]) -> bytes:
        return msgspec.msgpack.encode(self._call(*arguments))


class Meter:
    """What a job spends: it is stopped short of its CPU time; at the whole, the kernel ends the process."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._started = self._next = 0.0
        self._running = self._grown = self.is_last = False
        signal.signal(signal.SIGVTALRM, self._look)
        # Memory that is touched for the first time costs the kernel's time, of which only this one knows.
        signal.signal(signal.SIGPROF, signal.SIG_DFL)

    def start(self) -> None:
        self._started = time.process_time()
        self._next = self._limits.cpu * WARNED_AT
        self._running = True
        # Where a clock of the process is not enough: it counts whole seconds and cannot be escaped.
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(self._started + self._limits.cpu) + 2, hard))
        signal.setitimer(signal.ITIMER_PROF, self._limits.cpu)
        signal.setitimer(signal.ITIMER_VIRTUAL, TICK, TICK)

    def stop(self) -> float:
        """The CPU seconds since the start."""
        self._running = False
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.setitimer(signal.ITIMER_PROF, 0)
        return time.process_time() - self._started

    def _look(self, _number: int, _frame: FrameType | None) -> None:
        if not self._running:
            return
        spent = time.process_time() - self._started
        if spent > LONG and not self.is_last:
            os.nice(NICER)
            self.is_last = True
        grown = walls.peak() > self._limits.memory and not self._grown
        if grown or spent >= self._next:
            self._grown = self._grown or grown
            self._next = spent + self._limits.cpu * AGAIN_AFTER
            raise Stopped("memory" if grown else "cpu")


class Worker:
    """Answers what comes in by `link`, until the other side is gone."""

    def __init__(self, link: socket.socket, functions: Mapping[str, Function], limits: Limits) -> None:
        self._link = link
        self._functions = functions
        self._limits = limits
        self._statm = walls.open_statm()
        self._meter = Meter(limits)
        self._kept: dict[str, Any] = {}
        self._reserve = mmap.mmap(-1, RESERVE)

    def confine(self) -> None:
        walls.bound_memory(self._limits.memory, self._statm)
        walls.bound_rest()
        walls.leave_root()
        walls.die_with_parent()
        walls.close_door()

    def serve(self) -> None:
        while body := received(self._link):
            asked = msgspec.msgpack.decode(body, type=Asked)
            try:
                told = self._do(asked)
            except Stopped as stopped:  # once more, while what the job leaves behind was being let go of
                told = self._stopped(stopped.kind, stopped.__context__ or stopped)
            self._link.sendall(framed(told))

    def _do(self, asked: Asked) -> Told:
        for key in asked.forget:
            self._kept.pop(key, None)
        self._meter.start()
        try:
            result = self._functions[asked.job](self._arguments(asked))
        except Stopped as stopped:
            return self._stopped(stopped.kind, stopped)
        except MemoryError as error:
            return self._stopped("memory", error)
        except RecursionError as error:
            return self._stopped("depth", error)
        except Exception as error:  # noqa: BLE001 - whatever it is, it ends this job alone
            told = self._stopped("failed", error)
            told.detail = _traced(error)
            return told
        cpu = self._meter.stop()
        is_worn = self._meter.is_last or walls.resident(self._statm) > MUCH * self._limits.memory
        if len(result) > self._limits.output:
            return Told("output", cpu, is_worn)
        return Told("", cpu, is_worn, result)

    def _arguments(self, asked: Asked) -> list[Any]:
        function = self._functions[asked.job]
        arguments = []
        for place, (key, value) in enumerate(zip(asked.keys, asked.values, strict=True)):
            argument = function.read(place, value) if value else self._kept[key]
            if key:
                self._kept[key] = argument
            arguments.append(argument)
        return arguments

    def _stopped(self, kind: str, error: BaseException) -> Told:
        cpu = self._meter.stop()
        self._reserve.close()
        file, line = standing(error.__traceback__)
        return Told(kind, cpu, is_worn=True, file=file, line=line)


def _traced(error: Exception) -> str:
    """Where and as what it was raised; what else it says may be of a visitor, and is not for a log."""
    said = f"{type(error).__name__}: {error}" if isinstance(error, walls.Walled) else type(error).__name__
    return "".join(traceback.format_tb(error.__traceback__, limit=-20)) + said


def work(link: socket.socket, functions: Mapping[str, Function], limits: Limits) -> None:
    """What a new worker's life is; returns when nobody asks any more."""
    worker = Worker(link, functions, limits)
    worker.confine()
    gc.enable()
    worker.serve()
