"""Reads the values of a request leniently, and says of each what it takes (rulings.md §2.1).

A reader turns what JSON or a query string holds into a value, or refuses with the words that
follow the field's name. Its `schema` is what OpenAPI prints, so the two cannot disagree.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from till import clock
from till.money import DIGITS, BadAmount, parse

Schema = dict[str, Any]


class Unfit(ValueError):
    """The value cannot be read; the text follows the field's name."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads one value. `read` gets what is not null; null is taken where `nullable`.

    What is `listed` reads a list, which may come inside a string.
    """

    read: Callable[[Any], Any]
    schema: Schema
    nullable: bool = True
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """What a field's annotation may say beside its reader: `additive` is in no document of Genstore's.

    `also` are further names of the field; of a list, `least` is how many it holds, and `single` lets one
    object stand for a list of one.
    """

    additive: bool = False
    least: int = 0
    about: str = ""
    also: tuple[str, ...] = ()
    single: bool = False


ADDITIVE = Note(additive=True)
WHOLE = re.compile(r"[0-9]{1,19}\Z")
AMOUNT = r"0{0,14}[0-9]{1,16}(\.[0-9]{1,30})?"
AMOUNT_BELOW = 10**16  # what a currency can hold is less, and checked with it
STRAY = r'^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})"$'
TRUE, FALSE = {"true", "1"}, {"false", "0"}
BLANKS = "".join(map(chr, range(33)))
LARGEST_TEXT = 10**18
LARGEST_ID = 2**63 - 1


def text(longest: int, *, shortest: int = 0, nullable: bool = True) -> Reader:
    """A string of at most `longest` characters; a number is taken as its digits."""

    def read(value: Any) -> str:
        found = value if type(value) is str else _digits(value)
        if len(found) > longest:
            raise Unfit(f"is longer than {longest} characters")
        if shortest and not found.strip(BLANKS):
            raise Unfit("must not be empty")
        if "\0" in found:
            raise Unfit("must not contain the character U+0000")
        return found

    form: Schema = {"type": "string", "maxLength": longest, "pattern": r"^[^\u0000]*$"}
    if shortest:
        form |= {"minLength": shortest, "pattern": r"^[^\u0000]*[^\u0000-\u0020][^\u0000]*$"}
    number = {"type": "integer", "minimum": -LARGEST_TEXT, "maximum": LARGEST_TEXT}
    return Reader(read, {"anyOf": [form, number]}, nullable)


def _digits(value: Any) -> str:
    value = _plain_number(value)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Unfit("must be a string")
    if isinstance(value, int) and abs(value) > LARGEST_TEXT:
        raise Unfit("is a number with too many digits: send it as a string")
    return str(value)


def _plain_number(value: Any) -> Any:
    """A number without a fraction as a whole one: to JSON Schema, 5.0 is an integer."""
    if isinstance(value, Decimal) and value.adjusted() < 20 and value == value.to_integral_value():
        return int(value)
    return value


def identifier(*, nullable: bool = True) -> Reader:
    """An id: a string of 1 to 64 printable characters, or a whole number."""

    def read(value: Any) -> str:
        value = _plain_number(value)
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise Unfit("must be a string of digits or a whole number")
        if isinstance(value, int) and not 0 <= value <= LARGEST_ID:
            raise Unfit("must be a number from 0 to 9223372036854775807, or a string")
        found = str(value)
        if not re.fullmatch(r"[!-~]{1,64}", found):
            raise Unfit("must be 1 to 64 printable ASCII characters without blanks")
        return found

    return Reader(
        read,
        {
            "anyOf": [
                {"type": "string", "pattern": "^[!-~]{1,64}$"},
                {"type": "integer", "minimum": 0, "maximum": LARGEST_ID},
            ]
        },
        nullable,
    )


def _up_to(most: int, *, zero: bool) -> str:
    """A pattern of the numbers from 0 or 1 to `most`, with or without leading zeros."""
    digits = str(most)
    options = [f"[1-9][0-9]{{0,{len(digits) - 2}}}"] if len(digits) > 1 else []
    for index, digit in enumerate(digits):
        low, high = int(index == 0), int(digit) - 1
        if high >= low:
            options.append(f"{digits[:index]}[{low}-{high}][0-9]{{{len(digits) - index - 1}}}")
    options += [digits, *(["0"] if zero else [])]
    return f"0{{0,{19 - len(digits)}}}({'|'.join(options)})"


def whole(least: int, most: int, *, nullable: bool = True) -> Reader:
    """A whole number from `least`, 0 or 1, to `most`; also as a string of digits."""

    def read(value: Any) -> int:
        value = int(value) if isinstance(value, str) and WHOLE.match(value) else _plain_number(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise Unfit("must be a whole number")
        if not least <= value <= most:
            raise Unfit(f"must be from {least} to {most}")
        return value

    schema = {
        "anyOf": [
            {"type": "integer", "minimum": least, "maximum": most},
            {"type": "string", "pattern": f"^{_up_to(most, zero=least == 0)}$"},
        ]
    }
    return Reader(read, schema, nullable)


def flag(*, nullable: bool = True) -> Reader:
    """A boolean, also as `"true"`, `"false"`, `1`, `0`."""

    def read(value: Any) -> bool:
        if isinstance(value, bool):
            return value
        value = _plain_number(value)
        word = str(value).lower() if isinstance(value, str | int) else ""
        if word in TRUE:
            return True
        if word in FALSE:
            return False
        raise Unfit('must be true or false, or "true" or "false"')

    words = {"type": "string", "pattern": "^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|1|0)$"}
    return Reader(read, {"anyOf": [{"type": "boolean"}, {"enum": [1, 0]}, words]}, nullable)


def amount(*, nullable: bool = True) -> Reader:
    """Money as a decimal, exact; its decimals are checked once the currency is known."""

    def read(value: Any) -> Decimal:
        if isinstance(value, str) and not re.fullmatch(AMOUNT, value):
            raise Unfit("must be a decimal number such as 19.99")
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            raise Unfit("must be a decimal number such as 19.99")
        found = Decimal(value)
        if found < 0:
            raise Unfit("must not be negative")
        if found >= AMOUNT_BELOW:
            raise Unfit("is too large")
        return found

    schema = {
        "anyOf": [
            {"type": "string", "pattern": f"^{AMOUNT}$", "examples": ["199.99"]},
            {"type": "number", "minimum": 0, "exclusiveMaximum": AMOUNT_BELOW},
        ]
    }
    return Reader(read, schema, nullable)


def minor_units(value: Decimal, currency: str) -> int:
    """`value` in the minor units of `currency`; `Unfit` when it has too many decimals."""
    try:
        return parse(value, currency)
    except BadAmount as error:
        raise Unfit(str(error)) from None


def time(*, nullable: bool = True, since: int = 0) -> Reader:
    """An ISO 8601 moment with an offset or `Z`, as microseconds; fractions are cut to the second.

    Nothing is earlier than `since`, by default 1970: before, zones had offsets of odd seconds.
    """

    def read(value: Any) -> int:
        try:
            found = datetime.fromisoformat(_plain_time(value))
        except (ValueError, TypeError):
            raise Unfit("must be a time such as 2026-01-31T12:00:00+01:00") from None
        if found.tzinfo is None or "T" not in value.upper():
            raise Unfit("must be a time with its offset, such as 2026-01-31T12:00:00+01:00")
        micros = clock.micros(found)
        if not since <= micros <= clock.LATEST:
            raise Unfit("must be a time of the years 1970 to 9998")
        return micros // clock.SECOND * clock.SECOND

    stray = {"type": "string", "pattern": STRAY, "description": "As samples print some: with a stray quote."}
    return Reader(read, {"anyOf": [{"type": "string", "format": "date-time"}, stray]}, nullable)


def _plain_time(value: Any) -> Any:
    """The text without the stray quote of the samples, and with the `+` that a query turned into a blank."""
    if not isinstance(value, str):
        return value
    plain = value.removesuffix('"')
    return f"{plain[:-6]}+{plain[-5:]}" if plain[-6:-5] == " " else plain


def one_of(words: type[StrEnum], *, none: str | None = None, nullable: bool = True) -> Reader:
    """One of the words of an enumeration; `none` is a word that means null."""
    allowed = [str(word) for word in words]

    def read(value: Any) -> StrEnum | None:
        if value == none:
            return None
        if value not in allowed:
            raise Unfit(f"must be one of {', '.join(allowed)}")
        return words(value)

    listed = [*allowed, none] if none else allowed
    return Reader(read, {"type": "string", "enum": listed}, nullable)


def currency() -> Reader:
    """An ISO 4217 code, in capitals or small letters."""
    taken = {code.lower(): code for code in DIGITS} | {code: code for code in DIGITS}

    def read(value: Any) -> str:
        code = taken.get(value) if isinstance(value, str) else None
        if code is None:
            raise Unfit("must be an ISO 4217 currency code such as USD")
        return code

    return Reader(read, {"type": "string", "enum": sorted(taken)})


def ignored() -> Reader:
    """What the server owns: taken from a client that sends a whole resource back, and not looked at."""
    return Reader(lambda _: None, {"readOnly": True})
