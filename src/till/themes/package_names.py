"""The names in a package: which are refused, which are passed over, and what they are in the theme."""

import re
from collections.abc import Iterable

from till.themes.files import FOLDERS, is_theme_file
from till.themes.package_refused import no_file

LONGEST = 255
DRIVE = re.compile(r"[A-Za-z]:")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
# What the archivers of desktops add by themselves.
ADDED = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})


def read_name(raw: bytes) -> str:
    """The name of an entry, which is UTF-8 whatever its flags say; `BadPackage` where it is not."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise no_file(raw, "has a name that is not UTF-8", "give it a name of letters and digits") from None


def check_name(name: str) -> None:
    """Refuse a name that could lead out of the theme, or that is shown otherwise than it is written."""
    if not name:
        raise no_file(name, "has no name", "pack it again")
    if "\0" in name:
        raise no_file(name, "has a NUL character in its name", "give it another name")
    if CONTROL.search(name):
        raise no_file(name, "has an invisible character in its name", "give it another name")
    if DRIVE.match(name):
        raise no_file(name, "begins with a drive", "pack it with names that begin at the theme's own folder")
    if "\\" in name:
        raise no_file(name, "has a backslash in its name", "pack it with / between folders")
    if name.startswith("/"):
        raise no_file(name, "is an absolute path", "pack it with names that begin at the theme's own folder")
    parts = name.removesuffix("/").split("/")
    if ".." in parts or "." in parts or "" in parts:
        raise no_file(name, "leads through '.', '..' or a folder without a name", "pack it with plain names")
    if len(name.encode()) > LONGEST:
        raise no_file(
            name, f"has a name of {len(name.encode())} bytes, and the limit is {LONGEST}", "shorten it"
        )


def names_in_theme(names: Iterable[str]) -> dict[str, str]:
    """What the files of a package are called in the theme, by their names in the package.

    A single folder around all of it, as many packers put it there, is taken off. Passed over is what is
    no part of a theme: files beside its folders, such as a README, hidden ones, and what desktops add.
    """
    kept = [name for name in names if not _is_passed_over(name)]
    tops = {name.partition("/")[0] for name in kept}
    around = f"{min(tops)}/" if len(tops) == 1 and tops.isdisjoint(FOLDERS) else ""
    inner = {name: name.removeprefix(around) for name in kept}
    return {name: each for name, each in inner.items() if is_theme_file(each)}


def _is_passed_over(name: str) -> bool:
    return any(part.startswith(".") or part in ADDED for part in name.split("/"))
