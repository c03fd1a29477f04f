"""What a filter may look up: the registers of the page, and the objects that stand in its templates."""

from liquid import RenderContext

from till.liquid.context import ThemeContext
from till.liquid.faults import Kind
from till.liquid.filters.common import get, text
from till.liquid.registers import Registers

# What filters see where no page is rendered (the public cases run on the bare environment).
BARE = Registers()


def registers(context: RenderContext) -> Registers:
    """What the page lends to its filters."""
    return context.registers if isinstance(context, ThemeContext) else BARE


def report(context: RenderContext, kind: Kind, message: str, hint: str = "") -> None:
    """Keep a fault of a filter that goes on all the same."""
    if isinstance(context, ThemeContext):
        context.fault(kind, message, None, hint)


def seen(context: RenderContext, name: str) -> object:
    """The object of this name that a template would see here; None where there is none."""
    return context.resolve(name, default=None)


def root(context: RenderContext) -> str:
    """What stands before every path of this language: nothing, or `/de`."""
    return text(registers(context).routes.get("root_url", "")).rstrip("/")


def route(context: RenderContext, name: str, path: str) -> str:
    """A route by its name in the `routes` object, or the platform's usual path below the root."""
    return text(registers(context).routes.get(name)) or root(context) + path


def shop(context: RenderContext, name: str) -> object:
    """A property of the `shop` object."""
    return get(seen(context, "shop"), name)


def translated(context: RenderContext, key: str, usual: str) -> str:
    """A text that the platform brings itself: the theme's own under `key`, or ours."""
    return registers(context).translations.text(key) or usual
