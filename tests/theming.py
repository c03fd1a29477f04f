"""A small theme put together in a test, and a page of it rendered."""

import json

from till.liquid.bundle import Bundle
from till.liquid.engine import Engine, Page
from till.liquid.registers import Registers

BARE = {"layout/theme.liquid": "{{ content_for_layout }}"}


def schema(**value):
    return "{% schema %}\n" + json.dumps(value, indent=2) + "\n{% endschema %}"


def page(files, *, template="index", registers=None, shown=None, strict=False, limits=None, **options):
    """The rendered page of a theme; a file that is no text is written as JSON."""
    written = {
        name: text if isinstance(text, str) else json.dumps(text, indent=2)
        for name, text in {**BARE, **files}.items()
    }
    engine = Engine(Bundle("key", "A theme", written, {}), limits, strict=strict)
    lent = registers or Registers()
    return engine.render(Page(template=template, globals=shown or {}, registers=lent, **options))


def told(rendered):
    """The faults, each as `file:line: sentence`."""
    return [str(fault) for fault in rendered.faults]


def text(source, files=None, **options):
    """What a template of one file writes; a fault of it fails the test."""
    rendered = page({"templates/index.liquid": source, **(files or {})}, **options)
    assert told(rendered) == []
    return rendered.body


def faulty(source, files=None, **options):
    """What a template of one file writes, and what is said to be wrong with it."""
    rendered = page({"templates/index.liquid": source, **(files or {})}, **options)
    return rendered.body, told(rendered)
