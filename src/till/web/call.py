"""What a handler is given, and what it gives back."""

from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote

from msgspec import Struct

from till.caller import Caller
from till.db.port import Tx
from till.dialect.pages import PageTokens
from till.errors import Stale, Unreadable
from till.ids import random_bytes
from till.shop import Fidelity

Headers = tuple[tuple[str, str], ...]
# The version of the API that all paths show.
CURRENT = "202412"
JSON = b"application/json; charset=utf-8"


class Request(Struct, frozen=True, kw_only=True):
    """One HTTP request whose bytes have all arrived; header names are in lower case."""

    id: str
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    scheme: str = "http"
    body: bytes = b""

    @property
    def host(self) -> str:
        return self.headers.get("host", "localhost")

    @property
    def url(self) -> str:
        """The URL that was asked for, on the host that was asked, without its query."""
        return f"{self.scheme}://{self.host}{quote(self.path)}"

    def parameters(self) -> dict[str, str]:
        """The query as names and values; `Unreadable` when a name stands twice."""
        if "%00" in self.query:
            raise Unreadable("The query holds the character U+0000: leave it out.")
        try:
            pairs = parse_qsl(self.query, keep_blank_values=True, errors="strict", max_num_fields=100)
        except (UnicodeDecodeError, ValueError):
            raise Unreadable(
                "The query is not UTF-8, or has more than 100 parameters: correct its encoding."
            ) from None
        found: dict[str, str] = {}
        for name, value in pairs:
            if name in found:
                raise Unreadable(
                    f"The query names {name!r} twice: name it once, with commas between values.",
                    fields={name: ["is given twice"]},
                )
            found[name] = value
        return found


def request_of(scope: dict[str, Any]) -> Request:
    """The request of an ASGI scope, without its body."""
    raw: bytes = scope.get("raw_path") or b""
    # An encoded slash parts nothing, and no name holds a NUL: such a path stays as it came, unfound.
    is_odd = b"%2f" in raw.lower() or b"%00" in raw
    pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    headers = dict(pairs)
    if len(headers) != len(pairs):
        # What stands twice is a list (RFC 9110 §5.3); so of two tokens neither is believed.
        headers = {name: ", ".join(value for other, value in pairs if other == name) for name in headers}
    return Request(
        id=random_bytes(8).hex(),
        method=scope["method"],
        path=raw.decode("latin-1") if is_odd else scope["path"],
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        scheme=scope.get("scheme", "http"),
    )


class Call(Struct, frozen=True, kw_only=True):
    """All that a handler may use to answer one request.

    `check_address` answers the canonical form of an address, or refuses; `delivered_kept` is for how
    many microseconds the record of what was delivered is kept. `weigh` is to be called before the answer
    has many bytes in memory: it refuses where too many are there already.
    """

    tx: Tx
    caller: Caller
    request: Request
    at: int
    mint: Callable[[], int]
    pages: PageTokens
    fidelity: Fidelity
    check_address: Callable[[str], str]
    delivered_kept: int
    weigh: Callable[[int], None] = lambda _: None

    def must_match(self, version: int, resource: Callable[[], bytes]) -> None:
        """Refuse when `If-Match` names another version (rulings.md §5.2)."""
        wish = self.request.headers.get("if-match")
        if wish is not None and not matches(wish, version):
            raise Stale(
                f"If-Match is {wish}, but the version is {version}: read it again and repeat.",
                fields={"If-Match": [f"is not the present version {version}"]},
                resource=("order", resource()),
            )

    def is_known(self, version: int) -> bool:
        """True when `If-None-Match` says that the caller has this version."""
        wish = self.request.headers.get("if-none-match")
        return wish is not None and matches(wish, version)


def fidelity_of(request: Request, caller: Caller) -> Fidelity:
    """The profile to answer in: the request's own wish, else the installation's."""
    wish = request.headers.get("x-genstore-fidelity")
    if wish is None:
        return caller.fidelity
    try:
        return Fidelity(wish.lower())
    except ValueError:
        raise Unreadable(
            f"X-Genstore-Fidelity is {wish!r}: give typed or documented.",
            fields={"X-Genstore-Fidelity": ["must be typed or documented"]},
        ) from None


class Answer(Struct, frozen=True):
    """What is sent back: JSON bytes, and headers beside the ones that every answer has.

    Where there are `chunks`, they are sent as they come, after the body.
    """

    body: bytes
    headers: Headers = ()
    status: int = 200
    chunks: AsyncGenerator[bytes, None] | None = None


def etag(version: int) -> tuple[str, str]:
    return ("etag", f'"{version}"')


def matches(wish: str, version: int) -> bool:
    """True when an `If-Match` or `If-None-Match` list holds `version` or a star."""
    tags = {tag.strip().removeprefix("W/").strip('"') for tag in wish.split(",")}
    return "*" in tags or str(version) in tags


def path_id(text: str, refuse: Callable[[str], Exception]) -> int:
    """A path's id as a number; what cannot be one is refused like an unknown one."""
    # One spelling an order: two would be two keys, and their writes could meet in one commit.
    if text.isascii() and text.isdigit() and len(text) <= 16 and text[0] != "0":
        return int(text)
    raise refuse(text)
