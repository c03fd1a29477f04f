"""`render` and `include`: snippets, with the forgiving grammar that real themes rely on."""

from collections.abc import Sequence
from typing import TextIO

from liquid import RenderContext, Token, TokenStream
from liquid.ast import Node
from liquid.builtin.expressions import (
    Identifier,
    KeywordArgument,
    Path,
    parse_identifier,
    parse_string_or_path,
)
from liquid.builtin.tags.for_tag import ForLoop
from liquid.builtin.tags.include_tag import IncludeNode, IncludeTag
from liquid.builtin.tags.render_tag import RenderNode, RenderTag
from liquid.exceptions import LiquidTypeError, TemplateNotFoundError
from liquid.expression import Expression
from liquid.token import TOKEN_AS, TOKEN_COLON, TOKEN_FOR, TOKEN_TAG, TOKEN_WITH, TOKEN_WORD
from liquid.utils import ReadOnlyChainMap

from till.liquid.context import ThemeContext
from till.liquid.template import ThemeTemplate


def _snippet(context: RenderContext, name: str, token: Token) -> ThemeTemplate:
    try:
        template = context.env.get_template(name)
    except TemplateNotFoundError as error:
        error.token = token
        error.template_name = str(context.template.name)
        raise
    if not isinstance(template, ThemeTemplate):
        raise LiquidTypeError(f"{name} is no file of the theme", token=token)
    return template


def _stem(template: ThemeTemplate) -> str:
    return template.name.rpartition("/")[2].partition(".")[0]


class Render(RenderNode):
    """A snippet in a scope of its own; a block drop in the place of a name renders the block."""

    __slots__ = ()

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Render once, or once for each item after `for`."""
        if isinstance(self.name, Identifier):
            return self._block(context, buffer)
        template = _snippet(context, str(self.name.value), self.name.token)
        given: dict[str, object] = {arg.name: arg.value.evaluate(context) for arg in self.args}
        scope = context.copy(
            ReadOnlyChainMap(given),
            disabled_tags=["include"],
            carry_loop_iterations=True,
            template=template,
        )
        if self.var is None:
            template.render_with_context(scope, buffer, partial=True, block_scope=True)
            return 1
        value, key = self.var.evaluate(context), str(self.alias or _stem(template))
        if not (self.loop and isinstance(value, Sequence) and not isinstance(value, str)):
            given[key] = value
            template.render_with_context(scope, buffer, partial=True, block_scope=True)
            return 1
        scope.raise_for_loop_limit(len(value))
        loop = ForLoop(key, iter(value), len(value), context.env.undefined("parentloop", token=self.token))
        given["forloop"] = loop
        for item in loop:
            given[key] = item
            template.render_with_context(scope, buffer, partial=True, block_scope=True)
        return 1

    def _block(self, context: RenderContext, buffer: TextIO) -> int:
        block = context.resolve(str(self.name), token=self.token, default=None)
        if isinstance(context, ThemeContext) and context.run.composer is not None:
            return context.run.composer.one_block(context, block, buffer)
        raise LiquidTypeError(f"{self.name} is no block", token=self.token)


class RenderTheme(RenderTag):
    """`{% render 'name' %}`, with arguments that need no comma between them."""

    node_class = Render


class Include(IncludeNode):
    """A snippet in the scope of the file that includes it."""

    __slots__ = ()

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Render once, or once for each item of a list."""
        template = _snippet(context, str(self.name.evaluate(context)), self.name.token)
        given: dict[str, object] = {arg.name: arg.value.evaluate(context) for arg in self.args}
        with context.extend(given, template=template):
            if self.var is None:
                template.render_with_context(context, buffer, partial=True)
                return 1
            value, key = self.var.evaluate(context), str(self.alias or _stem(template))
            items = value if isinstance(value, (list, tuple)) else [value]
            context.raise_for_loop_limit(len(items))
            for item in items:
                given[key] = item
                template.render_with_context(context, buffer, partial=True)
        return 1


class IncludeTheme(IncludeTag):
    """`{% include 'name' %}`; `with image: x` passes an argument, as the platform reads it."""

    def parse(self, stream: TokenStream) -> Node:
        """A name, perhaps a bound variable, arguments."""
        token = stream.eat(TOKEN_TAG)
        tokens = stream.into_inner(tag=token, eat=False)
        name = parse_string_or_path(self.env, tokens)
        alias: Identifier | None = None
        variable: Expression | None = None
        if tokens.current.kind in {TOKEN_WITH, TOKEN_FOR}:
            next(tokens)
            tokens.expect(TOKEN_WORD)
            if tokens.peek.kind != TOKEN_COLON:
                variable = Path.parse(self.env, tokens)
                if tokens.current.kind == TOKEN_AS:
                    next(tokens)
                    alias = parse_identifier(self.env, tokens)
        args = KeywordArgument.parse(self.env, tokens)
        return Include(token, name, var=variable, alias=alias, args=args)
