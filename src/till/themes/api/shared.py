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
from till.web.call import Answer, Call, Headers, path_id
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
    return Answer(told(call, shown), headers, status)


def told(call: Call | LiveCall, shown: Struct) -> bytes:
    """The JSON of `shown` in the profile that is asked for."""
    return msgspec.json.encode(_shown(call, shown))


def one(call: Call, theme: Theme, status: int = 200) -> Answer:
    """A theme with its entity tag."""
    return answer(call, ThemeAnswer(theme=show(theme)), status, (tag(revision(theme)),))


def revision(theme: Theme) -> str:
    """What the entity tag of a theme says, which no version of its files can be taken for."""
    return f"r{theme.revision}"


async def theme_at(call: Call, text: str) -> Theme:
    """The theme of a path; `Stale` where `If-Match` names another revision of it."""
    theme = await theme_in(call.tx, call, text)
    must_match(call, theme, revision(theme))
    return theme


def must_match(call: Call, theme: Theme, *now: str) -> None:
    """Refuse when `If-Match` names nothing of what the theme is `now` (rulings.md §5.2)."""
    wish = tags(call, "if-match")
    if wish is not None and {"*", *now}.isdisjoint(wish.split(",")):
        named = call.request.headers["if-match"]
        raise Stale(
            f'If-Match is {named}, but the theme is at "{now[0]}": look at it again and repeat.',
            fields={"If-Match": [f'is not the present "{now[0]}"']},
            resource=("theme", msgspec.json.encode(_shown(call, show(theme)))),
        )


def is_known(call: Call, said: str) -> bool:
    """True when `If-None-Match` says that the caller has what is now."""
    known = tags(call, "if-none-match")
    return known is not None and not {"*", said}.isdisjoint(known.split(","))


def _shown(call: Call | LiveCall, shown: Struct) -> Any:
    found: Any = msgspec.to_builtins(shown)
    return documented(found) if call.fidelity is Fidelity.DOCUMENTED else found


def tag(said: str) -> tuple[str, str]:
    """The entity tag that says this, such as the checksum of a file."""
    return ("etag", f'"{said}"')


def tags(call: Call, header: str) -> str | None:
    """What `If-Match` or `If-None-Match` names, with commas between; None without the header."""
    wish = call.request.headers.get(header)
    if wish is None:
        return None
    return ",".join(each.strip().removeprefix("W/").strip('"') for each in wish.split(","))
