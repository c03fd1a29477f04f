"""The names that a theme may use, to find the nearest to one that it may not."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Names:
    """Known tags and filters, and the files of the theme."""

    tags: Collection[str]
    filters: Collection[str]
    files: Collection[str]
