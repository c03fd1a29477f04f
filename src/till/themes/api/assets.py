"""The REST endpoints of a theme's files: read as documented; changed one by one, or many at once."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any

from msgspec import UNSET, Struct

from till.caller import Caller
from till.errors import Invalid, Unreadable
from till.shop import Fidelity
from till.themes import examples
from till.themes.api.long import LONG, in_parts
from till.themes.api.shared import (
    GROUP,
    answer,
    is_known,
    must_match,
    revision,
    tag,
    tags,
    theme_id,
    themes_of,
    told,
)
from till.themes.blobs import Piece
from till.themes.conditions import ABSENT
from till.themes.manifest import Entry, Manifest
from till.themes.preparing import prepared
from till.themes.requests import (
    LONGEST_BODY,
    AssetBody,
    AssetQuery,
    AssetsQuery,
    BatchBody,
    OldAssetQuery,
    content_of,
)
from till.themes.store import Drop, Put
from till.themes.theme import AssetNotFound, Theme
from till.themes.topics import READ, WRITE
from till.themes.wire import (
    AssetAnswer,
    AssetChangedAnswer,
    AssetOut,
    AssetsAnswer,
    AssetsChangedAnswer,
    ShopAssertAnswer,
    ThemeAnswer,
    show,
    show_asset,
    show_entries,
    show_entry,
)
from till.web.call import Answer, Call, etag
from till.web.endpoint import endpoint, endpoints_of
from till.web.services import Services

PATH = "/themes/{themeId}/assets"
CHANGES: dict[str, Any] = {"scopes": WRITE, "group": GROUP, "source": "additive", "alone": True}
CHANGED: dict[str, Any] = {"answers": AssetChangedAnswer, "shows": examples.asset_changed}


class NamedTwice(Invalid):
    """A batch says two things of one file."""


@endpoint(
    "GET",
    PATH,
    "Get a file of a theme, or list them",
    scopes=READ,
    answers=AssetAnswer,
    foretells=AssetsAnswer,
    statuses=(304, 422),
    tagged=True,
    shows=examples.asset,
    group=GROUP,
)
async def get_asset(call: Call, themeId: str, query: AssetsQuery) -> Answer:  # noqa: N803 - the path's own name
    theme, manifest = await _files(call, themeId)
    if query.asset_name is not UNSET:
        entry = _entry(theme, manifest, query.asset_name)
        return await _one(call, entry)
    if call.fidelity is Fidelity.DOCUMENTED:
        raise Unreadable(
            "assetName is required: name a file of the theme, such as templates/index.json.",
            fields={"assetName": ["is required"]},
        )
    if is_known(call, str(theme.version)):
        return Answer(b"", (etag(theme.version),), 304)
    listed = AssetsAnswer(assets=show_entries(manifest), version=theme.version)
    return answer(call, listed, headers=(etag(theme.version),))


@endpoint(
    "GET",
    "/decoration/assets/{themeId}",
    "Get a file of a theme, by the older path",
    scopes=READ,
    answers=ShopAssertAnswer,
    statuses=(304, 422),
    tagged=True,
    shows=examples.shop_assert,
    group=GROUP,
)
async def get_asset_by_older_path(call: Call, themeId: str, query: OldAssetQuery) -> Answer:  # noqa: N803 - likewise
    theme, manifest = await _files(call, themeId)
    return await _one(call, _entry(theme, manifest, query.asset), older=True)


async def _ready_one(lent: Services, caller: Caller, given: Mapping[str, Any]) -> Piece:
    sent, name = given["body"].asset, given["query"].asset_name
    content = await asyncio.to_thread(content_of, sent.context, sent.encoding, "asset")
    (piece,) = await prepared({name: content}, lent.parse, shop_id=caller.shop.id, at=lent.clock())
    return piece


@endpoint(
    "PUT",
    PATH,
    "Put a file into a theme",
    statuses=(412,),
    tagged=True,
    longest=LONGEST_BODY,
    before=_ready_one,
    sends=examples.ASSET,
    **CHANGES,
    **CHANGED,
)
async def put_asset(
    call: Call,
    themeId: str,  # noqa: N803 - likewise
    query: AssetQuery,
    body: AssetBody,  # noqa: ARG001 - it is in the piece
    ready: Piece,
) -> Answer:
    is_new = tags(call, "if-none-match") == "*"
    wanted = [Put(ready, ABSENT if is_new else tags(call, "if-match"))]
    outcome = await themes_of(call).change(theme_id(themeId), wanted, at=call.at, by=call.caller.client_id)
    return _changed(call, outcome.manifest[query.asset_name], outcome.theme)


@endpoint(
    "DELETE",
    PATH,
    "Take a file out of a theme",
    statuses=(412,),
    **CHANGES,
    **CHANGED,
)
async def delete_asset(call: Call, themeId: str, query: AssetQuery) -> Answer:  # noqa: N803 - likewise
    theme, manifest = await _files(call, themeId)
    entry = _entry(theme, manifest, query.asset_name)
    wanted = [Drop(entry.name, tags(call, "if-match"))]
    outcome = await themes_of(call).change(theme.id, [], wanted, at=call.at, by=call.caller.client_id)
    return answer(call, AssetChangedAnswer(asset=show_entry(entry), version=outcome.theme.version))


async def _ready_batch(lent: Services, caller: Caller, given: Mapping[str, Any]) -> list[Piece]:
    sent = _listed(given["body"].assets)
    _check_names([each.asset_name for each in (*sent, *_listed(given["body"].delete))])
    contents = await asyncio.to_thread(_contents, sent)
    return await prepared(contents, lent.parse, shop_id=caller.shop.id, at=lent.clock())


@endpoint(
    "POST",
    PATH,
    "Change many files of a theme at once",
    statuses=(412,),
    tagged=True,
    longest=LONGEST_BODY,
    before=_ready_batch,
    sends=examples.BATCH,
    answers=AssetsChangedAnswer,
    shows=examples.assets_changed,
    unchanged=ThemeAnswer,
    about="All or none, as one version. The `ETag` is the version of the theme's files, and `If-Match` takes"
    ' it; or the theme\'s own `ETag`, such as `"r3"`, which rises when it is renamed or published, too.',
    **CHANGES,
)
async def change_assets(call: Call, themeId: str, body: BatchBody, ready: list[Piece]) -> Answer:  # noqa: N803 - likewise
    """All or none, as one version; where nothing differs, there is none."""
    theme = await themes_of(call).find(theme_id(themeId))
    must_match(call, theme, str(theme.version), revision(theme))
    conditions = {each.asset_name: _said(each.if_match) for each in _listed(body.assets)}
    puts = [Put(piece, conditions[piece.entry.name]) for piece in ready]
    drops = [Drop(each.asset_name, _said(each.if_match)) for each in _listed(body.delete)]
    outcome = await themes_of(call).change(theme.id, puts, drops, at=call.at, by=call.caller.client_id)
    shown = AssetsChangedAnswer(
        assets=tuple(show_entry(outcome.manifest[each.piece.entry.name]) for each in puts),
        deleted=tuple(each.name for each in drops),
        theme=show(outcome.theme),
    )
    return answer(call, shown, headers=(etag(outcome.theme.version),))


def _contents(sent: tuple[Any, ...]) -> dict[str, bytes]:
    return {
        each.asset_name: content_of(each.context, each.encoding, f"assets[{index}]")
        for index, each in enumerate(sent)
    }


async def _files(call: Call, text: str) -> tuple[Theme, Manifest]:
    themes = themes_of(call)
    theme = await themes.find(theme_id(text))
    return theme, await themes.manifest(theme)


def _entry(theme: Theme, manifest: Manifest, name: str) -> Entry:
    entry = manifest.get(name)
    if entry is None:
        raise AssetNotFound(f"Theme {theme.id} has no file {name}.", fields={"assetName": ["is not there"]})
    return entry


async def _one(call: Call, entry: Entry, *, older: bool = False) -> Answer:
    if is_known(call, entry.checksum):
        return Answer(b"", (tag(entry.checksum),), 304)
    headers = (tag(entry.checksum),)
    is_long = entry.size > LONG
    if is_long:
        call.weigh(entry.size)
    content = await themes_of(call).blob(entry.sha256)
    if is_long:
        return in_parts(entry, content, lambda shown: told(call, _wrapped(shown, older=older)), headers)
    return answer(call, _wrapped(show_asset(entry, content), older=older), headers=headers)


def _wrapped(shown: AssetOut, *, older: bool) -> Struct:
    return ShopAssertAnswer(shop_assert=shown) if older else AssetAnswer(asset=shown)


def _changed(call: Call, entry: Entry, theme: Theme) -> Answer:
    shown = AssetChangedAnswer(asset=show_entry(entry), version=theme.version)
    return answer(call, shown, headers=(tag(entry.checksum),))


def _listed(sent: Any) -> tuple[Any, ...]:
    return () if sent is UNSET or sent is None else sent


def _said(condition: Any) -> str | None:
    return None if condition is UNSET else condition


def _check_names(names: list[str]) -> None:
    """Refuse a batch that names a file more than once."""
    counts = Counter(names)
    twice = {name: ["is named twice"] for name, count in counts.items() if count > 1}
    if twice:
        raise NamedTwice(f"{next(iter(twice))} is named twice: say one thing of each file.", fields=twice)


ENDPOINTS = endpoints_of(vars())
