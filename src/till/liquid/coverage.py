"""What of the platform's Liquid Till has: the published names beside what the environment really knows.

`coverage.json` holds names only: those of the platform's tags, filters, objects and properties, taken from
its public reference data (its `source` says which). What Till has is not written down anywhere; it is asked
of the environment that renders themes.
"""

from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from till.liquid.environment import ThemeEnvironment
from till.liquid.filters.guard import Guarded
from till.liquid.limits import Limits

# Words that are parsed by the tag around them, or before there are tags: a text with each must have no fault.
PROBES = {
    "else": "{% if a %}{% else %}{% endif %}{% for b in c %}{% else %}{% endfor %}",
    "raw": "{% raw %}{{ a }}{% endraw %}",
}


class Source(msgspec.Struct, frozen=True):
    """Where the names are from, and which of them stand in another place of the same reference."""

    names: str
    beside: dict[str, list[str]]


class Published(msgspec.Struct, frozen=True):
    """The platform's names."""

    source: Source
    tags: list[str]
    filters: dict[str, list[str]]
    """Family -> names."""
    deprecated: list[str]
    objects: dict[str, list[str]]
    """Object -> properties."""


class Covered(NamedTuple):
    """One published name: its family, whether Till has it, and what is to be said of it."""

    name: str
    family: str
    has: bool
    note: str = ""


class Held(NamedTuple):
    """One published object: whether templates can read it here, which properties they find, and which not."""

    name: str
    has: bool
    found: tuple[str, ...]
    lacking: tuple[str, ...]


@lru_cache(maxsize=1)
def published() -> Published:
    """The names in `coverage.json`."""
    return msgspec.json.decode(Path(__file__).with_name("coverage.json").read_bytes(), type=Published)


def tags() -> list[Covered]:
    """The platform's tags in their order, each with whether the environment of themes parses it."""
    environment = ThemeEnvironment({}, Limits())
    return [
        Covered(name, "tag", _parses(environment, name), _note(name, environment))
        for name in published().tags
    ]


def filters() -> list[Covered]:
    """The platform's filters by family, each with whether the environment of themes has it."""
    environment = ThemeEnvironment({}, Limits())
    return [
        Covered(name, family, name in environment.filters, _note(name, environment))
        for family, names in published().filters.items()
        for name in names
    ]


def objects(had: Mapping[str, Collection[str]]) -> list[Held]:
    """The platform's objects beside what there is here: `had`, name of an object -> its properties."""
    return [
        Held(
            name,
            name in had,
            tuple(each for each in properties if each in had.get(name, ())),
            tuple(each for each in properties if each not in had.get(name, ())),
        )
        for name, properties in published().objects.items()
    ]


def _parses(environment: ThemeEnvironment, name: str) -> bool:
    if name in environment.tags:
        return True
    if name not in PROBES:
        return False
    environment.from_string(PROBES[name], name="probe")
    return not environment.faults_of("probe")


def _note(name: str, environment: ThemeEnvironment) -> str:
    function = environment.filters.get(name)
    called = function.called if isinstance(function, Guarded) else function
    reason = getattr(called, "shows_nothing", "")
    if reason:
        return f"shows nothing: {reason}"
    return "deprecated there" if name in published().deprecated else ""
