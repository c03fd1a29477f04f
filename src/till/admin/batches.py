"""What the scripts of the theme editors send: files as they are to be, read with bounds."""

import asyncio
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct
from starlette.requests import Request

from till.errors import TooLarge, TooSlow, Unreadable, UnsupportedMediaType

LONGEST = 8 * 1024 * 1024
WITHIN = 30.0
T = TypeVar("T")
# An editor has a page of files that changed; who has more is no editor.
Few = Meta(max_length=200)


class File(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A file as it is to be; `if_match` is the checksum that it had, empty where it was not there."""

    name: str
    text: str
    if_match: str


class Gone(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A file that is to go."""

    name: str
    if_match: str


class Moved(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A file that is to have another name, which no file has."""

    name: str
    to: str
    if_match: str


class Batch(Struct, frozen=True, forbid_unknown_fields=True):
    """What an editor saves: all of it, or nothing."""

    csrf: str
    files: Annotated[tuple[File, ...], Few] = ()
    gone: Annotated[tuple[Gone, ...], Few] = ()
    moved: Annotated[tuple[Moved, ...], Few] = ()


class Sketched(Struct, frozen=True, forbid_unknown_fields=True):
    """What an editor would save, to be looked at: all files that differ from those that are kept."""

    csrf: str
    files: Annotated[dict[str, str], Few]


async def batch_of(request: Request, kind: type[T]) -> T:
    """What a script of ours sent, as a `kind`."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedMediaType("This is saved by the editor only.")
    raw = bytearray()
    try:
        async with asyncio.timeout(WITHIN):
            async for chunk in request.stream():
                raw += chunk
                if len(raw) > LONGEST:
                    raise TooLarge(f"What is saved at once is longer than {LONGEST:,} bytes: save less.")
    except TimeoutError:
        raise TooSlow("What was saved did not arrive in time: save it again.") from None
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.DecodeError:
        raise Unreadable("What was saved cannot be read: load the page again.") from None
