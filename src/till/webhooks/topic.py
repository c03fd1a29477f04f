"""A topic names a change worth telling, and says how to recognise it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")
Test = Callable[[T], bool]
Change = Callable[[T | None, T], bool]


@dataclass(frozen=True, slots=True)
class Topic(Generic[T]):
    """Told when `when(old, new)`; an installation with any of `scopes` may hear it."""

    name: str
    scopes: frozenset[str]
    when: Change[T]


class Resource(Struct, frozen=True):
    """What a payload shows: which thing of which shop, in which version, since when."""

    shop_id: int
    id: int
    version: int
    at: int


def created(old: object | None, new: object) -> bool:
    """True for the birth of a thing."""
    del new
    return old is None


def changed(old: object | None, new: object) -> bool:
    """True for every later change."""
    return old is not None and old != new


def deleted(old: object | None, new: object) -> bool:
    """Never true of a thing that is there; `told` knows this test as that of things that are gone."""
    del old, new
    return False


def became(test: Test[T]) -> Change[T]:
    """True when `test` holds now and did not hold before."""
    return lambda old, new: test(new) and (old is None or not test(old))


def told(topics: tuple[Topic[T], ...], old: T | None, new: T | None) -> tuple[Topic[T], ...]:
    """The topics that the change from `old` to `new` amounts to; `new` is None once the thing is gone."""
    if new is None:
        return tuple(topic for topic in topics if topic.when is deleted)
    return tuple(topic for topic in topics if topic.when(old, new))
