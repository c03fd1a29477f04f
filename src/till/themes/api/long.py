"""A long file of a theme, told in parts, so that others are served in between."""

import codecs
import secrets
from collections.abc import AsyncGenerator, Callable, Iterator

import msgspec

from till.themes.files import MIB, is_text
from till.themes.manifest import Entry
from till.themes.wire import AssetOut, show_asset_of
from till.web.call import Answer, Headers
from till.web.texts import encoded

LONG = MIB
PART = 256 * 1024
TWO = b'"\\\b\f\n\r\t'
SIX = bytes(set(range(32)) - set(TWO))


def in_parts(entry: Entry, content: bytes, told: Callable[[AssetOut], bytes], headers: Headers) -> Answer:
    """The answer with a file and its content; `told` makes the JSON of what is shown of it.

    It says how long it is, so that one that is cut short is known to be.
    """
    is_plain = is_text(entry.name)
    mark = secrets.token_hex(16)
    before, _, after = told(show_asset_of(entry, mark, is_plain=is_plain)).partition(mark.encode())
    parts = _escaped(content) if is_plain else encoded(content)
    within = _escaped_size(content) if is_plain else (len(content) + 2) // 3 * 4
    length = ("content-length", str(len(before) + within + len(after)))
    return Answer(b"", (*headers, length), chunks=_poured(before, parts, after))


async def _poured(before: bytes, parts: Iterator[bytes], after: bytes) -> AsyncGenerator[bytes, None]:
    yield before
    for part in parts:
        yield part
    yield after


def _escaped_size(content: bytes) -> int:
    """How many bytes `_escaped` makes, without making them: two for some characters, six for others."""
    plain = len(content.translate(None, TWO))
    return 2 * len(content) - plain + 5 * (plain - len(content.translate(None, TWO + SIX)))


def _escaped(content: bytes) -> Iterator[bytes]:
    """The parts of a text as JSON has it between quotes."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for at in range(0, len(content), PART):
        yield msgspec.json.encode(decoder.decode(content[at : at + PART]))[1:-1]
