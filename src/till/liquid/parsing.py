"""Parses a whole theme and says what is wrong with it, without rendering anything."""

from collections.abc import Iterable, Iterator

from till.liquid.environment import ThemeEnvironment
from till.liquid.faults import MOST, Fault
from till.liquid.limits import Limits
from till.liquid.schema import load
from till.liquid.theme import Theme

WITH_SCHEMA = ("sections/", "blocks/")


def parse(files: dict[str, str]) -> list[Fault]:
    """The faults of a theme's files: Liquid that does not parse, unknown tags and filters, JSON, schemas.

    At most 200, those of one file in the order of their lines.
    """
    return sorted(set(_faults(files)), key=lambda fault: (fault.file, fault.line, fault.message))[:MOST]


def fatal(faults: Iterable[Fault]) -> list[Fault]:
    """The faults with which a file is not taken: those that leave something out of the page."""
    return [fault for fault in faults if fault.kind in {"syntax", "unknown_tag", "json", "schema", "limit"}]


def _faults(files: dict[str, str]) -> Iterator[Fault]:
    environment = ThemeEnvironment(files, Limits())
    theme = Theme(files)
    for name, text in files.items():
        if name.endswith(".liquid"):
            environment.file(name)
            yield from environment.faults_of(name)
            if name.startswith(WITH_SCHEMA):
                yield from theme.schema(name)[1]
        elif name.endswith(".json") and name.startswith(("sections/", "templates/")):
            yield from theme.json(name)[1]
        elif name.endswith(".json"):
            _, fault = load(name, text)
            if fault:
                yield fault
