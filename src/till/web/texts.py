"""JSON with long texts in it, read and told apart without holding up whoever else wants to run.

Python's own reader, its encoder and its Base64 each take a text in one go, during which no other thread runs.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from till.dialect.body import parse_json
from till.errors import Unreadable

QUOTE, BACKSLASH = b'"', b"\\"
# A longer text is read by itself, so much of it at a time.
LONG = 256 * 1024
# What stands in a string up to its end, and what can be cut behind: both halves of a surrogate pair are one.
INSIDE = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
WHOLE = re.compile(rb"(?:[^\\]++|\\u[dD][89abAB]..\\u....|\\u(?![dD][89abAB])....|\\[^u])*+", re.DOTALL)
CONTINUES = range(0x80, 0xC0)


def must_be_texts(raw: bytes, most: int) -> None:
    """Refuse a JSON text that has more than `most` bytes outside of its strings, before it is read.

    A few bytes of JSON become a hundred in memory, but those of strings.
    """
    outside, at = 0, 0
    for start, end in _strings(raw):
        outside += start - at + 2
        if outside > most:
            break
        at = end
    else:
        outside += len(raw) - at
    if outside > most:
        raise Unreadable(f"The body has more than {most:,} bytes beside the texts in it: split the request.")


def parse_texts(raw: bytes) -> Any:
    """As `parse_json`; long texts are left out of what that reads, and put into what it finds."""
    texts: list[str] = []
    parts: list[bytes] = []
    mark, at = secrets.token_hex(16), 0
    for start, end in _strings(raw):
        if end - start > LONG:
            parts += [raw[at : start + 1], f"{mark}{len(texts)}".encode()]
            texts.append(_text(raw, start + 1, end - 1))
            at = end - 1
    value = parse_json(b"".join([*parts, raw[at:]]))
    try:
        return _each_text(
            value, lambda text: texts[int(text[len(mark) :])] if text.startswith(mark) else text
        )
    except RecursionError:
        raise Unreadable("The body is nested too deep to be read.") from None


def digest_of(value: Any) -> bytes:
    """The SHA-256 of what was parsed, however it was laid out; long texts count by their own."""
    short = _each_text(value, lambda text: _digest(text) if len(text) > LONG else text)
    return hashlib.sha256(msgspec.json.encode(short, order="sorted")).digest()


def decoded(text: str) -> bytes:
    """Bytes from Base64; ValueError where it is none."""
    parts = []
    for start in range(0, len(text), LONG):
        some = text[start : start + LONG]
        if some.endswith("=") and start + LONG < len(text):
            raise ValueError("It goes on behind its end.")
        parts.append(base64.b64decode(some, validate=True))
    return b"".join(parts)


def encoded(content: bytes) -> Iterator[bytes]:
    """The parts of a Base64 text."""
    step = LONG * 3 // 4
    return (base64.b64encode(content[at : at + step]) for at in range(0, len(content), step))


def _digest(text: str) -> str:
    found = hashlib.sha256()
    for start in range(0, len(text), LONG):
        found.update(text[start : start + LONG].encode())
    return found.hexdigest()


def _strings(raw: bytes) -> Iterator[tuple[int, int]]:
    """Where each string of a JSON text begins, and where it is over, quotes included."""
    at = 0
    while (start := raw.find(QUOTE, at)) >= 0:
        at = _end(raw, start)
        yield start, at


def _end(raw: bytes, start: int) -> int:
    """Where the string that begins at `start` is over; the end of it all where it never is."""
    at = start + 1
    while at < len(raw):
        quote = raw.find(QUOTE, at)
        if quote < 0:
            return len(raw)
        if raw.find(BACKSLASH, at, quote) < 0:
            return quote + 1
        found = INSIDE.match(raw, at, at + LONG)
        end = at if found is None else found.end()
        if end == at:
            return end + 1 if raw[end : end + 1] == QUOTE else len(raw)
        at = end
    return len(raw)


def _text(raw: bytes, start: int, stop: int) -> str:
    """What stands between the quotes of a string."""
    parts = []
    while start < stop:
        cut = _cut(raw, start, stop)
        try:
            parts.append(msgspec.json.decode(b'"%b"' % raw[start:cut], type=str))
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise Unreadable("The body is not JSON in UTF-8: a long text in it cannot be read.") from None
        start = cut
    return "".join(parts)


def _cut(raw: bytes, start: int, stop: int) -> int:
    """The last place soon after `start` where neither a character nor an escape is cut in two."""
    if stop - start <= LONG:
        return stop
    found = WHOLE.match(raw, start, start + LONG)
    end = start if found is None else found.end()
    while end > start and raw[end] in CONTINUES:
        end -= 1
    # What cannot be cut is broken, and is read as a whole to find that out.
    return end if end > start else stop


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    """The same value with every text in it changed, names too."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {change(name): _each_text(each, change) for name, each in value.items()}
    return [_each_text(each, change) for each in value] if isinstance(value, list) else value
