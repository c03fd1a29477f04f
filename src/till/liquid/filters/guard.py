"""What stands between a template and each filter."""

import re
from collections.abc import Callable
from typing import Any

from liquid import Environment, RenderContext
from liquid.exceptions import LiquidError, ResourceLimitError

from till.liquid.drop import Drop
from till.liquid.filters.common import MOST_ITEMS, Filter, short, wrong
from till.liquid.filters.spelling import joinable, liquid_text

LONGEST_SENTENCE = 300

# python-liquid's filters of lists, which take an object for the list of its names; in Liquid it is one item.
OF_LISTS = "compact concat find find_index has map reject reverse sort sort_natural sum uniq where"
# And those of text, to which it hands what Python calls True, None and [1, 2].
OF_TEXT = (
    "append base64_decode base64_encode base64_url_safe_decode base64_url_safe_encode capitalize downcase "
    "lstrip newline_to_br prepend remove remove_first remove_last replace replace_first replace_last rstrip "
    "split squish strip strip_html strip_newlines upcase url_decode url_encode"
)
# And those of text whose first argument is a number: nil is none.
OF_LENGTH = "truncate truncatewords"

Arguments = tuple[Any, tuple[Any, ...]]


class Guarded:
    """A filter that fails with nothing but a Liquid error, and says which filter it was.

    The `context` of a filter arrives as a named argument, and so may a template's own:
    `{{ x | money: context: 1 }}` is refused here, before it is taken for the real one.
    """

    __slots__ = ("called", "name", "prepare", "with_context", "with_environment")

    def __init__(self, name: str, called: Filter) -> None:
        self.name = name
        self.called = called
        self.prepare = PREPARED.get(name)
        self.with_context = bool(getattr(called, "with_context", False))
        self.with_environment = bool(getattr(called, "with_environment", False))

    def __call__(self, left: object, /, *args: Any, **kwargs: Any) -> Any:
        if self.with_context and not isinstance(kwargs.get("context"), RenderContext):
            raise wrong(f"{self.name} takes no argument named context")
        if self.with_environment and not isinstance(kwargs.get("environment"), Environment):
            raise wrong(f"{self.name} takes no argument named environment")
        try:
            if self.prepare is not None:
                left, args = self.prepare(left, args)
            return self.called(left, *args, **kwargs)
        except ResourceLimitError:
            raise
        except LiquidError as bad:
            bad.args = (f"{self.name}: {_of_arguments(bad.message)}",)
            raise
        except TypeError as bad:
            raise wrong(f"{self.name}: {_of_arguments(bad)}") from bad
        except (ArithmeticError, AttributeError, LookupError, RecursionError, ValueError) as bad:
            raise wrong(f"{self.name} cannot work on {short(left)}") from bad


def _of_arguments(bad: object) -> str:
    """The sentence; where it is Python's word on the arguments, without the name of the function."""
    said = re.sub(r"^[\w.<>]+\(\) ", "", str(bad))
    return said if len(said) <= LONGEST_SENTENCE else said[: LONGEST_SENTENCE - 1] + "…"


def _listed(left: object, args: tuple[Any, ...]) -> Arguments:
    """An object as its only item; a range no longer than what is sane, since it would be written out."""
    if isinstance(left, Drop):
        return [left], args
    return _short(left), args


def _joined(left: object, args: tuple[Any, ...]) -> Arguments:
    """What is put together, and what stands between, as text."""
    left = [left] if isinstance(left, Drop) else _short(left)
    return joinable(left), tuple("" if each is None else liquid_text(each) for each in args)


def _texts(left: object, args: tuple[Any, ...]) -> Arguments:
    """A value and arguments as text; nil is nothing."""
    return liquid_text(left), tuple("" if each is None else liquid_text(each) for each in args)


def _shortened(left: object, args: tuple[Any, ...]) -> Arguments:
    """A value as text."""
    return liquid_text(left), args


def _short(left: object) -> object:
    if isinstance(left, range) and left.stop - left.start > MOST_ITEMS:
        raise wrong(f"a range may have no more than {MOST_ITEMS:,} numbers here")
    return left


# Filter of python-liquid -> what has to be done to its value and arguments first.
PREPARED: dict[str, Callable[[Any, tuple[Any, ...]], Arguments]] = {
    **dict.fromkeys(OF_LISTS.split(), _listed),
    **dict.fromkeys(OF_TEXT.split(), _texts),
    **dict.fromkeys(OF_LENGTH.split(), _shortened),
    "join": _joined,
}
