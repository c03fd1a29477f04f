"""Reads values that are lists: of strings in JSON, or of words with commas between in a query."""

import re
from collections.abc import Iterable
from typing import Any

from till.dialect.readers import Reader, Unfit, text


def words(longest: int, most: int) -> Reader:
    """A list of strings."""
    each = text(longest, nullable=False)

    def read(value: Any) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise Unfit("must be a list of strings")
        if len(value) > most:
            raise Unfit(f"must hold at most {most} strings")
        return tuple(each.read(word) for word in value)

    return Reader(read, {"type": "array", "items": each.schema, "maxItems": most}, listed=True)


WORD = "[A-Za-z0-9_]+"


def comma_list(most: int, *, among: Iterable[str] = ()) -> Reader:
    """At most `most` words or ids, separated by commas or blanks.

    What `among` lists is for the schema alone: who uses the words refuses others with a hint.
    """
    one = f"({'|'.join(sorted(among))})" if among else WORD
    pattern = f"[ ,]*{one}([ ,]+{one}){{0,{most - 1}}}[ ,]*"

    def read(value: Any) -> tuple[str, ...]:
        found = tuple(re.findall(r"[^ ,]+", str(value)))
        if not found:
            raise Unfit("must not be empty")
        if len(found) > most:
            raise Unfit(f"must hold at most {most} values")
        if not all(re.fullmatch(WORD, word) for word in found):
            raise Unfit("must be letters, digits and underscores, separated by commas")
        return found

    return Reader(read, {"type": "string", "pattern": f"^{pattern}$"}, nullable=False)


def word_list(table: Iterable[str]) -> Reader:
    """One or more, separated by commas, of the words of `table`."""
    known = list(table)
    word = f" *({'|'.join(sorted(known))}) *"

    def read(value: Any) -> tuple[str, ...]:
        found = tuple(word.strip(" ") for word in str(value).split(","))
        for word in found:
            if word not in known:
                raise Unfit(f"must be one or more of {', '.join(known)}, separated by commas")
        return found

    about = f"One or more, with commas between, of {', '.join(known)}."
    schema = {"type": "string", "pattern": f"^{word}(,{word})*$", "description": about}
    return Reader(read, schema, nullable=False)
