"""How a command ends: what it prints, and the exit code that it leaves with."""

import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from enum import IntEnum
from typing import Any, NoReturn

import msgspec
import typer

from till.errors import Refusal, Unavailable


class Exit(IntEnum):
    """What a script may rely on."""

    OK = 0
    FAILED = 1
    USAGE = 2
    UNREACHABLE = 3


def stop(sentence: str, code: Exit = Exit.FAILED) -> NoReturn:
    """End the command with one sentence on standard error."""
    typer.echo(f"till: {sentence}", err=True)
    raise typer.Exit(code)


def print_json(shown: Any) -> None:
    """One line, flushed, for whoever waits for it."""
    typer.echo(msgspec.json.encode(shown).decode())
    sys.stdout.flush()


@contextlib.contextmanager
def refusals() -> Iterator[None]:
    """Turn an expected failure into its sentence and its exit code; never a traceback."""
    try:
        yield
    except Unavailable as refusal:
        stop(refusal.message, Exit.UNREACHABLE)
    except Refusal as refusal:
        stop(refusal.message)
    except OSError as error:
        stop(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}.")


@contextlib.contextmanager
def while_read() -> Iterator[None]:
    """End with 0 and without a word when whoever reads the output has had enough, as `head` has."""
    try:
        yield
    except BrokenPipeError:
        # What is left in the buffer would fail once more when Python flushes it in the end.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        raise SystemExit(Exit.OK) from None


def end_quietly() -> None:
    """Leave with 0 on SIGTERM and SIGINT: uvicorn stops first, then raises the signal anew."""
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, _end)


def _end(*_: Any) -> None:
    raise SystemExit(0)
