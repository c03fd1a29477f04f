"""The filters of customer lists, and the SQL they come to."""

import re
from collections.abc import Callable
from typing import Annotated, Any, TypeAlias

from msgspec import UNSET, Struct, UnsetType

from till import clock
from till.caller import Protected
from till.customers.keys import Kind, email_key, phone_key
from till.dialect import lists, readers
from till.dialect.readers import Note
from till.dialect.words import words
from till.errors import Forbidden

Unset: TypeAlias = UnsetType
Text: TypeAlias = Annotated[str | Unset, readers.text(255, shortest=1, nullable=False)]
Time: TypeAlias = Annotated[int | Unset, readers.time(nullable=False, since=clock.EARLIEST)]
List: TypeAlias = Annotated[tuple[str, ...] | Unset, lists.comma_list(250)]

SECOND = clock.SECOND
# A telephone number is one run of digits in its key, however it is grouped in a search.
NUMBER_LIKE = re.compile(r"[0-9 ()+./-]*[0-9][0-9 ()+./-]*")
MOST_WORDS = 10
KEYS = "SELECT number FROM customer_keys WHERE shop_id = :shop_id"
NOTHING = "shop_id IS NULL"
END = b"\xff"


class CustomerFilter(Struct, kw_only=True, frozen=True, rename="camel", omit_defaults=True):
    """Which customers of a shop are meant; what is UNSET does not narrow."""

    ids: Annotated[List, Note(additive=True, about="Only the customers with these ids.")] = UNSET
    created_at_min: Annotated[Time, Note(additive=True, about="Made at this moment or later.")] = UNSET
    created_at_max: Annotated[Time, Note(additive=True, about="Made in this second or earlier.")] = UNSET
    updated_at_min: Annotated[Time, Note(additive=True, about="Changed at this moment or later.")] = UNSET
    updated_at_max: Annotated[Time, Note(additive=True, about="Changed in this second or earlier.")] = UNSET


class CustomerSearch(Struct, kw_only=True, frozen=True, rename="camel", omit_defaults=True):
    """Whom a search is for: those who meet all that is given."""

    q: Annotated[
        Text,
        Note(
            additive=True,
            about="With words that begin with each of these in name or e-mail address, or a telephone number"
            " that begins with these digits.",
        ),
    ] = UNSET
    email: Annotated[Text, Note(additive=True, about="With exactly this e-mail address, in any case.")] = (
        UNSET
    )
    phone: Annotated[
        Text, Note(additive=True, about="With exactly this telephone number, however it is grouped.")
    ] = UNSET


class ProtectedSearch(Forbidden):
    """What a caller may not see, it may not search by."""


class Where(Struct):
    """A condition on `customers` and its parameters."""

    clauses: list[str]
    params: dict[str, Any]
    by_update: bool = False

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
        # An index on updates is of use only if the sort does not claim the one on creation.
        plus = "+" if self.by_update else ""
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
            found.by_update |= name.startswith("updated_at")
    if wanted.ids is not UNSET:
        marks = ", ".join(found.name(each.encode()) for each in sorted(set(wanted.ids)))
        found.add(f"number IN ({KEYS} AND kind = '{Kind.ID}' AND value IN ({marks}))")
    return found


def searching(wanted: CustomerSearch, *, shop_id: int, hidden: frozenset[Protected]) -> Where:
    """The condition of a search by a caller from whom these kinds of fields are hidden.

    Raises `ProtectedSearch` where it asks for what the caller may not see.
    """
    found = Where(clauses=["shop_id = :shop_id"], params={"shop_id": shop_id})
    for name, kind, field, key_of in EXACTLY:
        text = getattr(wanted, name)
        if text is not UNSET:
            _must_see(name, hidden, field)
            _add_exact(found, kind, key_of(text))
    if wanted.q is not UNSET:
        _must_see("q", hidden, Protected.NAME, Protected.EMAIL, Protected.PHONE)
        for options in _asked(wanted.q):
            seen = [option for option in options if FIELDS[option[0]] not in hidden]
            found.add(_beginning(found, seen))
        if len(found.clauses) == 1:
            found.add(NOTHING)
    return found


KeyOf = Callable[[str], bytes | None]
EXACTLY: tuple[tuple[str, Kind, Protected, KeyOf], ...] = (
    ("email", Kind.EMAIL, Protected.EMAIL, email_key),
    ("phone", Kind.PHONE, Protected.PHONE, phone_key),
)
FIELDS = {
    Kind.NAME_WORD: Protected.NAME,
    Kind.EMAIL_WORD: Protected.EMAIL,
    Kind.EMAIL: Protected.EMAIL,
    Kind.PHONE: Protected.PHONE,
}


def _must_see(name: str, hidden: frozenset[Protected], *fields: Protected) -> None:
    if hidden.issuperset(fields):
        kinds = " or ".join(fields)
        raise ProtectedSearch(
            f"This installation was not granted the protected field {kinds}, so it cannot search by {name}.",
            fields={name: [f"needs the protected field {kinds}"]},
        )


def _add_exact(found: Where, kind: Kind, value: bytes | None) -> None:
    if value is None:
        found.add(NOTHING)
    else:
        found.add(f"number IN ({KEYS} AND kind = '{kind}' AND value = {found.name(value)})")


def _asked(text: str) -> list[list[tuple[Kind, bytes]]]:
    """What must be met, each by any of several keys that begin so."""
    digits = phone_key(text) if NUMBER_LIKE.fullmatch(text) else None
    if digits:
        return [[(kind, digits) for kind in (Kind.PHONE, Kind.NAME_WORD, Kind.EMAIL_WORD)]]
    found: list[list[tuple[Kind, bytes]]] = []
    for part in text.split():
        address = email_key(part)
        if address is not None:
            found.append([(Kind.EMAIL, address)])
            continue
        for word in words(part):
            begin = word.encode("utf-8", "replace")
            found.append([(kind, begin) for kind in (Kind.NAME_WORD, Kind.EMAIL_WORD, Kind.PHONE)])
    return found[:MOST_WORDS]


def _beginning(found: Where, options: list[tuple[Kind, bytes]]) -> str:
    """Those of whom a key begins with any of these; no key holds the byte `END`."""
    parts = [
        f"{KEYS} AND kind = '{kind}' AND value >= {found.name(begin)} AND value < {found.name(begin + END)}"
        for kind, begin in options
    ]
    return f"number IN ({' UNION ALL '.join(parts)})" if parts else NOTHING
