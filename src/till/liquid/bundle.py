"""What a renderer needs of a theme."""

from msgspec import Struct


class Asset(Struct, frozen=True):
    """A file under assets/: the SHA-256 of its bytes as hex, and how many bytes it has."""

    digest: str
    size: int


class Bundle(Struct, frozen=True):
    """A theme ready to be rendered; `key` is unique for its content (the digest of its manifest)."""

    key: str
    name: str
    files: dict[str, str]
    """Every text file by its name: layout/, templates/, sections/, blocks/, snippets/, config/, locales/,
    and the text files under assets/."""
    assets: dict[str, Asset]
    """Every name under assets/, without that folder: `base.css`."""
