"""`{{ … }}` and `{% echo … %}`."""

from liquid import TokenStream
from liquid.builtin.expressions import FilteredExpression
from liquid.builtin.output import Output, OutputNode
from liquid.token import TOKEN_EXPRESSION, TOKEN_OUTPUT

from till.liquid.grammar import ThemeStream, inner


class OutputTag(Output):
    """An output, in which a variable may be called `limit`."""

    def parse(self, stream: TokenStream) -> OutputNode:
        """A value and its filters."""
        token = stream.eat(TOKEN_OUTPUT)
        expression = stream.expect(TOKEN_EXPRESSION)
        lax = stream.lax if isinstance(stream, ThemeStream) else True
        return OutputNode(token, FilteredExpression.parse(self.env, inner(expression, "", lax=lax)))
