"""Comparison as the platform compares: nothing, false and an absent name are blank."""

from collections.abc import Sized

from liquid import RenderContext
from liquid.builtin.expressions.logical import EqExpression, NeExpression
from liquid.builtin.expressions.primitive import Blank, Empty
from liquid.undefined import Undefined

from till.liquid.drop import Drop


class Missing(Undefined):
    """What a shelf answers to a handle that it has not: it is `empty`, as `pages.about == empty` asks."""

    __slots__ = ()


def is_blank(value: object) -> bool:
    """Whether a value is `blank`: nil, false, absent, empty, or nothing but space."""
    if hasattr(value, "__liquid__"):
        value = value.__liquid__()
    if value is None or value is False or isinstance(value, (Blank, Undefined)):
        return True
    if isinstance(value, str):
        return not value or value.isspace()
    return isinstance(value, Sized) and not isinstance(value, Drop) and len(value) == 0


def _compare(left: object, right: object) -> bool | None:
    """Whether one is blank or empty as the other says; None where neither says so."""
    for sought, value in ((left, right), (right, left)):
        if isinstance(sought, Blank):
            return is_blank(value)
        if isinstance(sought, Empty) and isinstance(value, Missing):
            return True
        if (
            isinstance(sought, Empty)
            and isinstance(value, Sized)
            and not isinstance(value, (Drop, Undefined))
        ):
            return len(value) == 0
    return None


class StoreEq(EqExpression):
    """`==`."""

    __slots__ = ()

    def evaluate(self, context: RenderContext) -> object:
        """True or false."""
        found = _compare(self.left.evaluate(context), self.right.evaluate(context))
        return super().evaluate(context) if found is None else found


class StoreNe(NeExpression):
    """`!=`."""

    __slots__ = ()

    def evaluate(self, context: RenderContext) -> object:
        """True or false."""
        found = _compare(self.left.evaluate(context), self.right.evaluate(context))
        return super().evaluate(context) if found is None else not found
