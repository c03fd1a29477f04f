"""Walking a list page by page, forwards and backwards (rulings.md §6.2)."""

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

import msgspec
from msgspec import UNSET, Struct

from till.dialect.body import nearest
from till.dialect.pages import Position, link
from till.errors import Unreadable
from till.web.call import Call, Headers

DEFAULT, MOST = 50, 250
BESIDE_TOKEN = {"pageToken", "limit", "fields"}

F = TypeVar("F", bound=Struct)
R = TypeVar("R")
Key = tuple[int, ...]


class Pages(Protocol):
    """What a list's query says of its pages, beside its filters; UNSET where it says nothing."""

    @property
    def limit(self) -> Any: ...
    @property
    def page_token(self) -> Any: ...


class FilterBesideToken(Unreadable):
    """A page token carries the filters of its walk, so none may stand beside it."""


class Walk(Struct, Generic[F], kw_only=True):
    """One step of a walk: what is listed, after which row, which way, how many."""

    list: str
    wanted: F
    limit: int
    key: Key = ()
    backward: bool = False
    ascending: bool = False
    by_token: bool = False


def list_of(call: Call, name: str) -> str:
    """What a token is good for: one list of one shop, seen by one installation."""
    return f"{name}/{call.caller.shop.id}/{call.caller.installation_id}"


def walk_of(call: Call, query: Pages, kind: type[F], name: str, *, after: int | None) -> Walk[F]:
    """Where this page of list `name` begins: at the token, after an id, or at the newest.

    `kind` is the shape of the filters, all of which `query` has. Raises `FilterBesideToken`, and
    `BadPageToken` for a token of another list.
    """
    if query.page_token is UNSET:
        wanted = kind(**{field: getattr(query, field) for field in kind.__struct_fields__})
        limit = DEFAULT if query.limit is UNSET else query.limit
        walk = Walk(list=list_of(call, name), wanted=wanted, limit=limit)
        return walk if after is None else msgspec.structs.replace(walk, key=(after,), ascending=True)
    for field in sorted(set(call.request.parameters()) - BESIDE_TOKEN):
        raise FilterBesideToken(
            f"{field} cannot be passed when pageToken is present: the token carries the filters.",
            fields={field: ["cannot stand beside pageToken"]},
        )
    position = call.pages.read(query.page_token, of=list_of(call, name))
    return Walk(
        list=position.list,
        wanted=msgspec.convert(position.filters, kind),
        limit=position.limit if query.limit is UNSET else query.limit,
        key=position.key,
        backward=position.backward,
        ascending=position.ascending,
        by_token=True,
    )


def tokens_around(
    call: Call, walk: Walk[F], rows: list[R], key: Callable[[R], Key]
) -> tuple[list[R], dict[str, str]]:
    """The rows of this page, and the tokens of the pages before and after it.

    `rows` holds one more than the page where there are more in the direction of the walk; `key` is
    what a row is sorted by, its id last.
    """
    more = len(rows) > walk.limit
    if more:
        rows = rows[1:] if walk.backward else rows[:-1]
    # Coming from a page means that the row at whose edge this one begins is still there.
    has_next = more if not walk.backward else True
    has_previous = more if walk.backward else walk.by_token

    def token(row: R, *, backward: bool) -> str:
        return call.pages.write(
            Position(
                list=walk.list,
                key=key(row)[-1:] if walk.ascending else key(row),
                backward=backward,
                ascending=walk.ascending,
                filters=msgspec.to_builtins(walk.wanted),
                limit=walk.limit,
            )
        )

    tokens = {}
    if rows and has_previous:
        tokens["previous"] = token(rows[0], backward=True)
    if rows and has_next:
        tokens["next"] = token(rows[-1], backward=False)
    return rows, tokens


def links(call: Call, walk: Walk[F], tokens: dict[str, str], names: tuple[str, ...]) -> Headers:
    """The `Link` header of a page that shows the keys `names`, or all where there are none."""
    kept = {"limit": str(walk.limit)} | ({"fields": ",".join(names)} if names else {})
    return (("link", link(call.request.url, tokens, **kept)),) if tokens else ()


def check_fields(names: tuple[str, ...], known: frozenset[str], noun: str) -> frozenset[str]:
    """The top-level keys that an answer shall hold; `Unreadable` names the first that `noun` lacks."""
    for name in names:
        if name not in known:
            near = nearest(name, sorted(known))
            raise Unreadable(
                f"fields names {name!r}, which is no key of {noun}{near}.",
                fields={"fields": [f"{name!r} is not a key of {noun}{near}"]},
            )
    return frozenset(names)
