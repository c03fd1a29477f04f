"""Liquid cut into tokens in time that grows with its length alone, whatever stands in it.

The tokens are those of python-liquid, whose regular expressions read the rest of a file anew at every brace
that is left open, and the rest of an expression at every bracket.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from liquid import Token
from liquid.exceptions import LiquidSyntaxError
from liquid.token import (
    TOKEN_AND,
    TOKEN_AS,
    TOKEN_BLANK,
    TOKEN_COLON,
    TOKEN_COLS,
    TOKEN_COMMA,
    TOKEN_COMMENT,
    TOKEN_CONTAINS,
    TOKEN_CONTENT,
    TOKEN_CONTINUE,
    TOKEN_DOC,
    TOKEN_DOT,
    TOKEN_DPIPE,
    TOKEN_ELSE,
    TOKEN_EMPTY,
    TOKEN_EOF,
    TOKEN_EXPRESSION,
    TOKEN_FALSE,
    TOKEN_FLOAT,
    TOKEN_FOR,
    TOKEN_IDENTINDEX,
    TOKEN_IDENTSTRING,
    TOKEN_IF,
    TOKEN_ILLEGAL,
    TOKEN_IN,
    TOKEN_INTEGER,
    TOKEN_LBRACKET,
    TOKEN_LIMIT,
    TOKEN_LPAREN,
    TOKEN_NIL,
    TOKEN_NOT,
    TOKEN_NULL,
    TOKEN_OFFSET,
    TOKEN_OR,
    TOKEN_OUTPUT,
    TOKEN_PIPE,
    TOKEN_RANGE,
    TOKEN_RANGE_LITERAL,
    TOKEN_RBRACKET,
    TOKEN_REQUIRED,
    TOKEN_REVERSED,
    TOKEN_RPAREN,
    TOKEN_SKIP,
    TOKEN_STRING,
    TOKEN_TAG,
    TOKEN_TRUE,
    TOKEN_WITH,
    TOKEN_WORD,
    operators,
)

OPENING = re.compile(r"\{[{%]")
CLOSING = {"{{": "}}", "{%": "%}"}
NAME = re.compile(r"-?\s*(#|\w+)")
# Tags that are one token with their body: how they begin, how they end, and what the body is.
WHOLE = tuple(
    (re.compile(rf"\{{%-?\s*{name}\s*(-?)%\}}"), re.compile(rf"\{{%-?\s*end{name}\s*(-?)%\}}"), kind)
    for name, kind in (("raw", TOKEN_CONTENT), ("doc", TOKEN_DOC))
)

# So far the end of a name in brackets and quotes is looked for.
FAR = 100
OPERATOR = "operator"
WORDS = re.compile(
    "|".join(
        f"(?P<{kind}>{pattern})"
        for kind, pattern in (
            (TOKEN_IDENTINDEX, r"\[\s*(?P<index>-?\d+)\s*]"),
            (TOKEN_IDENTSTRING, rf"\[\s*(?P<mark>[\"'])(?P<named>.{{0,{FAR}}}?)(?P=mark)\s*]"),
            (TOKEN_STRING, r"(?P<quote>[\"'])(?P<quoted>.*?)(?P=quote)"),
            (TOKEN_RANGE, r"\.\."),
            (TOKEN_FLOAT, r"-?\d+\.(?!\.)\d*"),
            (TOKEN_INTEGER, r"-?\d+\b"),
            (TOKEN_DOT, r"\."),
            (TOKEN_WORD, r"\w[\w\-]*\??"),
            (TOKEN_LPAREN, r"\("),
            (TOKEN_RPAREN, r"\)"),
            (TOKEN_LBRACKET, r"\["),
            (TOKEN_RBRACKET, r"]"),
            (TOKEN_COLON, r":"),
            (TOKEN_COMMA, r","),
            (TOKEN_DPIPE, r"\|\|"),
            (TOKEN_PIPE, r"\|"),
            (OPERATOR, r"[!=<>]{1,2}"),
            (TOKEN_SKIP, r"[ \n\t\r]+"),
            (TOKEN_ILLEGAL, r"."),
        )
    ),
    re.DOTALL,
)
INSIDE = {TOKEN_IDENTINDEX: "index", TOKEN_IDENTSTRING: "named", TOKEN_STRING: "quoted"}
KEYWORDS = frozenset(
    (
        *(TOKEN_TRUE, TOKEN_FALSE, TOKEN_NIL, TOKEN_NULL, TOKEN_EMPTY, TOKEN_BLANK, TOKEN_AND, TOKEN_OR),
        *(TOKEN_CONTAINS, TOKEN_NOT, TOKEN_IN, TOKEN_OFFSET, TOKEN_LIMIT, TOKEN_REVERSED, TOKEN_COLS),
        *(TOKEN_CONTINUE, TOKEN_WITH, TOKEN_FOR, TOKEN_AS, TOKEN_IF, TOKEN_ELSE, TOKEN_REQUIRED),
    )
)


class _Piece(NamedTuple):
    """A part of a file from `at` up to `end`, its inside from `start` up to `stop`.

    `trims` where it takes the blanks behind it; `is_whole` where its inside is not Liquid.
    """

    kind: str
    at: int
    end: int
    start: int
    stop: int
    name: str = ""
    name_at: int = 0
    trims: bool = False
    is_whole: bool = False


def tokens(source: str) -> Iterator[Token]:
    """The tokens of a file; LiquidSyntaxError at a brace that is never closed."""
    trimmed, depth, comment = False, 0, 0
    for piece in _pieces(source):
        if depth:
            depth += {"comment": 1, "endcomment": -1}.get(piece.name, 0)
            if not depth:
                yield Token(TOKEN_COMMENT, source[comment : piece.at], comment, source)
                yield Token(TOKEN_TAG, piece.name, piece.name_at, source)
                trimmed = piece.trims
        elif piece.kind == TOKEN_CONTENT and not piece.is_whole:
            text = _content(source, piece, trimmed=trimmed)
            if text:
                yield Token(TOKEN_CONTENT, text, piece.at, source)
        else:
            yield from _tokens(source, piece)
            trimmed = piece.trims
            if piece.name == "comment":
                depth, comment = 1, piece.end


def words(source: str, parent: Token) -> Iterator[Token]:
    """The tokens of an expression, which stands where `parent` does."""
    last_range = source.rfind("..")
    for match in WORDS.finditer(source):
        kind = str(match.lastgroup)
        value = match[INSIDE.get(kind, kind)]
        token = Token(kind, value, parent.start_index + match.start(), parent.source)
        if kind == TOKEN_SKIP:
            continue
        if kind == TOKEN_ILLEGAL:
            raise LiquidSyntaxError(f"unexpected {value!r}", token=token)
        if kind == OPERATOR:
            if value not in operators:
                raise LiquidSyntaxError(f"unknown operator {value!r}", token=token)
            token = token._replace(kind=operators[value])
        elif kind == TOKEN_WORD and value in KEYWORDS:
            token = token._replace(kind=value)
        elif kind == TOKEN_LPAREN and last_range > match.end():
            token = token._replace(kind=TOKEN_RANGE_LITERAL)
        yield token


def _tokens(source: str, piece: _Piece) -> Iterator[Token]:
    inside = source[piece.start : piece.stop]
    if piece.is_whole:
        yield Token(piece.kind, inside, piece.at, source)
    elif piece.kind == TOKEN_OUTPUT:
        yield Token(TOKEN_OUTPUT, source[piece.at : piece.end], piece.at, source)
        yield Token(TOKEN_EXPRESSION, inside, piece.start, source)
    else:
        yield Token(TOKEN_TAG, piece.name, piece.name_at, source)
        if inside:
            yield Token(TOKEN_EXPRESSION, inside, piece.start, source)


def _content(source: str, piece: _Piece, *, trimmed: bool) -> str:
    text = source[piece.at : piece.end]
    opening = text[:2]
    if opening in CLOSING:
        token = Token(TOKEN_EOF, text, piece.at, source)
        if source.find(CLOSING[opening], piece.at + 2) >= 0:
            raise LiquidSyntaxError("this tag has no name", token=token)
        raise LiquidSyntaxError(f"{opening} is never closed by {CLOSING[opening]}", token=token)
    text = text.lstrip() if trimmed else text
    return text.rstrip() if source.startswith("-", piece.end + 2) else text


def _pieces(source: str) -> Iterator[_Piece]:
    """The parts of a file in turn; what is no tag or output is content, a brace left open too."""
    closings, unended = dict.fromkeys(CLOSING, 0), set[str]()
    at = 0
    while at < len(source):
        piece, opening = None, source[at : at + 2]
        if opening in CLOSING:
            if 0 <= closings[opening] < at + 2:
                closings[opening] = source.find(CLOSING[opening], at + 2)
            if opening == "{%":
                piece = _whole(source, at, unended)
            if piece is None and closings[opening] >= 0:
                piece = _piece(source, at, closings[opening])
        if piece is None:
            found = OPENING.search(source, at + 1)
            end = found.start() if found else len(source)
            piece = _Piece(TOKEN_CONTENT, at, end, at, end)
        yield piece
        at = piece.end


def _whole(source: str, at: int, unended: set[str]) -> _Piece | None:
    """A tag with its body; `unended` remembers which of them have no end in the rest of the file."""
    for opening, closing, kind in WHOLE:
        if kind not in unended and (begun := opening.match(source, at)):
            ended = closing.search(source, begun.end())
            if ended:
                trims = bool((begun if kind == TOKEN_CONTENT else ended)[1])
                return _Piece(kind, at, ended.end(), begun.end(), ended.start(), trims=trims, is_whole=True)
            unended.add(kind)
    return None


def _piece(source: str, at: int, close: int) -> _Piece | None:
    """The output or the tag that is closed at `close`; None for a tag without a name."""
    kind, start, stop, name, name_at = TOKEN_OUTPUT, at + 2, close, "", 0
    if source[at + 1] == "%":
        named = NAME.match(source, start, close)
        if named is None:
            return None
        kind, start, name, name_at = TOKEN_TAG, named.end(), named[1], named.start(1)
    elif start < stop and source[start] == "-":
        start += 1
    trims = start < stop and source[stop - 1] == "-"
    inside = source[start : stop - trims]
    text = inside.strip()
    start += inside.index(text) if text else 0
    return _Piece(kind, at, close + 2, start, start + len(text), name, name_at, trims)
