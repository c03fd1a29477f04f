"""A form with a file (`multipart/form-data`, RFC 7578), read with bounds."""

import asyncio
import re
from email.message import Message

from msgspec import Struct
from starlette.requests import Request

from till.errors import TooLarge, TooSlow, Unreadable, UnsupportedMediaType

KIND = "multipart/form-data"
MOST_PARTS = 20
LONGEST_FIELD = 10_000
WITHIN = 300.0
BOUNDARY = re.compile(r"[A-Za-z0-9'()+_,./:=? -]{1,70}\Z")


class Sent(Struct, frozen=True):
    """The fields of a form, and the files that came with it: each as its name and its content."""

    fields: dict[str, str]
    files: dict[str, tuple[str, bytes]]


async def sent_of(request: Request, *, longest: int) -> Sent:
    """The form that was sent, with files of `longest` bytes together; refuses what is none."""
    boundary = _boundary(request.headers.get("content-type", ""))
    body = bytearray()
    try:
        async with asyncio.timeout(WITHIN):
            async for chunk in request.stream():
                body += chunk
                if len(body) > longest + LONGEST_FIELD:
                    raise TooLarge(f"The file is longer than {longest:,} bytes.")
    except TimeoutError:
        raise TooSlow("The file did not arrive in time: send it again.") from None
    return await asyncio.to_thread(read, bytes(body), boundary)


def read(body: bytes, boundary: bytes) -> Sent:
    """The parts of a body; `Unreadable` where it is cut short or holds too many."""
    first, *parts = (b"\r\n" + body).split(b"\r\n--" + boundary, MOST_PARTS + 1)
    if first.strip() or not parts or not parts[-1].startswith(b"--"):
        raise Unreadable("The form cannot be read: it ends too early, or has too many fields.")
    found = Sent({}, {})
    for part in parts[:-1]:
        head, gap, content = part.partition(b"\r\n\r\n")
        name, file_name = _named(head)
        if not gap or name in found.fields or name in found.files:
            raise Unreadable("The form cannot be read: a field of it comes twice, or is none.")
        if file_name is not None:
            found.files[name] = (file_name, content)
        elif len(content) > LONGEST_FIELD:
            raise TooLarge(f"The field {name!r} is longer than {LONGEST_FIELD:,} bytes.")
        else:
            found.fields[name] = _text(content)
    return found


def _boundary(said: str) -> bytes:
    message = Message()
    message["content-type"] = said
    boundary = message.get_param("boundary")
    if message.get_content_type() != KIND or not isinstance(boundary, str) or not BOUNDARY.match(boundary):
        raise UnsupportedMediaType("This page takes its own forms only.")
    return boundary.encode()


def _named(head: bytes) -> tuple[str, str | None]:
    """The name of a field, and that of its file if it is one."""
    for line in _text(head).split("\r\n"):
        key, _, value = line.partition(":")
        if key.strip().lower() == "content-disposition":
            message = Message()
            message["content-disposition"] = value.strip()
            name = message.get_param("name", header="content-disposition")
            if isinstance(name, str) and name:
                return name, message.get_filename()
    raise Unreadable("The form cannot be read: a field of it has no name.")


def _text(raw: bytes) -> str:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise Unreadable("A field of the form is no text.") from None
    if "\0" in text:
        raise Unreadable("A field of the form holds the character U+0000: leave it out.")
    return text
