"""The REST endpoints of what was: versions of a theme, how two of them differ, and the theme as a package."""

import asyncio
import base64
import re

from msgspec import UNSET

from till.db.port import Tx
from till.errors import Invalid
from till.themes import diff, examples, package
from till.themes.api.shared import GROUP, answer, theme_id, theme_in, themes_of
from till.themes.manifest import Manifest
from till.themes.requests import LONGEST_PACKAGE, DiffQuery, VersionFilter, VersionsQuery
from till.themes.store import Themes
from till.themes.theme import AssetNotFound, Theme
from till.themes.topics import READ
from till.themes.wire import (
    Side,
    ThemeDiffAnswer,
    ThemePackageAnswer,
    ThemePackageOut,
    ThemeVersionsAnswer,
    show_diff,
    show_version,
)
from till.themes.writers import names_of
from till.web.call import Answer, Call
from till.web.endpoint import endpoint, endpoints_of
from till.web.live import LiveCall
from till.web.walk import links, tokens_around, walk_of

NEWEST = 2**53
PLAIN = re.compile(r"[^a-z0-9]+")
LONGEST_FILES = 2 * LONGEST_PACKAGE


class TooLargeToPack(Invalid):
    """The files of a theme are more than one package holds."""


@endpoint(
    "GET",
    "/themes/{themeId}/versions",
    "List the versions of a theme",
    scopes=READ,
    answers=ThemeVersionsAnswer,
    shows=examples.versions,
    group=GROUP,
    source="additive",
)
async def list_versions(call: Call, themeId: str, query: VersionsQuery) -> Answer:  # noqa: N803 - the path's own name
    themes = themes_of(call)
    theme = await themes.find(theme_id(themeId))
    walk = walk_of(call, query, VersionFilter, f"themes/{theme.id}/versions", after=None)
    key = walk.key[0] if walk.key else NEWEST
    rows = list(await themes.versions(theme.id, key=key, backward=walk.backward, limit=walk.limit + 1))
    shown, tokens = tokens_around(call, walk, rows, lambda each: (each.number,))
    names = await names_of(call.tx, (each.by for each in shown))
    versions = ThemeVersionsAnswer(
        versions=tuple(show_version(each, theme, names[each.by]) for each in shown)
    )
    return answer(call, versions, headers=links(call, walk, tokens, ()))


@endpoint(
    "GET",
    "/themes/{themeId}/diff",
    "Compare two versions of a theme, or two themes",
    scopes=READ,
    answers=ThemeDiffAnswer,
    shows=examples.diff,
    group=GROUP,
    source="additive",
    live=True,
    statuses=(422,),
)
async def compare_theme(call: LiveCall, themeId: str, query: DiffQuery) -> Answer:  # noqa: N803 - likewise
    """Compared beside the loop, for it may take a moment."""
    only = None if query.asset_name is UNSET else query.asset_name

    async def work(tx: Tx) -> tuple[Side, Side, bytes | None, bytes | None]:
        themes = Themes(tx, call.caller.shop)
        old, new = await _sides(themes, await theme_in(tx, call, themeId), query)
        if only is None:
            return old, new, None, None
        if only not in old.manifest and only not in new.manifest:
            raise AssetNotFound(
                f"Neither side has a file {only}.", fields={"assetName": ["is on neither side"]}
            )
        before, after = [await _body(themes, side, only) for side in (old, new)]
        return old, new, before, after

    old, new, before, after = await call.db.read(work, heavy=True)
    text = None
    if only is not None and before is not None and after is not None:
        text = await asyncio.to_thread(diff.unified, only, before, after)
    return answer(call, ThemeDiffAnswer(diff=show_diff(old, new, only=only, text=text)))


@endpoint(
    "GET",
    "/themes/{themeId}/package",
    "Get a theme as a zip",
    scopes=READ,
    answers=ThemePackageAnswer,
    shows=examples.package,
    group=GROUP,
    source="additive",
    live=True,
    statuses=(422,),
)
async def get_package(call: LiveCall, themeId: str) -> Answer:  # noqa: N803 - likewise
    """Packed beside the loop, for that takes time."""

    async def look(tx: Tx) -> tuple[Theme, Manifest, int]:
        theme = await theme_in(tx, call, themeId)
        manifest = await Themes(tx, call.caller.shop).manifest(theme)
        size = sum(entry.size for entry in manifest.values())
        if size > LONGEST_FILES:
            raise TooLargeToPack(
                f"The files of theme {theme.id} have {size:,} bytes, and a package holds at most"
                f" {LONGEST_FILES:,}: get them one by one.",
                fields={"themeId": ["has files too large for one package"]},
            )
        return theme, manifest, size

    theme, manifest, size = await call.db.read(look, heavy=True)
    call.weigh(size)
    files = await call.db.read(lambda tx: Themes(tx, call.caller.shop).contents(manifest), heavy=True)
    attachment, packed = await asyncio.to_thread(_packed, files)
    name = f"{PLAIN.sub('-', theme.name.lower()).strip('-') or theme.id}-{theme.version}.zip"
    shown = ThemePackageOut(file_name=name, attachment=attachment, size=packed)
    return answer(call, ThemePackageAnswer(package=shown))


async def _body(themes: Themes, side: Side, name: str) -> bytes:
    """The content of a file, empty where it is not there."""
    entry = side.manifest.get(name)
    return b"" if entry is None else await themes.blob(entry.sha256)


def _packed(files: dict[str, bytes]) -> tuple[str, int]:
    """The zip in Base64, and how many bytes it has."""
    packed = package.write(files)
    return base64.b64encode(packed).decode(), len(packed)


async def _sides(themes: Themes, theme: Theme, query: DiffQuery) -> tuple[Side, Side]:
    """What is compared: two versions of a theme, or this theme with another."""
    other = theme if query.with_ is UNSET else await themes.find(theme_id(query.with_))
    to = other.ready().version if query.to is UNSET else query.to
    if query.from_ is not UNSET:
        since = query.from_
    elif other.id != theme.id:
        since = theme.ready().version
    else:
        earlier = await themes.versions(theme.id, key=to, limit=1)
        since = earlier[0].number if earlier else to
    return (
        Side(theme.id, since, await themes.manifest(theme, since)),
        Side(other.id, to, await themes.manifest(other, to)),
    )


ENDPOINTS = endpoints_of(vars())
