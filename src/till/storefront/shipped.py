"""A catalogue at hand: its checked JSON, and its pictures."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from till.storefront.surveying import catalogue_of
from till.storefront.world import pictures

SHIPPED = Path(__file__).parent / "catalogue"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """`key` is unique for the JSON in `raw`; `files` are the pictures by name."""

    raw: bytes
    key: str
    files: dict[str, Path]

    @classmethod
    def at(cls, place: Path) -> "Catalogue":
        """The catalogue at `place`, a file or a folder; `BadCatalogue` names the first mistake."""
        raw = catalogue_of(place)
        return cls(raw, hashlib.sha256(raw).hexdigest(), pictures(place))


@lru_cache(maxsize=1)
def shipped() -> Catalogue:
    """The catalogue that comes with Till."""
    return Catalogue.at(SHIPPED)
