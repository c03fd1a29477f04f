"""`{{ … }}` and `{% echo … %}`."""

from typing import TextIO

from liquid import RenderContext, TokenStream
from liquid.builtin.expressions import FilteredExpression
from liquid.builtin.output import Output, OutputNode
from liquid.builtin.tags.echo_tag import EchoNode, EchoTag
from liquid.stringify import to_liquid_string
from liquid.token import TOKEN_EXPRESSION, TOKEN_OUTPUT

from till.liquid.filters.common import text
from till.liquid.grammar import ThemeStream, inner


class ThemeOutput(OutputNode):
    """Writes a value; the items of a list as Liquid spells them, not as Python does."""

    __slots__ = ()

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Write the value."""
        value = self.expression.evaluate(context)
        if isinstance(value, list):
            value = "".join(text(each) for each in value)
        return buffer.write(to_liquid_string(value, autoescape=False))


class ThemeEcho(ThemeOutput, EchoNode):
    """The same, written as a tag."""


class EchoThemeTag(EchoTag):
    """`{% echo value %}`."""

    node_class = ThemeEcho


class OutputTag(Output):
    """An output, in which a variable may be called `limit`."""

    def parse(self, stream: TokenStream) -> ThemeOutput:
        """A value and its filters."""
        token = stream.eat(TOKEN_OUTPUT)
        expression = stream.expect(TOKEN_EXPRESSION)
        lax = stream.lax if isinstance(stream, ThemeStream) else True
        return ThemeOutput(token, FilteredExpression.parse(self.env, inner(expression, "", lax=lax)))
