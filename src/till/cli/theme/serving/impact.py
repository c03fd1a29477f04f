"""What of a page has to be painted again when files of the theme were saved: as little as shows all of it."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from msgspec import Struct

Texts = Mapping[str, str]

SNIPPET = re.compile(r"\b(?:render|include)\s+['\"]([\w./-]+)['\"]")
# A snippet whose name is worked out while the page is rendered: it may be any.
ANY_SNIPPET = re.compile(r"\binclude\s+[a-z_]|\brender\s+(?!block\b)[a-z_]")
BLOCK = re.compile(r"\bcontent_for\s+['\"]block['\"]\s*,[^%]*?\btype:\s*['\"]([\w-]+)['\"]")
TYPE = re.compile(r"\"type\"\s*:\s*\"([\w-]+)\"")
# Parts of a section that the head of the page carries, not the section itself.
HEAD = re.compile(r"{%-?\s*(stylesheet|javascript)\b.*?{%-?\s*end\1\s*-?%}", re.DOTALL)
COMMENT = re.compile(r"\A\s*/\*.*?\*/", re.DOTALL)
STYLES = (".css", ".css.liquid", ".scss.liquid")


class Repaint(Struct, frozen=True, omit_defaults=True):
    """`page` reloads every page, and `templates` those that show one of them.

    On others the stylesheets in `styles` are swapped, and the sections with these keys. `files` are all that
    take part: what was said of them before holds no longer.
    """

    page: bool = False
    templates: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


def repaint(before: Texts, after: Texts, changed: Collection[str]) -> Repaint:
    """What the files named in `changed` come to; `before` and `after` are the texts of the theme by name."""
    styles = tuple(sorted(_style(name) for name in changed if _is_style(name)))
    rest = [name for name in changed if not _is_style(name)]
    if any(name not in before or name not in after for name in changed):
        return Repaint(page=True, files=tuple(sorted(changed)))
    if any(_head(before[name]) != _head(after[name]) for name in rest):
        return Repaint(page=True, files=tuple(sorted(changed)))
    reached = _reached(after, rest)
    types = {_type(name) for name in reached if _is_section(name)}
    others = {name for name in reached if not name.startswith(("sections/", "snippets/", "blocks/"))}
    templates = {name for name in others if name.startswith("templates/") and name.endswith(".liquid")}
    files = tuple(sorted(reached | set(changed)))
    if others - templates or any(name.endswith(".json") for name in reached):
        return Repaint(page=True, files=files)
    keys = tuple(sorted(key for each in types for key in _keys(after, each)))
    return Repaint(templates=tuple(sorted(templates)), styles=styles, sections=keys, files=files)


def _reached(texts: Texts, changed: Collection[str]) -> set[str]:
    """The files that show what is in `changed`; beyond a section nothing is, for it is painted by itself."""
    reached, waiting = set(changed), [name for name in changed if not _is_section(name)]
    while waiting:
        shown = waiting.pop()
        for name, text in texts.items():
            if name not in reached and name.endswith(".liquid") and _uses(name, text, shown):
                reached.add(name)
                if not _is_section(name):
                    waiting.append(name)
    return reached


def _uses(name: str, text: str, shown: str) -> bool:
    folder, _, file = shown.partition("/")
    wanted = file.removesuffix(".liquid")
    if folder == "snippets":
        return wanted in SNIPPET.findall(text) or ANY_SNIPPET.search(text) is not None
    if folder == "blocks":
        if wanted in BLOCK.findall(text):
            return True
        return name.startswith(("sections/", "blocks/")) and (
            '"@theme"' in text or wanted in TYPE.findall(text)
        )
    return False


def _keys(texts: Texts, type_: str) -> Iterator[str]:
    """What the sections of a type are called: where they stand in JSON, and as a static section."""
    yield type_
    for name, text in texts.items():
        if name.endswith(".json") and name.startswith(("templates/", "sections/")):
            for key, section in _sections(text).items():
                if isinstance(section, dict) and section.get("type") == type_ and key != type_:
                    yield key


def _sections(text: str) -> dict[str, Any]:
    try:
        found = json.loads(COMMENT.sub("", text)).get("sections", {})
    except (ValueError, AttributeError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_section(name: str) -> bool:
    return name.startswith("sections/") and name.endswith(".liquid")


def _type(name: str) -> str:
    return name.removeprefix("sections/").removesuffix(".liquid")


def _is_style(name: str) -> bool:
    return name.startswith("assets/") and name.endswith(STYLES)


def _style(name: str) -> str:
    return name.removeprefix("assets/").removesuffix(".liquid")


def _head(text: str) -> list[str]:
    return [found[0] for found in HEAD.finditer(text)]
