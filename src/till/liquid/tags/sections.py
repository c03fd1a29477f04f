"""`section`, `sections` and `content_for`: what the composer puts in their place."""

from typing import TextIO

from liquid import RenderContext, Token, TokenStream
from liquid.ast import Node
from liquid.builtin.expressions import KeywordArgument, StringLiteral, parse_primitive
from liquid.exceptions import LiquidSyntaxError, LiquidTypeError
from liquid.expression import Expression
from liquid.tag import Tag
from liquid.token import TOKEN_EOF, TOKEN_TAG

from till.liquid.compose import Composer
from till.liquid.context import ThemeContext


def composer_of(context: RenderContext) -> tuple[ThemeContext, Composer]:
    """The composer of the page; a text that is rendered outside of a page has none."""
    if isinstance(context, ThemeContext) and isinstance(context.run.composer, Composer):
        return context, context.run.composer
    raise LiquidTypeError("sections and blocks stand in pages only", token=None)


class SectionNode(Node):
    """One section, or a group of them."""

    __slots__ = ("group", "name")

    def __init__(self, token: Token, name: Expression, *, group: bool) -> None:
        super().__init__(token)
        self.name = name
        self.group = group
        self.blank = False

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Write the section within its wrapper."""
        theme, composer = composer_of(context)
        name = str(self.name.evaluate(context))
        make = composer.group if self.group else composer.static
        return buffer.write(make(name, theme, self.token) or "")

    def expressions(self) -> list[Expression]:
        """The name."""
        return [self.name]


class SectionTag(Tag):
    """`{% section 'name' %}`."""

    name = "section"
    block = False

    def parse(self, stream: TokenStream) -> Node:
        """A name between quotes."""
        token = stream.eat(TOKEN_TAG)
        tokens = stream.into_inner(tag=token, eat=False)
        name = parse_primitive(self.env, tokens)
        if not isinstance(name, StringLiteral):
            raise LiquidSyntaxError(f"{self.name} takes a name between quotes", token=token)
        tokens.expect(TOKEN_EOF)
        return SectionNode(token, name, group=self.name == "sections")


class SectionsTag(SectionTag):
    """`{% sections 'header-group' %}`."""

    name = "sections"


class ContentForNode(Node):
    """The blocks of the section or block, or a static one."""

    __slots__ = ("args", "single")

    def __init__(self, token: Token, args: list[KeywordArgument], *, single: bool) -> None:
        super().__init__(token)
        self.args = args
        self.single = single
        self.blank = False

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Write the blocks within their wrappers."""
        theme, composer = composer_of(context)
        if not self.single:
            return composer.inner_blocks(theme, buffer)
        given = {argument.name: argument.value.evaluate(context) for argument in self.args}
        type_, identity = given.pop("type", None), given.pop("id", None)
        return composer.static_block(theme, str(type_), str(identity), given, buffer)

    def expressions(self) -> list[Expression]:
        """The values of the arguments."""
        return [argument.value for argument in self.args]


class ContentForTag(Tag):
    """`{% content_for 'blocks' %}` and `{% content_for 'block', type: 'slide', id: 'first' %}`."""

    name = "content_for"
    block = False

    def parse(self, stream: TokenStream) -> Node:
        """`'blocks'`, or `'block'` with a type and an id."""
        token = stream.eat(TOKEN_TAG)
        tokens = stream.into_inner(tag=token, eat=False)
        what = parse_primitive(self.env, tokens)
        word = what.value if isinstance(what, StringLiteral) else ""
        args = KeywordArgument.parse(self.env, tokens)
        if word not in {"block", "blocks"}:
            raise LiquidSyntaxError("content_for takes 'blocks' or 'block'", token=token)
        lacking = {"type", "id"} - {argument.name for argument in args}
        if word == "block" and lacking:
            said = f"content_for 'block' needs {' and '.join(sorted(lacking))}"
            raise LiquidSyntaxError(said, token=token)
        return ContentForNode(token, args, single=word == "block")
