"""What the endpoints of themes share."""

from typing import Any

import msgspec
from msgspec import Struct

from till.db.port import Tx
from till.dialect.scalars import documented
from till.errors import Stale
from till.shop import Fidelity
from till.themes.store import Themes
from till.themes.theme import Theme, unknown
from till.themes.wire import ThemeAnswer, show
from till.web.call import Answer, Call, Headers, matches, path_id
from till.web.live import LiveCall

GROUP = "Themes"


def themes_of(call: Call) -> Themes:
    return Themes(call.tx, call.caller.shop)


def theme_id(text: str) -> int:
    """The id in a path; what cannot be one is answered like an unknown one."""
    return path_id(text, unknown)


async def theme_in(tx: Tx, call: Call | LiveCall, text: str) -> Theme:
    return await Themes(tx, call.caller.shop).find(theme_id(text))


def answer(call: Call | LiveCall, shown: Struct, status: int = 200, headers: Headers = ()) -> Answer:
    """`shown` in the profile that is asked for."""
    found: Any = msgspec.to_builtins(shown)
    told = documented(found) if call.fidelity is Fidelity.DOCUMENTED else found
    return Answer(msgspec.json.encode(told), headers, status)


def one(call: Call, theme: Theme, status: int = 200) -> Answer:
    return answer(call, ThemeAnswer(theme=show(theme)), status)


def must_be_at(call: Call, theme: Theme) -> None:
    """Refuse when `If-Match` names another version of the theme."""
    wish = call.request.headers.get("if-match")
    if wish is not None and not matches(wish, theme.version):
        raise Stale(
            f"If-Match is {wish}, but the theme is at version {theme.version}: look at it again and repeat.",
            fields={"If-Match": [f"is not the present version {theme.version}"]},
        )


def tag(checksum: str) -> tuple[str, str]:
    """The entity tag of a file."""
    return ("etag", f'"{checksum}"')


def tags(call: Call, header: str) -> str | None:
    """What `If-Match` or `If-None-Match` names, with commas between; None without the header."""
    wish = call.request.headers.get(header)
    if wish is None:
        return None
    return ",".join(each.strip().removeprefix("W/").strip('"') for each in wish.split(","))
