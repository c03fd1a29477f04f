"""Searching customers: exactly by e-mail and telephone number, or by words that begin so.

A word that few have is looked up among the keys; one that many have is compared with the customers
themselves, newest first, until the page is full. So neither kind of word costs what the other would.
"""

import json
import re
from collections.abc import Callable
from typing import Annotated

from msgspec import UNSET, Struct

from till.caller import Protected
from till.customers.keys import Kind, email_key, in_text, phone_key
from till.customers.query import KEYS, Text, Where
from till.customers.statements import LACKS
from till.db.port import Dialect, Tx
from till.dialect.readers import Note
from till.dialect.words import words
from till.errors import Forbidden

# A telephone number is one run of digits in its key, however it is grouped in a search.
NUMBER_LIKE = re.compile(r"[0-9 ()+./-]*[0-9][0-9 ()+./-]*")
MOST_WORDS = 10
MANY = 20_000
NOTHING = "shop_id IS NULL"
END = b"\xff"  # no key holds it
AMONG = {
    Dialect.SQLITE: "number IN (SELECT value FROM json_each(:among))",
    Dialect.POSTGRESQL: "number IN (SELECT CAST(each AS BIGINT)"
    " FROM jsonb_array_elements_text(CAST(:among AS jsonb)) each)",
}


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


def searching(wanted: CustomerSearch, *, shop_id: int, hidden: frozenset[Protected]) -> Where:
    """The condition of a search by a caller from whom these kinds of fields are hidden.

    Raises `ProtectedSearch` where it asks for what the caller may not see.
    """
    found = Where(clauses=["shop_id = :shop_id"], params={"shop_id": shop_id}, asked=[])
    for name, kind, field, key_of in EXACTLY:
        text = getattr(wanted, name)
        if text is not UNSET:
            _must_see(name, hidden, field)
            key = key_of(text)
            one = f"number = ({KEYS} AND kind = '{kind}' AND value = {found.name(key)})"
            found.add(NOTHING if key is None else one)
            found.is_elsewhere = True
    if wanted.q is not UNSET:
        _must_see("q", hidden, Protected.NAME, Protected.EMAIL, Protected.PHONE)
        for options in _options(wanted.q):
            found.asked.append([option for option in options if FIELDS[option[0]] not in hidden])
        if not found.asked:
            found.add(NOTHING)
    return found


async def narrow(tx: Tx, where: Where) -> None:
    """Turn the words that `where` asks for into a condition."""
    few: set[int] | None = None
    for options in where.asked:
        numbers = await _numbers(tx, where, options)
        if numbers is not None:
            few = numbers if few is None else few & numbers
        else:
            lacks = " AND ".join(LACKS.format("words", where.name(in_text(*each))) for each in options)
            where.add(f"NOT ({lacks})")
    if few is not None:
        where.add(AMONG[tx.dialect], among=json.dumps(sorted(few)))
        where.is_elsewhere = True


async def _numbers(tx: Tx, where: Where, options: list[tuple[Kind, bytes]]) -> set[int] | None:
    """Those of whom a key begins with one of these; None where those are many."""
    found: set[int] = set()
    sql = f"{KEYS} AND kind = :kind AND value >= :low AND value < :high LIMIT :most"
    for kind, begin in options:
        shop_id = where.params["shop_id"]
        rows = await tx.fetch(sql, shop_id=shop_id, kind=kind, low=begin, high=begin + END, most=MANY)
        if len(rows) == MANY:
            return None
        found.update(row[0] for row in rows)
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


def _options(text: str) -> list[list[tuple[Kind, bytes]]]:
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
