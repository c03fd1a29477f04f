"""The REST endpoint of previews: a link that shows a theme to whoever has it."""

from collections.abc import Mapping
from typing import Any

import msgspec

from till.caller import Caller
from till.dialect.nothing import NothingIn
from till.dialect.out import Out, Time
from till.themes.api.shared import GROUP, answer, theme_id, themes_of
from till.themes.topics import READ, WRITE
from till.themes.wire import stamp
from till.web.call import Answer, Call
from till.web.endpoint import endpoint, endpoints_of
from till.web.services import Services

SAMPLE = "http://demo.store.localhost:8080/?till_preview=eyJhbGciOiJIUzI1NiJ9.e30.c2FtcGxl"


class PreviewOut(Out, kw_only=True, frozen=True):
    """A link to the shop's storefront as this theme shows it, and until when it is good."""

    url: str
    expire_time: Time


class PreviewAnswer(Out, kw_only=True, frozen=True):
    """A preview in its envelope."""

    preview: PreviewOut


def _shown() -> Any:
    return msgspec.to_builtins(
        PreviewAnswer(preview=PreviewOut(url=SAMPLE, expire_time="2026-03-28T15:09:26.000Z"))
    )


async def links_of(lent: Services, _caller: Caller, _given: Mapping[str, Any]) -> object:
    """What makes links, which the handler cannot know by itself."""
    return lent.preview


@endpoint(
    "POST",
    "/themes/{themeId}/preview",
    "Make a link that shows a theme",
    scopes=READ | WRITE,
    answers=PreviewAnswer,
    before=links_of,
    body_required=False,
    group=GROUP,
    source="additive",
    shows=_shown,
)
async def preview_theme(call: Call, themeId: str, body: NothingIn, ready: Any) -> Answer:  # noqa: N803, ARG001 - the path's own name; the body says nothing
    theme = (await themes_of(call).find(theme_id(themeId))).ready()
    url, expires_at = ready(call.caller.shop, theme.id, call.request, call.at)
    return answer(call, PreviewAnswer(preview=PreviewOut(url=url, expire_time=stamp(expires_at))))


ENDPOINTS = endpoints_of(vars())
