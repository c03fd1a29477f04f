"""The endpoint table: what an endpoint declares, and how a path finds it."""

from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Concatenate, get_type_hints

from msgspec import Struct

from till.caller import Caller
from till.errors import MethodNotAllowed, NotFound
from till.web.call import Answer

# A handler is given a `Call`, that of a live endpoint a `LiveCall`; then what its path and query say.
Handler = Callable[Concatenate[Any, ...], Awaitable[Answer]]
Key = Callable[[Caller, Any], Hashable]


class UnknownPath(NotFound):
    """No endpoint has this path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One operation of the API. What OpenAPI, docs and tests say of it is read off here.

    `reads` is the shape of the body; where `raw`, the handler reads the parsed JSON itself.
    `query` is the shape of the query string. `key` names what two concurrent writes may not both
    touch, beside the ids in the path; a write that is `alone` minds whatever else happens in its shop.
    A `live` endpoint does not run inside one transaction, but may wait, and answer bit by bit
    (till.web.live). A body may have `longest` bytes, where not as many as the server usually takes. What
    waits, or takes time, is done `before` the transaction: it is given the services, the caller and the
    arguments of the handler, whose `ready` is what it answers. What is not `noted` is not among what the
    app did last. Before one that is `settled`, what this process has counted is written down. One of a
    `whole_app` may also be asked with the app's own credentials, for all its shops at once.

    For the descriptions alone: `about` says what `summary` leaves out, `statuses` are refusals that only this
    endpoint has, `tagged` answers carry an `ETag`, `echoes` is the shape of which a body may send back what
    it does not change, `envelope` the key in which an unwrapped body may stand too, `foretells` the answer to
    a dry run, `unchanged` the answer whose thing a refused change shows as it is, `sends` and `shows` are
    examples, `streams` says what a client is sent that accepts `text/event-stream`.
    """

    method: str
    path: str
    summary: str
    scopes: frozenset[str]
    handler: Handler
    answers: type[Struct]
    reads: type[Struct] | None = None
    body_required: bool = True
    longest: int | None = None
    before: Callable[[Any, Caller, Mapping[str, Any]], Awaitable[Any]] | None = None
    raw: bool = False
    query: type[Struct] | None = None
    heavy: Callable[[Any], bool] = lambda _: False
    key: Key | None = None
    alone: bool = False
    live: bool = False
    noted: bool = True
    settled: bool = False
    whole_app: bool = False
    about: str = ""
    statuses: tuple[int, ...] = ()
    source: str = "genstore"
    status: int = 200
    group: str = "Orders"
    tagged: bool = False
    streams: str = ""
    echoes: type[Struct] | None = None
    envelope: str | None = None
    foretells: type[Struct] | None = None
    unchanged: type[Struct] | None = None
    sends: Mapping[str, Any] = field(default_factory=dict)
    shows: Callable[[], Any] | None = None

    @property
    def writes(self) -> bool:
        return self.method != "GET"

    @property
    def id(self) -> str:
        """The name of the operation, e.g. `createOrder`."""
        first, *rest = self.handler.__name__.split("_")
        return first + "".join(word.title() for word in rest)


def endpoint(method: str, path: str, summary: str, **declared: Any) -> Callable[[Handler], Endpoint]:
    """Declare a handler as an endpoint; body and query shapes are read off its annotations."""

    def declare(handler: Handler) -> Endpoint:
        hints = get_type_hints(handler)
        return Endpoint(
            method=method,
            path=path,
            summary=summary,
            handler=handler,
            query=hints.get("query"),
            raw="body" in hints and hints["body"] is object,
            reads=declared.pop("reads", None) or hints.get("body"),
            **declared,
        )

    return declare


def endpoints_of(module: Mapping[str, Any]) -> tuple[Endpoint, ...]:
    return tuple(value for value in module.values() if isinstance(value, Endpoint))


@dataclass(slots=True)
class _Node:
    children: dict[str, "_Node"] = field(default_factory=dict)
    parameter: "_Node | None" = None
    name: str = ""
    methods: dict[str, Endpoint] = field(default_factory=dict)


class Router:
    """Finds the endpoint of a method and a path below the version."""

    def __init__(self, endpoints: tuple[Endpoint, ...]) -> None:
        self._root = _Node()
        for each in endpoints:
            self._add(each)

    def _add(self, each: Endpoint) -> None:
        node = self._root
        for part in each.path.strip("/").split("/"):
            if part.startswith("{"):
                node.parameter = node.parameter or _Node(name=part.strip("{}"))
                node = node.parameter
            else:
                node = node.children.setdefault(part, _Node())
        node.methods[each.method] = each

    def find(self, method: str, path: str) -> tuple[Endpoint, dict[str, str]]:
        """The endpoint and its path parameters; `UnknownPath` or `MethodNotAllowed`."""
        node, found = self._root, {}
        for part in path.removesuffix(".json").strip("/").split("/"):
            child = node.children.get(part)
            if child is None:
                child = node.parameter
                if child is None or not part:
                    raise UnknownPath(f"There is no path {path} in this version of the API.")
                found[child.name] = part
            node = child
        if not node.methods:
            raise UnknownPath(f"There is no path {path} in this version of the API.")
        if method not in node.methods:
            allowed = sorted(node.methods)
            raise MethodNotAllowed(
                f"{path} does not take {method}: use {' or '.join(allowed)}.", allowed=allowed
            )
        return node.methods[method], found
