"""What was told or answered of an order, without the people in it: as valid as before, with nulls.

It works on any JSON of the API, in either profile and cut to whatever fields: what a key means is the
same in all of them.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

# What names a person, or what people wrote about one.
GONE = frozenset(
    {
        "author",
        "billingAddress",
        "declineReason",
        "email",
        "i18n",
        "message",
        "note",
        "notes",
        "phone",
        "reason",
        "rightsReason",
        "shippingAddress",
        "tags",
        "trackingNumber",
        "trackingUrl",
    }
)
# All else of a customer is theirs.
OF_CUSTOMER = frozenset({"id", "currency", "ordersCount", "totalSpent"})
ERASED = "Personal data that stood here was erased."


def forgotten(payload: bytes) -> bytes:
    """`payload` with null in place of all that tells of people; lists of such are empty."""
    told = msgspec.json.decode(payload)
    nothing = "null" if is_documented(told) else None
    return msgspec.json.encode(_bare(told, nothing))


def is_documented(told: Any) -> bool:
    """True of a payload in which every scalar is a string, and one of them shows that it was none."""
    scalars = list(_scalars(told))
    return all(isinstance(each, str) for each in scalars) and not {"null", "true", "false"}.isdisjoint(
        scalars
    )


def _scalars(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _scalars(each)
    elif isinstance(value, list):
        for each in value:
            yield from _scalars(each)
    else:
        yield value


def _bare(value: Any, nothing: str | None) -> Any:
    if isinstance(value, list):
        return [_bare(each, nothing) for each in value]
    if not isinstance(value, dict):
        return value
    return {name: _bare_of(name, each, nothing) for name, each in value.items()}


def _bare_of(name: str, value: Any, nothing: str | None) -> Any:
    if name in GONE:
        return nothing
    if name == "text" and isinstance(value, str):  # of a note, which is never null
        return ERASED
    if name == "customer" and isinstance(value, dict):
        return {key: _of_customer(key, each, nothing) for key, each in value.items()}
    return _bare(value, nothing)


def _of_customer(name: str, value: Any, nothing: str | None) -> Any:
    if name in OF_CUSTOMER:
        return value
    return [] if isinstance(value, list) else nothing
