"""Tags whose inside is not Liquid (`schema`, `stylesheet`, `javascript`), and `style`, whose inside is."""

from collections.abc import Iterable
from typing import TextIO

from liquid import RenderContext, Token, TokenStream
from liquid.ast import BlockNode, Node
from liquid.exceptions import LiquidSyntaxError
from liquid.parser import get_parser
from liquid.tag import Tag
from liquid.token import TOKEN_EOF, TOKEN_EXPRESSION, TOKEN_TAG


class SilentNode(Node):
    """Writes nothing where it stands: what it holds is read from the file as a whole."""

    __slots__ = ()

    def render_to_output(self, _context: RenderContext, _buffer: TextIO) -> int:
        """Write nothing."""
        return 0


class SilentTag(Tag):
    """A tag whose body the parser has emptied."""

    def parse(self, stream: TokenStream) -> Node:
        """Up to the end tag."""
        token = stream.eat(TOKEN_TAG)
        while not stream.current.is_tag(self.end):
            if stream.current.kind == TOKEN_EOF:
                raise LiquidSyntaxError(f"{self.name} is never closed by {self.end}", token=token)
            next(stream)
        return SilentNode(token)


class SchemaTag(SilentTag):
    """`{% schema %}`: the settings and blocks of a section, as JSON."""

    name = "schema"
    end = "endschema"


class StylesheetTag(SilentTag):
    """`{% stylesheet %}`: CSS that the page's head carries once."""

    name = "stylesheet"
    end = "endstylesheet"


class JavascriptTag(SilentTag):
    """`{% javascript %}`: a script that the page's head carries once."""

    name = "javascript"
    end = "endjavascript"


class StyleNode(Node):
    """A `<style>` made of Liquid."""

    __slots__ = ("block",)

    def __init__(self, token: Token, block: BlockNode) -> None:
        super().__init__(token)
        self.block = block
        self.blank = False

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Write the element where it stands."""
        buffer.write("<style data-shopify>")
        self.block.render(context, buffer)
        buffer.write("</style>")
        return 1

    def children(self, static_context: RenderContext, *, include_partials: bool = True) -> Iterable[Node]:
        """The inside."""
        del static_context, include_partials
        return [self.block]


class StyleTag(Tag):
    """`{% style %}`."""

    name = "style"
    end = "endstyle"

    def parse(self, stream: TokenStream) -> Node:
        """Up to the end tag."""
        token = stream.eat(TOKEN_TAG)
        if stream.current.kind == TOKEN_EXPRESSION:
            next(stream)
        block = get_parser(self.env).parse_block(stream, (self.end, TOKEN_EOF))
        stream.expect(TOKEN_TAG, value=self.end)
        return StyleNode(token, block)
