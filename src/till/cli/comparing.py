"""What differs between two JSON values, path by path."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

GONE = object()


@dataclass(frozen=True, slots=True)
class Change:
    """A path at which two values differ; `GONE` where one of them has nothing."""

    path: str
    old: Any
    new: Any


def changes(old: Any, new: Any, path: str = "") -> Iterator[Change]:
    """Each difference, in the order of the newer value; lists of things with ids are matched by those."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name in [*new, *(name for name in old if name not in new)]:
            at = f"{path}.{name}" if path else str(name)
            yield from changes(old.get(name, GONE), new.get(name, GONE), at)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _of_lists(old, new, path)
    elif old is GONE or new is GONE or old != new or type(old) is not type(new):
        yield Change(path, old, new)


def _of_lists(old: list[Any], new: list[Any], path: str) -> Iterator[Change]:
    named = [_by_id(old), _by_id(new)]
    if all(each is not None for each in named):
        ours, theirs = (each or {} for each in named)
        for key in [*theirs, *(key for key in ours if key not in theirs)]:
            yield from changes(ours.get(key, GONE), theirs.get(key, GONE), f"{path}[{key}]")
        return
    for index in range(max(len(old), len(new))):
        yield from changes(
            old[index] if index < len(old) else GONE,
            new[index] if index < len(new) else GONE,
            f"{path}[{index}]",
        )


def _by_id(things: list[Any]) -> dict[str, Any] | None:
    """The things of a list by their ids; None where they have none of their own."""
    found = {str(each["id"]): each for each in things if isinstance(each, dict) and each.get("id")}
    return found if len(found) == len(things) else None
