"""What a folder remembers of the themes that it was synced with: `.till/sync.json`."""

import os
from pathlib import Path

import msgspec
from msgspec import Struct, field

from till.errors import Invalid

FILE = Path(".till/sync.json")
# The folder is nobody else's business: what it says is true of this copy of the theme only.
IGNORED = "*\n"


class Damaged(Invalid):
    """The file cannot be read."""


class Met(Struct, omit_defaults=True):
    """A theme of a server that was synced with the folder, and the checksums of both then."""

    url: str
    theme: str
    name: str = ""
    files: dict[str, str] = field(default_factory=dict)


class Synced(Struct, omit_defaults=True):
    """All of them, the latest last."""

    themes: list[Met] = field(default_factory=list)

    def find(self, url: str, theme: str) -> Met | None:
        return next((each for each in self.themes if (each.url, each.theme) == (url, theme)), None)

    def put(self, met: Met) -> None:
        """Remember it as the latest."""
        self.forget(met.url, met.theme)
        self.themes.append(met)

    def forget(self, url: str, theme: str) -> None:
        self.themes = [each for each in self.themes if (each.url, each.theme) != (url, theme)]


def load(root: Path) -> Synced:
    """What the folder remembers; nothing where there is no file; `Damaged` where it is not as it was kept.

    Nothing remembered means that the folder is what is wanted: a push would take back what others did since.
    """
    try:
        return msgspec.json.decode((root / FILE).read_bytes(), type=Synced)
    except (FileNotFoundError, NotADirectoryError):
        return Synced()
    except msgspec.DecodeError:
        raise Damaged(
            f"{FILE} is damaged, so what the folder was synced with is not known: delete it, and run "
            f"`till theme pull --theme` with the theme, which shows what differs and overwrites nothing."
        ) from None


def save(root: Path, synced: Synced) -> None:
    """Keep it, whole or not at all."""
    path = root / FILE
    path.parent.mkdir(exist_ok=True)
    (path.parent / ".gitignore").write_text(IGNORED, encoding="utf-8")
    beside = path.with_name(f"sync.{os.getpid()}.json")
    beside.write_bytes(msgspec.json.format(msgspec.json.encode(synced), indent=1))
    beside.replace(path)
