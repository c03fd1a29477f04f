"""Renders one expression with the filters of a store, and says what was wrong with it."""

from io import StringIO

from till.liquid.context import ThemeContext
from till.liquid.drop import Record
from till.liquid.environment import ThemeEnvironment
from till.liquid.limits import Limits
from till.liquid.locales import translations
from till.liquid.registers import Registers
from till.liquid.run import Run

NOON = 1_762_862_400_000_000  # 2025-11-11T12:00:00Z
PLAIN = ThemeEnvironment({}, Limits())


def thing(kind, **values):
    return Record(kind, values)


def rendered(source, *, files=None, registers=None, **page):
    """What a template writes, and its faults."""
    environment = ThemeEnvironment(files, Limits()) if files else PLAIN
    template = environment.from_string(source, name="snippets/x.liquid")
    lent = registers or Registers(now=NOON)
    if files:
        lent.translations = translations(files, lent.locale)
    run = Run(environment, lent, Limits(), page)
    out = StringIO()
    template.render_with_context(ThemeContext(template, run=run, globals=page), out)
    return out.getvalue(), run.faults.all()


def written(source, **given):
    """What a template writes that has no fault."""
    text, faults = rendered(source, **given)
    assert faults == []
    return text


def refused(source, **given):
    """The message of the one fault of an expression that shows nothing."""
    text, faults = rendered(source, **given)
    assert text == ""
    (fault,) = faults
    assert (fault.kind, fault.line) == ("bad_argument", 1)
    return fault.message
