"""Renders one file of a theme after the other, whatever becomes of it."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from liquid import Token
from liquid.builtin.output import OutputNode
from liquid.exceptions import LiquidError, LiquidInterrupt, StopRender

from till.liquid.context import Output, ThemeContext
from till.liquid.drop import Drop
from till.liquid.errors import fault_of
from till.liquid.faults import Fault, Kind, nearest
from till.liquid.limits import Exceeded
from till.liquid.run import Run
from till.liquid.settings import World, settings
from till.liquid.theme import Theme
from till.liquid.values import Scheme


class Renderer:
    """The files of one page."""

    def __init__(self, run: Run, theme: Theme, *, design: bool, marks: bool) -> None:
        self.run = run
        self.theme = theme
        self.design = design
        self.marks = marks
        # The sections that are being rendered, the outer ones first.
        self.open: list[str] = []
        self.data: Mapping[str, Any] = theme.current
        self.world = World(run.registers.find, self.evaluate)
        self.settings = self._theme_settings()

    def _theme_settings(self) -> Drop:
        values = {name: value for name, value in self.data.items() if name not in {"sections", "blocks"}}
        made = settings(
            self.theme.definitions, values, self.world, kind="settings", is_open=not self.theme.definitions
        )
        for each in self.theme.definitions:
            if each.get("type") == "color_scheme_group":
                schemes = made[str(each["id"])]
                found = schemes if isinstance(schemes, list) else []
                self.world.schemes = {str(each): each for each in found if isinstance(each, Scheme)}
        return made

    def render(self, file: str, given: Mapping[str, object]) -> str:
        """A file in a scope of its own. One that cannot be finished shows nothing, or a box that says why."""
        meter = self.run.meter
        before = meter.mark()
        self.run.depth += 1
        try:
            if self.run.depth > meter.limits.depth:
                raise Exceeded(f"more than {meter.limits.depth} files inside each other", token=None)
            template = self.run.environment.file(file)
            context = ThemeContext(template, run=self.run, globals={**self.run.globals, **given})
            buffer = Output(meter.write)
            template.render_with_context(context, buffer)
            meter.forget(before)
            return buffer.getvalue()
        except LiquidError as error:
            fault = fault_of(error, file, self.run.environment.names)
        except RecursionError:
            fault = Fault(file, 0, "limit", "files or expressions are nested too deep")
        finally:
            self.run.depth -= 1
        meter.forgive(before)
        self.run.faults.add(fault)
        return self._box(fault)

    def evaluate(self, text: str) -> object:
        """The Liquid of a setting: one expression gives its value, anything else text."""
        template = self.run.environment.text(text)
        context = ThemeContext(template, run=self.run, globals=self.run.globals)
        try:
            if len(template.nodes) == 1 and isinstance(template.nodes[0], OutputNode):
                return template.nodes[0].expression.evaluate(context)
            buffer = Output(self.run.meter.write)
            template.render_with_context(context, buffer)
            return buffer.getvalue()
        except (LiquidInterrupt, StopRender):
            return ""
        except LiquidError as error:
            self.run.faults.add(fault_of(error, template.name, self.run.environment.names))
            return ""

    def fault(self, file: str, line: int, kind: Kind, message: str, hint: str = "") -> None:
        """Keep a fault."""
        self.run.faults.add(Fault(file, line, kind, message, hint))

    def missing(
        self, file: str, name: str, known: Iterable[str], context: ThemeContext | None, token: Token | None
    ) -> None:
        """Keep that a file which a tag names is not there."""
        if context is not None:
            context.fault("missing_file", f"there is no {file}", token, nearest(name, known))

    def stems(self, folder: str) -> list[str]:
        """The names of the Liquid files of a folder, without folder and ending."""
        return [
            name.removeprefix(folder).removesuffix(".liquid")
            for name in self.theme.files
            if name.startswith(folder) and name.endswith(".liquid")
        ]

    def _box(self, fault: Fault) -> str:
        if not self.marks:
            return ""
        return f'<div class="till-fault" role="note">{escape(str(fault))}</div>'
