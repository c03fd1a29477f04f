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
from till.themes.shelf import Version
from till.themes.store import Themes
from till.themes.theme import Theme

# So many versions are looked through for the one that changed a file.
LOOKED_AT = 20


async def conflicts_of(
    tx: Tx, shop: Shop, theme_id: int, names: list[str], mine: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Each of these files as it is now: its checksum, empty where it is gone, and who made it so.

    `diff` makes what is `mine`, by name, of what is there; null where one of them is no text, or too long.
    """
    themes = Themes(tx, shop)
    found = await themes.find(theme_id)
    manifest = await themes.manifest(found)
    bodies = await themes.contents(manifest, [name for name in names if name in manifest and name in mine])
    told = []
    for name in names:
        entry, version = manifest.get(name), await _changed_by(themes, found, name)
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


async def _changed_by(themes: Themes, found: Theme, name: str) -> Version | None:
    """The version that last changed a file; None where that was long ago."""
    listed = await themes.versions(found.id, key=found.version + 1, limit=LOOKED_AT)
    digests = {}
    for each in listed:
        entry = (await themes.manifest(found, each.number)).get(name)
        digests[each.number] = None if entry is None else entry.sha256
    for version, before in pairwise(listed):
        if digests[version.number] != digests[before.number]:
            return version
    return None
