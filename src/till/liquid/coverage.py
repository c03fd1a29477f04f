"""What of the platform's Liquid Till has: the published names beside what the environment really knows.

`coverage.json` holds names only: those of the platform's tags, filters, objects and properties, taken from
its public reference data (its `source` says which). What Till has is not written down anywhere; it is asked
of the environment that renders themes.
"""

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from till.liquid.environment import ThemeEnvironment
from till.liquid.filters.common import Guarded
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


def objects(had: dict[str, frozenset[str]]) -> list[Covered]:
    """The platform's objects, each with how many of its properties `had` (kind -> names) has.

    A name that the platform counts as an object but that is a plain value has no properties.
    """
    found = []
    for name, properties in published().objects.items():
        known = had.get(name)
        lacking = [each for each in properties if known is None or each not in known]
        has = known is not None
        note = f"{len(properties) - len(lacking)}/{len(properties)}" if properties else ""
        found.append(Covered(name, ", ".join(lacking) if has else "", has, note))
    return found


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
