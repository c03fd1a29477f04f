"""`{% paginate collection.products by 12 %}`."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

from liquid import RenderContext, Token, TokenStream
from liquid.ast import BlockNode, Node
from liquid.builtin.expressions import Path, parse_primitive
from liquid.exceptions import LiquidSyntaxError, LiquidTypeError
from liquid.expression import Expression
from liquid.parser import get_parser
from liquid.tag import Tag
from liquid.token import TOKEN_EOF, TOKEN_TAG, TOKEN_WORD

from till.liquid.context import ThemeContext
from till.liquid.drop import Drop, Shelf
from till.liquid.pages import MOST, Paginate
from till.liquid.tags.arguments import arguments


class PaginateNode(Node):
    """A list of which the inside sees one page."""

    __slots__ = ("block", "by", "path", "window")

    def __init__(
        self, token: Token, path: Path, by: Expression, window: Expression | None, block: BlockNode
    ) -> None:
        super().__init__(token)
        self.path = path
        self.by = by
        self.window = window
        self.block = block
        self.blank = False

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Write the inside, with `paginate`, and with the path meaning one page of the list."""
        if not isinstance(context, ThemeContext):
            raise LiquidTypeError("paginate stands in pages only", token=self.token)
        size = _number(self.by.evaluate(context), 50)
        window = _number(self.window.evaluate(context), 3) if self.window else 3
        if not 1 <= size <= MOST:
            said = f"paginate shows 1 to {MOST} items on a page, not {size}"
            context.fault("bad_argument", said, self.token)
            size = min(max(size, 1), MOST)
        whole = self.path.evaluate(context)
        items = whole if isinstance(whole, Sequence) and not isinstance(whole, str) else ()
        paginate = Paginate(context.registers.page_url, len(items), size, window)
        page = list(items[paginate.start : paginate.start + size])
        with self._narrowed(context, whole, page), context.extend({"paginate": paginate}):
            return self.block.render(context, buffer)

    @contextmanager
    def _narrowed(self, context: ThemeContext, whole: object, page: list[object]) -> Iterator[None]:
        """While inside, the path means the page."""
        *before, last = [
            step.evaluate(context) if isinstance(step, Path) else step for step in self.path.path
        ]
        if not before:
            shown = Shelf(whole.kind, lambda: page, whole.find) if isinstance(whole, Shelf) else page
            with context.extend({str(last): shown}):
                yield
            return
        holder = context.get(before, token=None, default=None)
        if isinstance(holder, Drop):
            with holder.lent(str(last), page):
                yield
            return
        copy = {**holder, last: page} if isinstance(holder, dict) else None
        with context.extend({str(before[0]): copy} if copy is not None and len(before) == 1 else {}):
            yield

    def children(self, static_context: RenderContext, *, include_partials: bool = True) -> Iterable[Node]:
        """The inside."""
        del static_context, include_partials
        return [self.block]

    def expressions(self) -> Iterable[Expression]:
        """The list, the size of a page, the window."""
        return [self.path, self.by, *([self.window] if self.window else [])]


def _number(value: object, otherwise: int) -> int:
    if isinstance(value, int):
        return value
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else otherwise


class PaginateTag(Tag):
    """`{% paginate list by size, window_size: 3 %}`."""

    name = "paginate"
    end = "endpaginate"

    def parse(self, stream: TokenStream) -> Node:
        """A path, `by`, a number, perhaps a window."""
        token = stream.eat(TOKEN_TAG)
        tokens = stream.into_inner(tag=token)
        path = parse_primitive(self.env, _before_by(tokens))
        if not isinstance(path, Path):
            raise LiquidSyntaxError("paginate takes the path of a list", token=token)
        by: Expression | None = None
        if tokens.current.kind == TOKEN_WORD and tokens.current.value == "by":
            next(tokens)
            by = parse_primitive(self.env, tokens)
        if by is None:
            raise LiquidSyntaxError("paginate needs `by` and the size of a page", token=token)
        _, named = arguments(self.env, tokens)
        block = get_parser(self.env).parse_block(stream, (self.end, TOKEN_EOF))
        stream.expect(TOKEN_TAG, value=self.end)
        return PaginateNode(token, path, by, named.get("window_size"), block)


def _before_by(tokens: TokenStream) -> TokenStream:
    """The tokens of the path alone: a path ends at `by`, and eats the word when it follows at once."""
    found = [
        place
        for place, token in enumerate(tokens.tokens)
        if place >= tokens.pos and token.kind == TOKEN_WORD and token.value == "by" and place > tokens.pos
    ]
    if not found:
        return tokens
    path = TokenStream(iter(tokens.tokens[tokens.pos : found[0]]))
    tokens.pos = found[0]
    return path
