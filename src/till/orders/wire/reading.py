"""What reading any request needs: what was said, and amounts in minor units."""

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar

from msgspec import UNSET, Struct, UnsetType

from till.dialect.body import Problems
from till.dialect.readers import Unfit, minor_units

T = TypeVar("T")
Mint = Callable[[], int]


def said(value: T | UnsetType | None, default: Any = None) -> Any:
    """`value` where the request gave one that is not null, else `default`."""
    return default if value is UNSET or value is None else value


def same_named(source: Struct, kind: type[Struct], **others: Any) -> dict[str, Any]:
    """The fields that `kind` shares with `source` and `source` states; `others` win."""
    for name in _shared(type(source), kind):
        if name not in others:
            value = getattr(source, name)
            if value is not UNSET and value is not None:
                others[name] = value
    return others


@lru_cache(maxsize=64)
def _shared(source: type[Struct], kind: type[Struct]) -> tuple[str, ...]:
    return tuple(name for name in source.__struct_fields__ if name in kind.__struct_fields__)


def optional(value: T | UnsetType | None, change: Callable[[T], Any]) -> Any:
    return None if value is UNSET or value is None else change(value)


class Amounts:
    """Turns decimals into minor units of one currency and gathers what cannot be turned."""

    def __init__(self, currency: str, problems: Problems) -> None:
        self.currency = currency
        self.problems = problems

    def __call__(self, value: Decimal | UnsetType | None, path: str) -> Any:
        if value is UNSET or value is None:
            return None
        return self.of(value, path, self.currency)

    def of(self, value: Decimal, path: str, currency: str) -> int:
        try:
            return minor_units(value, currency)
        except Unfit as error:
            self.problems[path] = [str(error)]
            return 0

    def must_be_own(self, currency: str | UnsetType | None, path: str) -> None:
        """Add to the problems that a currency is not the order's."""
        if said(currency, self.currency) != self.currency:
            self.problems[path] = [
                f"must be {self.currency}: all money of an order is in the order's own currency"
            ]
