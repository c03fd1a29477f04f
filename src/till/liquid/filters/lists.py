"""`uniq`, which python-liquid makes by comparing each item with each."""

from collections.abc import Hashable
from typing import Any

from liquid.filter import sequence_filter

from till.liquid.filters.common import Filter, get, is_object, short, wrong

MISSING = object()
# Lists and mappings have no hash, and are compared one by one: so many of them.
MOST_COMPARED = 1000


@sequence_filter
def uniq(values: list[Any], key: object = None) -> list[Any]:
    """The items without those that were there before; by one of their properties, if it is named."""
    seen: set[object] = set()
    compared: list[object] = []
    found = []
    for each in values:
        sort = each if key is None else _of(each, key)
        if isinstance(sort, Hashable):
            # One and true are one in Python.
            known = (isinstance(sort, bool), sort) in seen
            seen.add((isinstance(sort, bool), sort))
        else:
            known = sort in compared
            if not known:
                compared.append(sort)
        if len(compared) > MOST_COMPARED:
            raise wrong(f"more than {MOST_COMPARED:,} lists or mappings cannot be compared")
        if not known:
            found.append(each)
    return found


def _of(each: object, key: object) -> object:
    if not is_object(each):
        raise wrong(f"cannot read the property {short(key)} of {short(each)}")
    return get(each, str(key), MISSING)


FILTERS: dict[str, Filter] = {"uniq": uniq}
