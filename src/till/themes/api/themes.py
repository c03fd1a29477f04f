"""The REST endpoints of themes: listed as documented, made, named, published and deleted beside that."""

import asyncio
from collections.abc import Mapping
from typing import Any

from msgspec import UNSET, Struct

from till.caller import Caller
from till.dialect.nothing import NothingIn
from till.errors import Invalid
from till.themes import examples
from till.themes.api.shared import (
    GROUP,
    answer,
    is_known,
    must_match,
    one,
    revision,
    tag,
    theme_at,
    theme_id,
    themes_of,
)
from till.themes.founding import default_pieces
from till.themes.installing_uploads import add
from till.themes.package import survey
from till.themes.requests import (
    LONGEST_BODY,
    LONGEST_PACKAGE,
    CopyBody,
    NewThemeBody,
    RenameBody,
    RollbackBody,
    decoded,
)
from till.themes.topics import READ, WRITE
from till.themes.wire import ThemeAnswer, ThemesAnswer, show
from till.web.call import Answer, Call
from till.web.endpoint import endpoint, endpoints_of
from till.web.services import Services

CHANGES: dict[str, Any] = {"scopes": WRITE, "group": GROUP, "source": "additive", "alone": True}
MATCHES: dict[str, Any] = {
    "statuses": (412,),
    "unchanged": ThemeAnswer,
    "about": 'The `ETag` of a theme is its revision, such as `"r3"`, which rises with every change of it: of'
    " its files, its name, or whether visitors see it. `If-Match` takes it.",
}
ONE: dict[str, Any] = {"answers": ThemeAnswer, "shows": examples.theme}


class TwoSources(Invalid):
    """A theme comes from one place."""


class PackageTooLarge(Invalid):
    """The zip is longer than may be sent."""


class NewTheme(Struct, frozen=True):
    """A package that was sent along, decoded; None where it is to be fetched, or none was meant."""

    package: bytes | None


async def list_themes(call: Call) -> Answer:
    themes = await themes_of(call).list()
    return answer(call, ThemesAnswer(themes=tuple(map(show, themes))))


async def list_themes_by_older_path(call: Call) -> Answer:
    return await list_themes(call)


LISTS: dict[str, Any] = {"scopes": READ, "answers": ThemesAnswer, "shows": examples.themes, "group": GROUP}
LIST = endpoint("GET", "/themes", "List the themes", **LISTS)(list_themes)
OLD_LIST = endpoint("GET", "/decoration/themes", "List the themes, by the older path", **LISTS)(
    list_themes_by_older_path
)


@endpoint(
    "GET",
    "/themes/{themeId}",
    "Get a theme",
    scopes=READ,
    group=GROUP,
    source="additive",
    statuses=(304,),
    tagged=True,
    about='Its `ETag` is its revision, such as `"r3"`, which rises with every change of it: of its files, its'
    " name, or whether visitors see it. That of its list of files is the version of these alone.",
    **ONE,
)
async def get_theme(call: Call, themeId: str) -> Answer:  # noqa: N803 - the path's own name
    theme = await themes_of(call).find(theme_id(themeId))
    if is_known(call, revision(theme)):
        return Answer(b"", (tag(revision(theme)),), 304)
    return one(call, theme)


async def _decode(_: Services, _caller: Caller, given: Mapping[str, Any]) -> NewTheme:
    """The package that was sent along, decoded and looked through beside the loop, for it may be large."""
    sent = given["body"].theme
    if not sent.attachment:
        return NewTheme(None)
    if sent.src:
        both = ["stands beside the other"]
        raise TwoSources(
            "theme has both src and attachment: send one of them.",
            fields={"theme.src": both, "theme.attachment": both},
        )
    found = await asyncio.to_thread(decoded, sent.attachment, "theme.attachment")
    if len(found) > LONGEST_PACKAGE:
        raise PackageTooLarge(
            f"theme.attachment has {len(found):,} bytes: a zip has at most {LONGEST_PACKAGE:,}.",
            fields={"theme.attachment": [f"is longer than {LONGEST_PACKAGE:,} bytes"]},
        )
    await asyncio.to_thread(survey, found)
    return NewTheme(found)


@endpoint(
    "POST",
    "/themes",
    "Add a theme",
    status=201,
    longest=LONGEST_BODY,
    before=_decode,
    tagged=True,
    sends=examples.NEW_THEME,
    **CHANGES,
    **ONE,
)
async def create_theme(call: Call, body: NewThemeBody, ready: NewTheme) -> Answer:
    """Without a package it is a copy of the default theme, and there at once; else it is installed later."""
    sent, themes, by = body.theme, themes_of(call), call.caller.client_id
    if ready.package is None and not sent.src:
        pieces = default_pieces(at=call.at)
        made = await themes.add(call.mint(), sent.shop_theme_name, pieces, at=call.at, by=by)
        return one(call, made, 201)
    src = None if sent.src is UNSET or not sent.src else _checked(call, sent.src)
    made = await themes.begin(call.mint(), sent.shop_theme_name, at=call.at)
    await add(call.tx, made.id, shop_id=made.shop_id, src=src, file=ready.package, by=by, at=call.at)
    return one(call, made, 201)


def _checked(call: Call, src: str) -> str:
    """An address that may be fetched from, in its canonical form."""
    try:
        return call.check_address(src)
    except Invalid as refused:
        said = refused.message.replace("webhook.address", "theme.src").replace("address", "theme.src", 1)
        raise Invalid(said, fields={"theme.src": ["cannot be fetched from"]}) from None


@endpoint(
    "PUT",
    "/themes/{themeId}",
    "Rename a theme",
    tagged=True,
    sends=examples.RENAME,
    **MATCHES,
    **CHANGES,
    **ONE,
)
async def update_theme(call: Call, themeId: str, body: RenameBody) -> Answer:  # noqa: N803 - likewise
    named = body.theme.shop_theme_name
    theme = await theme_at(call, themeId)
    return one(call, await themes_of(call).rename(theme.id, named, at=call.at))


@endpoint("DELETE", "/themes/{themeId}", "Delete a theme", **MATCHES, **CHANGES, **ONE)
async def delete_theme(call: Call, themeId: str) -> Answer:  # noqa: N803 - likewise
    gone = await themes_of(call).delete((await theme_at(call, themeId)).id)
    return answer(call, ThemeAnswer(theme=show(gone)))


@endpoint(
    "POST",
    "/themes/{themeId}/publish",
    "Publish a theme",
    body_required=False,
    tagged=True,
    **MATCHES,
    **CHANGES,
    **ONE,
)
async def publish_theme(call: Call, themeId: str, body: NothingIn) -> Answer:  # noqa: N803, ARG001 - likewise
    theme = await theme_at(call, themeId)
    return one(call, await themes_of(call).publish(theme.id, at=call.at, by=call.caller.client_id))


@endpoint(
    "POST",
    "/themes/{themeId}/duplicate",
    "Copy a theme",
    body_required=False,
    sends=examples.COPY,
    status=201,
    tagged=True,
    **MATCHES,
    **CHANGES,
    **ONE,
)
async def duplicate_theme(call: Call, themeId: str, body: CopyBody) -> Answer:  # noqa: N803 - likewise
    name = None if body.theme is UNSET or body.theme is None else body.theme.shop_theme_name
    theme = await theme_at(call, themeId)
    made = await themes_of(call).duplicate(
        theme.id,
        None if name is UNSET else name,
        new_id=call.mint(),
        at=call.at,
        by=call.caller.client_id,
    )
    return one(call, made, 201)


@endpoint(
    "POST",
    "/themes/rollback",
    "Go back to what visitors saw before",
    body_required=False,
    tagged=True,
    **MATCHES | {"about": "`If-Match` takes the `ETag` of the theme that visitors see now."},
    **CHANGES,
    **ONE,
)
async def rollback_themes(call: Call, body: NothingIn) -> Answer:  # noqa: ARG001 - the body says nothing
    current = await themes_of(call).current()
    if current is not None:
        must_match(call, current, revision(current))
    return one(call, await themes_of(call).roll_back(at=call.at))


@endpoint(
    "POST",
    "/themes/{themeId}/rollback",
    "Go to another version of a theme",
    sends=examples.ROLLBACK,
    tagged=True,
    **MATCHES,
    **CHANGES,
    **ONE,
)
async def rollback_theme(call: Call, themeId: str, body: RollbackBody) -> Answer:  # noqa: N803 - likewise
    by = call.caller.client_id
    theme = await theme_at(call, themeId)
    shown = await themes_of(call).roll_to(theme.id, body.version, at=call.at, by=by)
    return one(call, shown)


ENDPOINTS = endpoints_of(vars())
