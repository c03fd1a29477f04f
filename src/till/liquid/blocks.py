"""Blocks of sections, and theme blocks within their wrappers."""

from collections.abc import Mapping
from html import escape
from typing import Any, TextIO

from till.liquid.context import ThemeContext
from till.liquid.faults import nearest
from till.liquid.renderer import Renderer
from till.liquid.sections import Block, Section
from till.liquid.settings import settings

APP = "shopify://apps/"
"""Blocks and sections of apps: there are none here, and a theme that names them is not at fault."""


class Blocks(Renderer):
    """The blocks of one page."""

    def blocks_of(
        self, data: Mapping[str, Any], described: Mapping[str, Any], depth: int, file: str
    ) -> list[Block]:
        """The blocks that the JSON of a section or a block lists, without the hidden and the static ones."""
        data = of_list(data)
        given = data.get("blocks")
        given = given if isinstance(given, dict) else {}
        order = data.get("block_order")
        names = [str(name) for name in order] if isinstance(order, list) else list(given)
        most = self.run.meter.limits.blocks
        if len(names) > most:
            self.fault(file, 0, "limit", f"{len(names)} blocks; a section has at most {most}")
        found = [(name, given.get(name)) for name in names[:most]]
        return [
            self._block(name, each, described, depth)
            for name, each in found
            if isinstance(each, dict) and not each.get("disabled") and not each.get("static")
        ]

    def _block(self, name: str, data: Mapping[str, Any], described: Mapping[str, Any], depth: int) -> Block:
        type_ = str(data.get("type", ""))
        definitions = described.get(type_)
        if not definitions:
            definitions = self.theme.schema(f"blocks/{type_}.liquid")[0].settings
        values = data.get("settings")
        made = settings(
            definitions, values if isinstance(values, dict) else {}, self.world, kind="block.settings"
        )
        return Block(name, data, made, depth=depth, marked=self.design)

    def inner_blocks(self, context: ThemeContext, buffer: TextIO) -> int:
        """`{% content_for 'blocks' %}`: the theme blocks of the section or block whose file this is."""
        holder = self._holder(context)
        blocks: list[Block] = []
        if isinstance(holder, Section):
            found = holder["blocks"]
            blocks = found if isinstance(found, list) else []
        elif isinstance(holder, Block):
            blocks = self.blocks_of(holder.data, {}, holder.depth + 1, context.file)
        return sum(self.one_block(context, block, buffer) for block in blocks)

    def static_block(
        self, context: ThemeContext, type_: str, identity: str, given: Mapping[str, object], buffer: TextIO
    ) -> int:
        """`{% content_for 'block', type: …, id: … %}`."""
        holder = self._holder(context)
        data = holder.data.get("blocks") if isinstance(holder, (Section, Block)) else None
        stored = data.get(identity) if isinstance(data, dict) else None
        stored = stored if isinstance(stored, dict) else {}
        if stored.get("disabled"):
            return 0
        depth = holder.depth + 1 if isinstance(holder, Block) else 1
        block = self._block(identity, {**stored, "type": type_}, {}, depth)
        return self.one_block(context, block, buffer, given)

    def one_block(
        self, context: ThemeContext, block: object, buffer: TextIO, given: Mapping[str, object] | None = None
    ) -> int:
        """A theme block within its wrapper."""
        if not isinstance(block, Block) or block.of.startswith((APP, "@")):
            return 0
        file = f"blocks/{block.of}.liquid"
        if file not in self.theme.files:
            known = self.stems("blocks/")
            context.fault("missing_file", f"there is no {file}", None, nearest(block.of, known))
            return 0
        most = self.run.meter.limits.block_depth
        if block.depth > most:
            context.fault("limit", f"blocks stand in blocks more than {most} deep")
            return 0
        schema, faults = self.theme.schema(file)
        self.run.faults.extend(faults)
        scope = {"section": context.globals.get("section"), "block": block, **(given or {})}
        inside = self.render(file, scope)
        if not schema.tag:
            return buffer.write(inside)
        classes = f"shopify-block {escape(schema.css)}".strip()
        extra = f" {block['shopify_attributes']}" if self.design else ""
        name = escape(block.identity)
        return buffer.write(
            f'<{schema.tag} id="shopify-block-{name}" class="{classes}"{extra}>{inside}</{schema.tag}>'
        )

    def _holder(self, context: ThemeContext) -> object:
        """What the file belongs to: the theme block that it renders, or else the section."""
        block = context.globals.get("block")
        return block if isinstance(block, Block) else context.globals.get("section")


def of_list(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The JSON of a section, its blocks named where they stand in a list (as in a schema's `default`)."""
    blocks = data.get("blocks")
    if not isinstance(blocks, list):
        return data
    return {
        **data,
        "blocks": {f"{data.get('type', 'block')}-{place}": each for place, each in enumerate(blocks, 1)},
    }
