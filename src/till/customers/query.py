"""The filters of customer lists, and the SQL they come to."""

from typing import Annotated, Any, TypeAlias

from msgspec import UNSET, Struct, UnsetType

from till import clock
from till.customers.keys import Kind
from till.dialect import lists, readers
from till.dialect.readers import Note

Unset: TypeAlias = UnsetType
Text: TypeAlias = Annotated[str | Unset, readers.text(255, shortest=1, nullable=False)]
Time: TypeAlias = Annotated[int | Unset, readers.time(nullable=False, since=clock.EARLIEST)]
List: TypeAlias = Annotated[tuple[str, ...] | Unset, lists.comma_list(250)]

SECOND = clock.SECOND
KEYS = "SELECT number FROM customer_keys WHERE shop_id = :shop_id"


class CustomerFilter(Struct, kw_only=True, frozen=True, rename="camel", omit_defaults=True):
    """Which customers of a shop are meant; what is UNSET does not narrow."""

    ids: Annotated[List, Note(additive=True, about="Only the customers with these ids.")] = UNSET
    created_at_min: Annotated[Time, Note(additive=True, about="Made at this moment or later.")] = UNSET
    created_at_max: Annotated[Time, Note(additive=True, about="Made in this second or earlier.")] = UNSET
    updated_at_min: Annotated[Time, Note(additive=True, about="Changed at this moment or later.")] = UNSET
    updated_at_max: Annotated[Time, Note(additive=True, about="Changed in this second or earlier.")] = UNSET


class Where(Struct):
    """A condition on `customers` and its parameters."""

    clauses: list[str]
    params: dict[str, Any]
    is_elsewhere: bool = False  # the index of use is another than that of the order
    asked: list[list[tuple[Kind, bytes]]] = []  # what keys must begin with: one of each list

    def add(self, clause: str, **params: Any) -> None:
        self.clauses.append(clause)
        self.params.update(params)

    def name(self, value: Any) -> str:
        """Lend `value` a parameter; answers how SQL calls it."""
        name = f"value_{len(self.params)}"
        self.params[name] = value
        return f":{name}"

    @property
    def sql(self) -> str:
        return " AND ".join(self.clauses)

    def page(self, *, key: tuple[int, ...], backward: bool, ascending: bool) -> tuple[str, dict[str, Any]]:
        """The condition of one page with its order, and their parameters."""
        columns = ("number",) if ascending else ("created_at", "number")
        down = ascending is backward
        params, clause = dict(self.params), self.sql
        if key:
            names = [f"key_{index}" for index in range(len(key))]
            params |= dict(zip(names, key, strict=True))
            marks = ", ".join(f":{name}" for name in names)
            clause += f" AND ({', '.join(columns)}) {'<' if down else '>'} ({marks})"
        # Another index is of use only if the sort does not claim the one on creation.
        plus = "+" if self.is_elsewhere else ""
        sort = ", ".join(f"{plus}{column} {'DESC' if down else 'ASC'}" for column in columns)
        return f"{clause} ORDER BY {sort}", params


RANGES = (
    ("created_at_min", "created_at >= :created_at_min"),
    ("created_at_max", "created_at <= :created_at_max"),
    ("updated_at_min", "updated_at >= :updated_at_min"),
    ("updated_at_max", "updated_at <= :updated_at_max"),
)


def where(wanted: CustomerFilter, *, shop_id: int) -> Where:
    """The condition that `wanted` comes to for one shop."""
    found = Where(clauses=["shop_id = :shop_id"], params={"shop_id": shop_id})
    for name, clause in RANGES:
        value = getattr(wanted, name)
        if value is not UNSET:
            # A time names a whole second, but what Till wrote itself has microseconds: it counts whole.
            found.add(clause, **{name: value + SECOND - 1 if name.endswith("max") else value})
            found.is_elsewhere |= name.startswith("updated_at")
    if wanted.ids is not UNSET:
        marks = ", ".join(found.name(each.encode()) for each in sorted(set(wanted.ids)))
        found.add(f"number IN ({KEYS} AND kind = '{Kind.ID}' AND value IN ({marks}))")
        found.is_elsewhere = True
    return found
