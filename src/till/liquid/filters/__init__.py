"""The filters of a store, one module a family."""

from collections.abc import Callable

from liquid import Environment

FAMILIES: tuple[Callable[[Environment], None], ...] = ()


def register(environment: Environment) -> None:
    """Add the filters of every family."""
    for family in FAMILIES:
        family(environment)
