"""What must be true of a file's content before it is kept: text is UTF-8, JSON is JSON and within limits."""

import json
from collections.abc import Iterator
from typing import Any

from till.liquid.locales import without_comments
from till.themes.files import is_text

# semantics.md §5.3
MOST_SECTIONS = 25
MOST_BLOCKS_OF_SECTION = 50
MOST_BLOCKS = 1_250
DEEPEST_BLOCK = 8
MOST_PRESETS = 5


def faults_of(name: str, content: bytes) -> list[str]:
    """What is wrong with a file, as words that follow its name; its Liquid is not looked at."""
    if not is_text(name):
        return []
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        return [f"is not text in UTF-8 (byte {error.start}): save it as UTF-8"]
    if name.startswith("assets/") or not name.endswith(".json"):
        return []
    return list(_of_json(name, text))


def _of_json(name: str, text: str) -> Iterator[str]:
    try:
        value = json.loads(without_comments(text))
    except json.JSONDecodeError as error:
        yield f"is not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        return
    except RecursionError:
        yield "is JSON that is nested too deep"
        return
    except ValueError:
        yield "holds a number with too many digits"
        return
    wanted, word = (list, "a list") if name == "config/settings_schema.json" else (dict, "an object")
    if not isinstance(value, wanted):
        yield f"must be {word} in JSON"
    elif name == "config/settings_data.json":
        yield from _too_many(len(_object(value, "presets")), MOST_PRESETS, "presets")
    elif name.startswith(("templates/", "sections/")):
        yield from _of_sections(_object(value, "sections"))


def _of_sections(sections: dict[str, Any]) -> Iterator[str]:
    yield from _too_many(len(sections), MOST_SECTIONS, "sections")
    total = 0
    for each, section in sections.items():
        count, depth = _blocks(section)
        total += count
        yield from _too_many(count, MOST_BLOCKS_OF_SECTION, f"blocks in section {each[:60]!r}")
        if depth > DEEPEST_BLOCK:
            yield f"nests blocks {depth} deep in section {each[:60]!r}: at most {DEEPEST_BLOCK} are allowed"
    yield from _too_many(total, MOST_BLOCKS, "blocks")


def _blocks(section: Any) -> tuple[int, int]:
    """How many blocks a section has, and how deep they are nested."""
    count = deepest = 0
    waiting = [(section, 0)]
    while waiting:
        holder, depth = waiting.pop()
        deepest = max(deepest, depth)
        inner = _object(holder, "blocks")
        count += len(inner)
        waiting += [(block, depth + 1) for block in inner.values()]
    return count, deepest


def _object(value: Any, key: str) -> dict[str, Any]:
    """The object under a key, or an empty one; what is malformed there is for `theme check` to tell."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _too_many(count: int, most: int, what: str) -> Iterator[str]:
    if count > most:
        yield f"has {count:,} {what}: at most {most:,} are allowed"
