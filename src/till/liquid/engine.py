"""Renders the pages of one theme."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from liquid.exceptions import LiquidError
from msgspec import Struct

from till.liquid.bundle import Bundle
from till.liquid.context import Output, ThemeContext
from till.liquid.environment import ThemeEnvironment
from till.liquid.errors import fault_of
from till.liquid.faults import Fault
from till.liquid.limits import Limits
from till.liquid.locales import Translations, translations
from till.liquid.registers import Registers
from till.liquid.run import Run


@dataclass(slots=True, kw_only=True)
class Page:
    """What is to be rendered, and with which objects."""

    template: str
    """`product`, or `product.alt` for `?view=alt`; falls back to `product` where there is no such one."""
    globals: Mapping[str, object]
    """Global objects by name: drops. The engine adds settings, section, block and the content_for_ texts."""
    registers: Registers
    settings: Mapping[str, object] = field(default_factory=dict)
    """Values that go before those of config/settings_data.json (the editor's unsaved changes)."""
    locale: str = "en"
    sections: tuple[str, ...] | None = None
    """`?sections=a,b`: the answer is a JSON object, id -> HTML or null."""
    section_id: str | None = None
    """`?section_id=a`: the answer is the HTML of this section alone."""
    design_mode: bool = False
    """In the editor: sections and blocks carry what the editor needs to find them."""
    marks: bool = False
    """Whether a section that failed shows a small box instead of nothing; for previews and `dev`."""
    status: int = 200
    head: str = ""
    """HTML of the storefront itself for `content_for_header`."""


class Rendered(Struct):
    """A finished page."""

    status: int
    body: str
    content_type: str
    faults: list[Fault]
    spent: dict[str, float]
    """Seconds by file, without the files inside it."""


class Engine:
    """Renders the pages of one theme; its files are parsed once, when they are first used."""

    def __init__(self, bundle: Bundle, limits: Limits | None = None, *, strict: bool = False) -> None:
        self.bundle = bundle
        self.limits = limits or Limits()
        self.environment = ThemeEnvironment(bundle.files, self.limits, strict=strict)
        self._translations: dict[str, Translations] = {}

    def render(self, page: Page) -> Rendered:
        """Render a page. Faults do not end it; in strict mode the first one raises `Faulted`."""
        page.registers.translations = self.translations(page.locale)
        page.registers.locale = page.locale
        run = Run(self.environment, page.registers, self.limits, page.globals)
        run.layout = "theme"
        content = self._file(run, f"templates/{page.template}.liquid", page.globals)
        if run.layout:
            given = {**page.globals, "content_for_layout": content, "content_for_header": page.head}
            content = self._file(run, f"layout/{run.layout}.liquid", given)
        return Rendered(
            status=page.status,
            body=content,
            content_type="text/html; charset=utf-8",
            faults=run.faults.all(),
            spent=run.spent,
        )

    def translations(self, locale: str) -> Translations:
        """The theme's texts in a language."""
        found = self._translations.get(locale)
        if found is None:
            found = self._translations[locale] = translations(self.bundle.files, locale)
        return found

    def _file(self, run: Run, name: str, given: Mapping[str, object]) -> str:
        try:
            template = self.environment.file(name)
            buffer = Output(run.meter.write)
            template.render_with_context(ThemeContext(template, run=run, globals=given), buffer)
            return buffer.getvalue()
        except LiquidError as error:
            run.faults.add(fault_of(error, name, self.environment.names))
            return ""
