"""A save that found its files changed: what became of them meanwhile, by whom and when."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from till import clock
from till.admin.shell import moment
from till.admin.writers import writers_of
from till.db.port import Tx
from till.shop import Shop
from till.themes.diff import unified
from till.themes.manifest import Manifest
from till.themes.shelf import Version
from till.themes.store import Themes
from till.themes.theme import Theme

# So many versions are looked through for the one that changed a file.
LOOKED_AT = 20
# So many files are told of; the next save finds the others.
MOST = 50


async def conflicts_of(
    tx: Tx, shop: Shop, theme_id: int, names: list[str], mine: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Each of the first of these files as it is now: its checksum, empty where it is gone, and who made it.

    `diff` makes what is `mine`, by name, of what is there; null where one of them is no text, or too long.
    """
    themes = Themes(tx, shop)
    found = await themes.find(theme_id)
    manifest = await themes.manifest(found)
    names, history = names[:MOST], await _history(themes, found)
    bodies = await themes.contents(manifest, [name for name in names if name in manifest and name in mine])
    told = []
    for name in names:
        entry, version = manifest.get(name), _changed_by(history, name)
        known = None if version is None else (await writers_of(tx, [version.by]))[version.by]
        told.append(
            {
                "name": name,
                "checksum": "" if entry is None else entry.checksum,
                "by": known,
                "at": None if version is None else clock.iso(version.at, shop.timezone),
                "when": None if version is None else moment(version.at, shop.timezone),
                "version": None if version is None else version.number,
                "diff": unified(name, bodies.get(name, b""), mine[name].encode()) if name in mine else None,
            }
        )
    return told


async def _history(themes: Themes, found: Theme) -> list[tuple[Version, Manifest]]:
    """The last versions with what was in each, the newest first."""
    listed = await themes.versions(found.id, key=found.version + 1, limit=LOOKED_AT)
    return [(each, await themes.manifest(found, each.number)) for each in listed]


def _changed_by(history: list[tuple[Version, Manifest]], name: str) -> Version | None:
    """The version that last changed a file; None where that was long ago."""
    for (version, now), (_, before) in pairwise(history):
        if (name in now) != (name in before) or (name in now and now[name].sha256 != before[name].sha256):
            return version
    return None
