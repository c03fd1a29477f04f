"""Links of the OpenAPI document: from an answer that has made a thing to the operations on that thing."""

import re
from collections.abc import Iterable
from typing import Any, Protocol

import msgspec
from msgspec import Struct


class Operation(Protocol):
    """What a link is made from; `till.web.endpoint.Endpoint` says what each means."""

    @property
    def id(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def answers(self) -> type[Struct]: ...


def names_in(path: str) -> list[str]:
    """The parameters of a path, e.g. `orderId`."""
    return re.findall(r"{(\w+)}", path)


def links(each: Operation, table: Iterable[Operation]) -> dict[str, Any]:
    """From what `each` makes to every operation whose path its answer and its own path can fill in."""
    told = _told(each)
    if told is None:
        return {}
    own, known = told
    found: dict[str, Any] = {}
    for other in table:
        names = names_in(other.path)
        if own in names and known.keys() >= set(names):
            found[other.id] = {
                "operationId": other.id,
                "parameters": {name: known[name] for name in names},
            }
    return found


def _told(each: Operation) -> tuple[str, dict[str, str]] | None:
    """The path parameter that names what `each` makes, and all that its answer and its path tell."""
    fields = msgspec.structs.fields(each.answers)
    if each.method != "POST" or len(fields) != 1 or not _is_struct(fields[0].type):
        return None
    key = fields[0].encode_name
    seen = {info.encode_name for info in msgspec.structs.fields(fields[0].type)}
    known = {name: f"$request.path.{name}" for name in names_in(each.path)}
    known |= {name: f"$response.body#/{key}/{name}" for name in seen if name.endswith("Id")}
    own = f"{key}Id"
    of_shop = f"shop{key.title()}Id"  # as themes have it
    if of_shop in seen:
        known[own] = f"$response.body#/{key}/{of_shop}"
    elif own not in seen:
        if "id" not in seen:
            return None
        known[own] = f"$response.body#/{key}/id"
    return None if own in names_in(each.path) else (own, known)


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Struct)
