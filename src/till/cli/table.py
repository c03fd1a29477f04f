"""Facts and lists of them as text: aligned, without frames, so that they can be cut and pasted."""

from collections.abc import Mapping, Sequence
from typing import Any

import typer


def print_facts(facts: Mapping[str, Any]) -> None:
    """One thing, a line for each fact."""
    width = max(map(len, facts))
    for name, value in facts.items():
        typer.echo(f"{name:<{width}}  {_text(value)}")


def print_table(rows: Sequence[Mapping[str, Any]], *, empty: str) -> None:
    """Things of one kind, a line for each; or the sentence `empty`."""
    if not rows:
        typer.echo(empty)
        return
    cells = [list(rows[0]), *([_text(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        line = "  ".join(f"{text:<{width}}" for text, width in zip(row, widths, strict=True))
        typer.echo(line.rstrip())


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value is None or value == "" else str(value)
