"""What a form of ours sends: read with bounds, each field once unless it may come several times."""

import asyncio
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote

from msgspec import Struct
from starlette.requests import Request

from till.errors import TooLarge, TooSlow, Unreadable, UnsupportedMediaType

KIND = "application/x-www-form-urlencoded"
LONGEST = 64 * 1024
MOST_FIELDS = 200
WITHIN = 20.0


class Form(Struct, frozen=True):
    """The fields of a form, each with all that was sent for it."""

    fields: Mapping[str, tuple[str, ...]]

    def one(self, name: str) -> str:
        """The only value of a field, empty where it was not sent; `Unreadable` where it came twice."""
        found = self.fields.get(name, ("",))
        if len(found) != 1:
            raise Unreadable(f"The form has the field {name!r} more than once.")
        return found[0]


async def form_of(request: Request) -> Form:
    """The form that was sent; refuses what is too long, too slow or no form."""
    said = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if said != KIND:
        raise UnsupportedMediaType("This page takes its own forms only.")
    raw = b""
    try:
        async with asyncio.timeout(WITHIN):
            async for chunk in request.stream():
                raw += chunk
                if len(raw) > LONGEST:
                    raise TooLarge(f"The form is longer than {LONGEST:,} bytes.")
    except TimeoutError:
        raise TooSlow("The form did not arrive in time: send it again.") from None
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise Unreadable("The form cannot be read.") from None
    if any("\0" in name + value for name, value in pairs):
        raise Unreadable("A field of the form holds the character U+0000: leave it out.")
    fields: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        fields[name] = (*fields.get(name, ()), value)
    return Form(fields)


def local(target: str) -> str | None:
    """`target` if it is a page of ours that people may be sent on to after signing in, else None.

    A path below /admin or the authorize page, and nothing that a browser could read as another host.
    """
    path = target.partition("?")[0]
    ours = path == "/admin" or path.startswith("/admin/") or path == "/oauth2/authorize"
    spelled = len(target) <= LONGEST // 8 and all("!" <= each <= "~" and each != "\\" for each in target)
    return target if ours and spelled and "//" not in path and "/." not in path else None


def sign_in_path(target: str | None) -> str:
    """Where to sign in, and be led on to `target`."""
    return f"/admin/sign-in?next={quote(target, safe='')}" if target else "/admin/sign-in"
