"""The files of a theme in a folder of this machine: which they are, their checksums, and safe writing."""

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pathspec import GitIgnoreSpec
from pathspec.patterns.gitignore.base import GitIgnorePatternError

from till.errors import Invalid
from till.themes.files import FOLDERS, name_fault

IGNORED = ".tillignore"
# What editors leave beside a file while they save it: vim's probe, backups, and files about to be renamed.
PASSING = ("*~", "*.swp", "*.swo", "*.swx", "*.tmp", "4913", "*___jb_*", "#*#", "Thumbs.db", "desktop.ini")
SHOWN = 5


class NoTheme(Invalid):
    """The folder holds no theme."""


class BadPattern(Invalid):
    """A pattern of names cannot be read."""


class BadName(Invalid):
    """A file has a name that is no text, as some systems allow."""


class Outside(Invalid):
    """A file or folder of the theme leads out of its folder."""


def checksum(content: bytes) -> str:
    """The MD5 in hexadecimal, which servers and tools compare; it protects nothing."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def patterns(lines: Iterable[str], *, told: str) -> GitIgnoreSpec:
    """Patterns as in a .gitignore; `BadPattern` says where (`told`) one cannot be read."""
    try:
        return GitIgnoreSpec.from_lines(lines)
    except (GitIgnorePatternError, ValueError) as error:
        raise BadPattern(f"{told} holds no pattern such as assets/*.map: {str(error).rstrip('.')}.") from None


def counts(file: str) -> bool:
    """False for hidden files, and for what editors and desktops leave beside the others."""
    return not file.startswith(".") and not PASSES.match_file(file)


def is_told(name: str) -> bool:
    """False for a name whose bytes are no text, as some systems allow."""
    return name.encode(errors="ignore").decode() == name


@dataclass(frozen=True, slots=True)
class Choice:
    """Which names a command is about: those that `only` names, where it does, and `ignored` does not."""

    only: GitIgnoreSpec | None = None
    ignored: GitIgnoreSpec = field(default_factory=lambda: GitIgnoreSpec.from_lines([]))

    def has(self, name: str) -> bool:
        return (self.only is None or self.only.match_file(name)) and not self.ignored.match_file(name)

    def of(self, checksums: dict[str, str]) -> dict[str, str]:
        """Those of `checksums` by name that it is about."""
        return {name: value for name, value in checksums.items() if self.has(name)}


def choose(root: Path, only: Iterable[str] = (), ignore: Iterable[str] = ()) -> Choice:
    """What the options and the folder's `.tillignore` come to; `BadPattern`."""
    lines: list[str] = []
    try:
        lines = (root / IGNORED).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        pass
    except UnicodeDecodeError:
        raise BadPattern(f"{IGNORED} is not UTF-8: save it so.") from None
    patterns(lines, told=IGNORED)
    return Choice(
        only=patterns(only, told="--only") if only else None,
        ignored=patterns([*lines, *ignore], told="--ignore"),
    )


@dataclass(slots=True)
class Folder:
    """A theme's folder; `passed_over` names what lies in it where no theme has files."""

    root: Path
    choice: Choice = field(default_factory=Choice)
    passed_over: list[str] = field(default_factory=list)

    def names(self) -> list[str]:
        """The files of the theme, in order; `Outside` where one leads out of the folder, `BadName`."""
        every = [name for folder in FOLDERS for name in self._names(folder)]
        found = sorted(name for name in every if self.choice.has(name))
        for name in found:
            if not is_told(name):
                raise BadName(f"{name!a} has a name that is not UTF-8: rename it.")
        return found

    def checksums(self) -> dict[str, str]:
        """The checksum of each file; one that goes while they are read is not there."""
        return {name: checksum(content) for name, content in self.contents()}

    def contents(self) -> Iterator[tuple[str, bytes]]:
        """Each file with its bytes, one at a time."""
        for name in self.names():
            content = self.read(name)
            if content is not None:
                yield name, content

    def read(self, name: str) -> bytes | None:
        """The bytes of a file, None where there is none; `Outside`."""
        path = self._inside(self.root / name)
        try:
            return path.read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    def write(self, name: str, content: bytes) -> None:
        """Put a file in its place, whole or not at all; `Outside` for a name that leads elsewhere."""
        path = self._place(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            with beside.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            if path.exists():
                beside.chmod(path.stat().st_mode & 0o777)
            beside.replace(path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise

    def remove(self, name: str) -> None:
        """Take a file away, if it is there; `Outside`."""
        self._place(name).unlink(missing_ok=True)

    def must_be_theme(self) -> None:
        """`NoTheme` where nothing in the folder looks like one."""
        if not self.root.is_dir():
            raise NoTheme(f"There is no folder {self.root}: name the one of the theme with --path.")
        if not any((self.root / folder).is_dir() for folder in FOLDERS):
            raise NoTheme(
                f"{self.root} holds no theme, which has folders such as layout and templates: name its "
                f"folder with --path, or make one with `till theme init`."
            )

    def _names(self, folder: str) -> Iterator[str]:
        place = self._inside(self.root / folder)
        try:
            entries = list(os.scandir(place))
        except (FileNotFoundError, NotADirectoryError):
            return
        for entry in entries:
            name = f"{folder}/{entry.name}"
            if not counts(entry.name):
                continue
            if entry.is_symlink():
                self._inside(self.root / name)
            if entry.is_file():
                yield name
            elif entry.is_dir() and name not in FOLDERS and name not in self.passed_over:
                self.passed_over.append(name)

    def _place(self, name: str) -> Path:
        fault = name_fault(name)
        if fault is not None:
            raise Outside(f"{name!r} was not written: it {fault}.")
        self._inside((self.root / name).parent)
        return self._inside(self.root / name)

    def _inside(self, path: Path) -> Path:
        try:
            real, root = path.resolve(), self.root.resolve()
        except RuntimeError:
            # Python says so of links up to 3.12; from 3.13 on, whoever opens one is told.
            raise Outside(
                f"{path.relative_to(self.root)} is a link that leads to itself: put a file in its place."
            ) from None
        if not real.is_relative_to(root):
            raise Outside(
                f"{path.relative_to(self.root)} leads out of the folder of the theme, to {real}: put a copy "
                f"of it in its place."
            )
        return real


PASSES = GitIgnoreSpec.from_lines(PASSING)


def listed(names: Iterable[str]) -> str:
    """A few names, and how many more there are."""
    every = list(names)
    more = f" and {len(every) - SHOWN:,} more" if len(every) > SHOWN else ""
    return ", ".join(every[:SHOWN]) + more
