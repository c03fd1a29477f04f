"""Parses a whole theme and says what is wrong with it, without rendering anything."""

from collections.abc import Iterator

from till.liquid.environment import ThemeEnvironment
from till.liquid.faults import FATAL, MOST, Fault
from till.liquid.limits import Limits
from till.liquid.schema import load
from till.liquid.theme import Theme

WITH_SCHEMA = ("sections/", "blocks/")


def parse(files: dict[str, str]) -> list[Fault]:
    """The faults of a theme's files: Liquid that does not parse, unknown tags and filters, JSON, schemas.

    At most 200, in the order of files and lines; where there are more, no fatal one gives way to another.
    """
    found = sorted(set(_faults(files)), key=lambda fault: fault.kind not in FATAL)[:MOST]
    return sorted(found, key=lambda fault: (fault.file, fault.line, fault.message))


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
