"""Arguments of a tag: values and `name: value`, with or without commas between them."""

from liquid import Environment, TokenStream
from liquid.builtin.expressions import parse_primitive
from liquid.expression import Expression
from liquid.token import TOKEN_COLON, TOKEN_COMMA, TOKEN_EOF, TOKEN_WORD


def arguments(
    environment: Environment, tokens: TokenStream
) -> tuple[list[Expression], dict[str, Expression]]:
    """All that is left of an expression: the values, and the named ones."""
    values: list[Expression] = []
    named: dict[str, Expression] = {}
    while tokens.current.kind != TOKEN_EOF:
        if tokens.current.kind == TOKEN_COMMA:
            next(tokens)
        elif tokens.current.kind == TOKEN_WORD and tokens.peek.kind == TOKEN_COLON:
            name = next(tokens).value
            next(tokens)
            named[name] = parse_primitive(environment, tokens)
        else:
            values.append(parse_primitive(environment, tokens))
    return values, named
