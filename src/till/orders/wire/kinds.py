"""The kinds of values that fields of requests hold."""

from decimal import Decimal
from typing import Annotated, TypeAlias

from msgspec import Struct, UnsetType

from till.dialect import lists, readers

MOST = 1_000_000
GRAMS = 1_000_000_000
HEAVIEST = 1_000 * MOST * GRAMS  # a thousand lines, each at its most

Unset: TypeAlias = UnsetType
Line: TypeAlias = Annotated[str | Unset | None, readers.text(255)]
Text: TypeAlias = Annotated[str | Unset | None, readers.text(5_000)]
Id: TypeAlias = Annotated[str | Unset | None, readers.identifier()]
Amount: TypeAlias = Annotated[Decimal | Unset | None, readers.amount()]
Flag: TypeAlias = Annotated[bool | Unset | None, readers.flag()]
Time: TypeAlias = Annotated[int | Unset | None, readers.time()]
Currency: TypeAlias = Annotated[str | Unset | None, readers.currency()]
Units: TypeAlias = Annotated[int | Unset | None, readers.whole(0, MOST)]
Weight: TypeAlias = Annotated[int | Unset | None, readers.whole(0, GRAMS)]
Words: TypeAlias = Annotated[tuple[str, ...] | Unset | None, lists.words(255, 100)]
Ignored: TypeAlias = Annotated[Unset | None, readers.ignored()]
# The same, of fields that are in no document of Genstore's, or not in the one of this form.
OwnLine: TypeAlias = Annotated[Line, readers.ADDITIVE]
OwnText: TypeAlias = Annotated[Text, readers.ADDITIVE]
OwnId: TypeAlias = Annotated[Id, readers.ADDITIVE]
OwnAmount: TypeAlias = Annotated[Amount, readers.ADDITIVE]
OwnFlag: TypeAlias = Annotated[Flag, readers.ADDITIVE]
OwnTime: TypeAlias = Annotated[Time, readers.ADDITIVE]
OwnIgnored: TypeAlias = Annotated[Ignored, readers.ADDITIVE]


class In(Struct, kw_only=True, frozen=True, rename="camel"):
    """What a request says; a field that it does not name is UNSET."""
