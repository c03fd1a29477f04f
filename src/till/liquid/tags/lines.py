"""`{% liquid %}`: one tag on each line."""

import re
from collections.abc import Iterator

from liquid import Token, TokenStream
from liquid.ast import BlockNode, Node
from liquid.builtin.tags.liquid_tag import LiquidNode, LiquidTag
from liquid.exceptions import LiquidSyntaxError
from liquid.parser import get_parser
from liquid.token import TOKEN_EXPRESSION, TOKEN_TAG

from till.liquid.grammar import ThemeStream

LINE = re.compile(r"[^\n]+")
TAG = re.compile(r"(#|\w+)[ \t\r]*(.*)", re.DOTALL)


class LinesTag(LiquidTag):
    """`{% liquid %}`, with lines that end as they like and may be empty."""

    def parse(self, stream: TokenStream) -> Node:
        """Lines of tags, without the braces."""
        token = stream.eat(TOKEN_TAG)
        if stream.current.kind != TOKEN_EXPRESSION:
            stream.pos -= 1
            return LiquidNode(token, None, block=BlockNode(token, []))
        expression = stream.current
        lax = stream.lax if isinstance(stream, ThemeStream) else True
        lines = ThemeStream(_tags(expression), stream.block_depth, lax=lax)
        return LiquidNode(token, expression, block=get_parser(self.env).parse_block(lines, end=()))


def _tags(token: Token) -> Iterator[Token]:
    for line in LINE.finditer(token.value):
        text = line[0].strip()
        if not text:
            continue
        start = token.start_index + line.start() + line[0].index(text)
        found = TAG.fullmatch(text)
        if found is None:
            raise LiquidSyntaxError(
                f"expected one tag on each line, found {text[:40]!r}",
                token=token._replace(value=text, start_index=start),
            )
        yield Token(TOKEN_TAG, found[1], start, token.source)
        if found[2]:
            yield Token(TOKEN_EXPRESSION, found[2], start + found.start(2), token.source)
