"""Many rows given to one statement as JSON, in the words of either store.

A statement for each row would cost a busy server more than all else: on SQLite each lets go of the
interpreter's lock and waits to have it back, on PostgreSQL each is a journey of its own.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from till.db.port import Dialect, Tx

IDS = {"shop_id": "bigint", "id": "bytes"}
TOKENS = IDS | {"token": "bigint"}
LANES = {"shop_id": "bigint", "subscription_id": "bigint"}
# How a column is read out of JSON. Bytes travel in hexadecimal digits.
SQLITE = {
    "bigint": "json_extract(value, '$.{0}')",
    "text": "json_extract(value, '$.{0}')",
    "float": "CAST(json_extract(value, '$.{0}') AS REAL)",
    "bytes": "unhex(json_extract(value, '$.{0}'))",
}
POSTGRESQL = {"bigint": "{0}", "text": "{0}", "float": "{0}", "bytes": "decode({0}, 'hex')"}
TYPES = {"bigint": "bigint", "text": "text", "float": "double precision", "bytes": "text"}


def rows_of(dialect: Dialect, columns: Mapping[str, str]) -> str:
    """A table expression of the parameter `:given` with these columns and kinds, for a FROM."""
    read = SQLITE if dialect is Dialect.SQLITE else POSTGRESQL
    shown = ", ".join(f"{read[kind].format(name)} AS {name}" for name, kind in columns.items())
    if dialect is Dialect.SQLITE:
        return f"(SELECT {shown} FROM json_each(:given))"
    typed = ", ".join(f"{name} {TYPES[kind]}" for name, kind in columns.items())
    return f"(SELECT {shown} FROM jsonb_to_recordset(CAST(:given AS jsonb)) AS r ({typed}))"


def both(text: str, columns: Mapping[str, str]) -> dict[Dialect, str]:
    """A statement for each store; `{given}` in it stands for the rows that are given."""
    return {dialect: text.format(given=rows_of(dialect, columns)) for dialect in Dialect}


async def at_once(tx: Tx, text: str, columns: Mapping[str, str], **params: Any) -> list[tuple[Any, ...]]:
    """The rows of a SELECT, as tuples of these columns and kinds.

    SQLite answers them as one row of JSON, for each row would be a handing over of the interpreter's lock.
    """
    if tx.dialect is not Dialect.SQLITE:
        return [tuple(row) for row in await tx.fetch(text, **params)]
    read = [f"hex({name})" if kind == "bytes" else name for name, kind in columns.items()]
    wrapped = f"SELECT json_group_array(json_array({', '.join(read)})) FROM ({text})"
    rows = msgspec.json.decode((await tx.fetch(wrapped, **params))[0][0])
    blobs = [index for index, kind in enumerate(columns.values()) if kind == "bytes"]
    for row in rows:
        for index in blobs:
            row[index] = bytes.fromhex(row[index])
    return [tuple(row) for row in rows]


def given(rows: Iterable[Mapping[str, Any]]) -> str:
    """The rows as `:given` wants them."""
    return msgspec.json.encode(
        [{name: _plain(value) for name, value in row.items()} for row in rows]
    ).decode()


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    # A text in PostgreSQL holds no NUL.
    return value.replace("\0", "") if isinstance(value, str) else value
