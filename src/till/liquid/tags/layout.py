"""`{% layout none %}` and `{% layout 'checkout' %}`: which layout a template is laid into."""

from typing import TextIO

from liquid import RenderContext, Token, TokenStream
from liquid.ast import Node
from liquid.builtin.expressions import parse_primitive
from liquid.expression import Expression
from liquid.tag import Tag
from liquid.token import TOKEN_EOF, TOKEN_TAG

from till.liquid.context import ThemeContext


class LayoutNode(Node):
    """Sets the layout of the page; an empty text means none."""

    __slots__ = ("name",)

    def __init__(self, token: Token, name: Expression) -> None:
        super().__init__(token)
        self.name = name

    def render_to_output(self, context: RenderContext, _buffer: TextIO) -> int:
        """Write nothing."""
        if isinstance(context, ThemeContext):
            word = str(self.name)
            context.run.layout = "" if word in {"none", "false"} else str(self.name.evaluate(context) or "")
        return 0

    def expressions(self) -> list[Expression]:
        """The name of the layout; the word `none` is no variable."""
        return [] if str(self.name) in {"none", "false"} else [self.name]


class LayoutTag(Tag):
    """`{% layout … %}`."""

    name = "layout"
    block = False

    def parse(self, stream: TokenStream) -> Node:
        """A name, or `none`."""
        token = stream.eat(TOKEN_TAG)
        tokens = stream.into_inner(tag=token, eat=False)
        name = parse_primitive(self.env, tokens)
        tokens.expect(TOKEN_EOF)
        return LayoutNode(token, name)
