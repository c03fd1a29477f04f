"""What real themes write beyond the exact grammar, brought into it before a tag reads its expression."""

import re
from collections.abc import Iterator, Mapping

from liquid import Token, TokenStream
from liquid.exceptions import LiquidSyntaxError
from liquid.token import (
    TOKEN_AS,
    TOKEN_ASSIGN,
    TOKEN_COLON,
    TOKEN_COLS,
    TOKEN_COMMA,
    TOKEN_CONTINUE,
    TOKEN_DOT,
    TOKEN_EXPRESSION,
    TOKEN_FALSE,
    TOKEN_FLOAT,
    TOKEN_FOR,
    TOKEN_IDENTINDEX,
    TOKEN_IDENTSTRING,
    TOKEN_IN,
    TOKEN_INTEGER,
    TOKEN_LIMIT,
    TOKEN_NIL,
    TOKEN_OFFSET,
    TOKEN_PIPE,
    TOKEN_RANGE,
    TOKEN_RANGE_LITERAL,
    TOKEN_RBRACKET,
    TOKEN_REQUIRED,
    TOKEN_REVERSED,
    TOKEN_RPAREN,
    TOKEN_STRING,
    TOKEN_TAG,
    TOKEN_TRUE,
    TOKEN_WITH,
    TOKEN_WORD,
)

from till.liquid.lexing import words

LOOP = frozenset({"for", "tablerow"})
PARTIAL = frozenset({"render", "include"})
CONDITION = frozenset({"if", "unless", "elsif"})
KEYWORDS = frozenset(
    {
        TOKEN_AS,
        TOKEN_COLS,
        TOKEN_CONTINUE,
        TOKEN_FOR,
        TOKEN_IN,
        TOKEN_LIMIT,
        TOKEN_OFFSET,
        TOKEN_REQUIRED,
        TOKEN_REVERSED,
        TOKEN_WITH,
    }
)
VALUE_FOLLOWS = frozenset({TOKEN_COLON, TOKEN_ASSIGN, TOKEN_DOT, TOKEN_IN, TOKEN_RANGE, TOKEN_RANGE_LITERAL})

VALUES = frozenset(
    {
        TOKEN_FALSE,
        TOKEN_FLOAT,
        TOKEN_IDENTINDEX,
        TOKEN_IDENTSTRING,
        TOKEN_INTEGER,
        TOKEN_NIL,
        TOKEN_RBRACKET,
        TOKEN_RPAREN,
        TOKEN_STRING,
        TOKEN_TRUE,
        TOKEN_WORD,
    }
)

NAME = re.compile(r"[\w-]+")
OPENING = re.compile(r"\{%-?\s*(\w+)")
EDGE = re.compile(r"\{%-?\s*(?P<end>end)?(?P<tag>raw|comment|doc|schema|javascript|stylesheet)\b[^%]*%\}")
NO_LINE = re.compile(r"[^\n]")
BLANKED = frozenset({"schema", "javascript", "stylesheet"})


class ThemeStream(TokenStream):
    """The tokens of a file, in which a variable may be called `limit`."""

    def __init__(self, tokens: Iterator[Token], block_depth_carry: int = 0, *, lax: bool = True) -> None:
        super().__init__(tokens, block_depth_carry)
        self.lax = lax

    def into_inner(self, *, tag: Token | None = None, eat: bool = True) -> TokenStream:
        """The tokens of the current expression."""
        token = self.current
        if token.kind != TOKEN_EXPRESSION:
            raise LiquidSyntaxError("missing expression", token=tag or token)
        before = self.tokens[self.pos - 1] if self.pos else token
        if eat:
            next(self)
        name = before.value if before.kind == TOKEN_TAG else ""
        return inner(token, name, lax=self.lax)


def inner(token: Token, tag: str, *, lax: bool) -> TokenStream:
    """The tokens of an expression of a tag; of an output where `tag` is empty."""
    found = list(words(token.value, token))
    found = [_word(found, index, tag) if each.kind in KEYWORDS else each for index, each in enumerate(found)]
    if lax and tag == "capture":
        found = _named(found)
    if lax and tag in PARTIAL:
        found = list(_arguments(found))
    if lax and tag not in LOOP:
        found = list(_with_commas(found))
    if lax and tag in CONDITION:
        found = _without_filters(found)
    return TokenStream(iter(found))


def _word(tokens: list[Token], index: int, tag: str) -> Token:
    """A keyword that stands where only a name can stand is a name."""
    token = tokens[index]
    before = tokens[index - 1].kind if index else ""
    after = tokens[index + 1].kind if index + 1 < len(tokens) else ""
    if tag in LOOP:
        is_name = index == 0 or before in VALUE_FOLLOWS
        is_name = is_name and not (before == TOKEN_COLON and token.kind == TOKEN_CONTINUE)
    elif tag in PARTIAL:
        is_name = after == TOKEN_COLON or before in VALUE_FOLLOWS or before in {TOKEN_COMMA, TOKEN_WITH}
    else:
        is_name = True
    return token._replace(kind=TOKEN_WORD) if is_name else token


def _named(tokens: list[Token]) -> list[Token]:
    """The name of a variable may stand in quotes."""
    first = tokens[0] if tokens else None
    if first is None or first.kind != TOKEN_STRING or not NAME.fullmatch(first.value):
        return tokens
    return [first._replace(kind=TOKEN_WORD), *tokens[1:]]


def _arguments(tokens: list[Token]) -> Iterator[Token]:
    """The arguments of a snippet: `with image: x` passes one, and filters are not applied to any.

    As on the platform, which looks for `name: value` and reads nothing else.
    """
    is_filter = False
    for index, token in enumerate(tokens):
        kinds = [each.kind for each in tokens[index + 1 : index + 3]]
        is_filter = token.kind == TOKEN_PIPE or (
            is_filter and not (token.kind == TOKEN_COMMA and kinds == [TOKEN_WORD, TOKEN_COLON])
        )
        if not is_filter and not (token.kind == TOKEN_WITH and kinds == [TOKEN_WORD, TOKEN_COLON]):
            yield token


def _with_commas(tokens: list[Token]) -> Iterator[Token]:
    """One comma between arguments, where themes write none or two."""
    before = ""
    for index, token in enumerate(tokens):
        named = token.kind == TOKEN_WORD and index + 1 < len(tokens) and tokens[index + 1].kind == TOKEN_COLON
        if named and before in VALUES:
            yield token._replace(kind=TOKEN_COMMA, value=",")
        if token.kind != TOKEN_COMMA or before != TOKEN_COMMA:
            yield token
        before = token.kind


def _without_filters(tokens: list[Token]) -> list[Token]:
    """Conditions take no filters; as on the platform, what follows the first `|` is not read."""
    for index, token in enumerate(tokens):
        if token.kind == TOKEN_PIPE:
            return tokens[:index]
    return tokens


def unclosed(source: str, ends: Mapping[str, str]) -> Token | None:
    """The innermost tag that is never closed; `ends` says which tag closes which."""
    open_tags: list[Token] = []
    for match in OPENING.finditer(blanked(source)):
        name = match[1]
        if name in ends:
            open_tags.append(Token(TOKEN_TAG, name, match.start(), source))
        elif open_tags and name == ends[open_tags[-1].value]:
            open_tags.pop()
    return open_tags[-1] if open_tags else None


def opaque(source: str, tag: str) -> Iterator[tuple[int, str]]:
    """The bodies of a tag whose inside is not Liquid, each with its place in the source."""
    for name, start, end in _bodies(source):
        if name == tag and end >= 0:
            yield start, source[start:end]


def blanked(source: str) -> str:
    """The source with those bodies emptied; every line and every other character stays where it is.

    Raises LiquidSyntaxError where one of them is never closed.
    """
    parts, done = [], 0
    for name, start, end in _bodies(source):
        if end < 0:
            at = source.rindex("{%", 0, start)
            token = Token(TOKEN_TAG, name, at, source)
            raise LiquidSyntaxError(f"{name} is never closed by end{name}", token=token)
        if name in BLANKED:
            parts += [source[done:start], NO_LINE.sub(" ", source[start:end])]
            done = end
    return "".join([*parts, source[done:]])


def _bodies(source: str) -> Iterator[tuple[str, int, int]]:
    """Tag, start and end of every such body; the end is -1 where it is never closed. Linear in the source."""
    tag, start = "", 0
    for edge in EDGE.finditer(source):
        if not tag and not edge["end"]:
            tag, start = edge["tag"], edge.end()
        elif edge["end"] and edge["tag"] == tag:
            yield tag, start, edge.start()
            tag = ""
    if tag:
        yield tag, start, -1
