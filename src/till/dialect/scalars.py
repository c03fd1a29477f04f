"""How the published samples print values: every scalar a string (rulings.md §2.2)."""

from typing import Any

import msgspec


def documented(value: Any) -> Any:
    """`value` with every scalar as a string, `null` too."""
    if isinstance(value, dict):
        return {name: documented(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [documented(each) for each in value]
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def list_in_string(value: list[Any]) -> str:
    """A list as JSON inside a string, as the list samples print some."""
    return msgspec.json.encode(value).decode()
