"""`{% form 'product', product %}`."""

from collections.abc import Iterable
from html import escape
from typing import TextIO

from liquid import RenderContext, Token, TokenStream
from liquid.ast import BlockNode, Node
from liquid.builtin.expressions import Literal
from liquid.exceptions import LiquidSyntaxError, LiquidTypeError
from liquid.expression import Expression
from liquid.parser import get_parser
from liquid.tag import Tag
from liquid.token import TOKEN_EOF, TOKEN_TAG
from liquid.undefined import Undefined

from till.liquid.context import ThemeContext
from till.liquid.drop import Drop
from till.liquid.faults import nearest
from till.liquid.forms import CSS, KEY, TARGETS, UPLOADS, form, target
from till.liquid.tags.arguments import arguments

TAKEN = frozenset({"return_to", "method", "action"})


class FormNode(Node):
    """A form and what is inside it."""

    __slots__ = ("block", "named", "values")

    def __init__(
        self, token: Token, values: list[Expression], named: dict[str, Expression], block: BlockNode
    ) -> None:
        super().__init__(token)
        self.values = values
        self.named = named
        self.block = block
        self.blank = False

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Write the form; inside it `form` is the object of this form."""
        if not isinstance(context, ThemeContext):
            raise LiquidTypeError("forms stand in pages only", token=self.token)
        kind = str(self.values[0].evaluate(context))
        if kind not in TARGETS:
            near = nearest(kind, TARGETS)
            context.fault("bad_argument", f"there is no form of type {kind}", self.token, near)
            return 0
        given = self.values[1].evaluate(context) if len(self.values) > 1 else None
        named = {name: value.evaluate(context) for name, value in self.named.items()}
        identity = str(named.get("id") or _identity(kind, given))
        buffer.write(self._opening(context, kind, given, named, identity))
        about = form(kind, identity, context.registers.posted, context.globals.get("localization"), given)
        with context.extend({"form": about}):
            self.block.render(context, buffer)
        return buffer.write("</form>")

    def _opening(
        self, context: ThemeContext, kind: str, given: object, named: dict[str, object], identity: str
    ) -> str:
        registers = context.registers
        attributes: dict[str, object] = {
            "method": named.get("method", "post"),
            "action": named.get("action") or target(kind, registers.routes, given),
            "id": identity,
            "accept-charset": "UTF-8",
        }
        if kind in CSS:
            attributes["class"] = CSS[kind]
        if kind in UPLOADS:
            attributes["enctype"] = "multipart/form-data"
        attributes |= {name: value for name, value in named.items() if name not in TAKEN}
        hidden: dict[str, object] = {"form_type": kind, "utf8": "✓"}
        if registers.form_key:
            hidden[KEY] = registers.form_key
        if named.get("return_to"):
            returned = named["return_to"]
            hidden["return_to"] = registers.page_url if returned == "back" else returned
        if kind == "product" and isinstance(given, Drop):
            hidden["product-id"] = given.get("id")
            section = context.globals.get("section")
            hidden["section-id"] = section.get("id") if isinstance(section, Drop) else None
        written = "".join(
            f' {escape(name)}="{escape(str(value))}"'
            for name, value in attributes.items()
            if not isinstance(value, Undefined) and value is not None
        )
        fields = "".join(
            f'<input type="hidden" name="{name}" value="{escape(str(value))}">'
            for name, value in hidden.items()
            if value is not None
        )
        return f"<form{written}>{fields}"

    def children(self, static_context: RenderContext, *, include_partials: bool = True) -> Iterable[Node]:
        """The inside."""
        del static_context, include_partials
        return [self.block]

    def expressions(self) -> Iterable[Expression]:
        """All arguments."""
        return [*self.values, *self.named.values()]


def _identity(kind: str, given: object) -> str:
    found = given.get("id") if isinstance(given, Drop) else None
    return f"{kind}_form_{found}" if found and kind == "product" else f"{kind}_form"


class FormTag(Tag):
    """`{% form 'type', object, class: '…' %}`."""

    name = "form"
    end = "endform"

    def parse(self, stream: TokenStream) -> Node:
        """A type between quotes, perhaps an object, attributes."""
        token = stream.eat(TOKEN_TAG)
        values, named = arguments(self.env, stream.into_inner(tag=token))
        if not values:
            raise LiquidSyntaxError("form takes a type between quotes", token=token)
        kind = values[0].value if isinstance(values[0], Literal) else None
        if isinstance(kind, str) and kind not in TARGETS:
            near = nearest(kind, TARGETS)
            said = f"there is no form of type {kind}" + (f": {near}?" if near else "")
            raise LiquidSyntaxError(said, token=token)
        block = get_parser(self.env).parse_block(stream, (self.end, TOKEN_EOF))
        stream.expect(TOKEN_TAG, value=self.end)
        return FormNode(token, values, named, block)
