"""Renders the pages of one theme."""

import json
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass

from msgspec import Struct
from msgspec.structs import replace

from till.liquid.bundle import Bundle
from till.liquid.compose import Composer
from till.liquid.environment import ThemeEnvironment
from till.liquid.faults import Fault, nearest
from till.liquid.limits import Limits
from till.liquid.locales import Translations, translations
from till.liquid.registers import Registers
from till.liquid.run import Run
from till.liquid.sections import TemplateName
from till.liquid.theme import Theme

HEAD = "<!--till:content_for_header-->"
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".json": "application/json"}


@dataclass(slots=True, kw_only=True)
class Page:
    """What is to be rendered, and with which objects."""

    template: str
    """`product`, or `product.alt` for `?view=alt`; falls back to `product` where there is no such one."""
    globals: Mapping[str, object]
    """Global objects by name: drops. The engine adds settings, template, section, block and the content_for_
    texts; a `template` or `settings` given here goes before its own."""
    registers: Registers
    locale: str = "en"
    sections: tuple[str, ...] | None = None
    """`?sections=a,b`: the answer is a JSON object, id -> HTML or null."""
    section_id: str | None = None
    """`?section_id=a`: the answer is the HTML of this section alone; 404 where there is none."""
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
        self.theme = Theme(bundle.files)
        self._translations: dict[str, Translations] = {}

    def over(self, documents: Mapping[str, str]) -> "Engine":
        """The same theme with other JSON files under templates/, sections/ and config/, by name.

        What is parsed of the Liquid is shared, so that a page of it costs no more than one of this theme.
        """
        made = copy(self)
        made.bundle = replace(self.bundle, files={**self.bundle.files, **documents})
        made.theme = self.theme.over(documents)
        return made

    def has(self, template: str) -> bool:
        """Whether the theme has a template of this very name: `product.alt`."""
        return any(f"templates/{template}{ending}" in self.bundle.files for ending in (".json", ".liquid"))

    def translations(self, locale: str) -> Translations:
        """The theme's texts in a language."""
        found = self._translations.get(locale)
        if found is None:
            found = self._translations[locale] = translations(self.bundle.files, locale, self._of_sections())
        return found

    def _of_sections(self) -> dict[str, Mapping[str, object]]:
        """The texts that sections bring in their own schemas."""
        found = {}
        for file, text in self.bundle.files.items():
            if file.startswith("sections/") and file.endswith(".liquid") and '"locales"' in text:
                name = file.removeprefix("sections/").removesuffix(".liquid")
                found[name] = self.theme.schema(file)[0].locales
        return found

    def asset(self, name: str, page: Page) -> Rendered | None:
        """An asset that is made of Liquid: `theme.css` of assets/theme.css.liquid; None where there is none.

        Of the page it sees what all pages share: give it the globals of the shop, not those of a visitor.
        """
        file = f"assets/{name}.liquid"
        if file not in self.bundle.files:
            return None
        run, composer = self._begin(page, {})
        body = composer.render(file, {})
        kind = next((kind for ending, kind in KINDS.items() if name.endswith(ending)), "text/plain")
        return Rendered(200, body, f"{kind}; charset=utf-8", run.faults.all(), run.spent)

    def _begin(self, page: Page, shown: dict[str, object]) -> tuple[Run, Composer]:
        page.registers.translations = self.translations(page.locale)
        page.registers.locale = page.locale
        shown |= {"content_for_header": HEAD, **page.globals}
        run = Run(self.environment, page.registers, self.limits, shown)
        run.faults.extend(self.theme.faults)
        run.composer = composer = Composer(run, self.theme, design=page.design_mode, marks=page.marks)
        shown.setdefault("settings", composer.settings)
        return run, composer

    def render(self, page: Page) -> Rendered:
        """Render a page. Faults do not end it; whoever is strict looks at `Rendered.faults`."""
        run, composer = self._begin(page, {"template": TemplateName(page.template)})
        name = page.template if self.has(page.template) else page.template.partition(".")[0]
        status, kind, body = page.status, "text/html; charset=utf-8", ""
        if page.sections is not None:
            found = {wanted: composer.one(wanted, name, page.template) for wanted in page.sections}
            body, kind = json.dumps(found, ensure_ascii=False), "application/json; charset=utf-8"
        elif page.section_id is not None:
            one = composer.one(page.section_id, name, page.template)
            status, body = (page.status, one) if one is not None else (404, "")
        else:
            body = self._whole(run, composer, name, page)
        return Rendered(status, body, kind, run.faults.all(), run.spent)

    def _whole(self, run: Run, composer: Composer, name: str, page: Page) -> str:
        content = self._content(run, composer, name)
        if run.layout:
            given = {"content_for_layout": content, "content_for_index": content}
            file = f"layout/{run.layout}.liquid"
            if file in self.bundle.files:
                content = composer.render(file, given)
            else:
                known = [each for each in self.bundle.files if each.startswith("layout/")]
                run.faults.add(Fault(file, 0, "missing_file", f"there is no {file}", nearest(file, known)))
        return content.replace(HEAD, page.head + self.theme.head, 1).replace(HEAD, "")

    def _content(self, run: Run, composer: Composer, name: str) -> str:
        file = f"templates/{name}.json"
        if file in self.bundle.files:
            layout = self.theme.json(file)[0].get("layout", "theme")
            run.layout = layout if isinstance(layout, str) else ""
            return composer.template(file, name)
        file = f"templates/{name}.liquid"
        if file in self.bundle.files:
            return composer.render(file, {})
        known = [each for each in self.bundle.files if each.startswith("templates/")]
        said = f"there is no templates/{name}.json or .liquid"
        run.faults.add(Fault(f"templates/{name}.json", 0, "missing_file", said, nearest(file, known)))
        return ""
