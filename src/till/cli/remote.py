"""An HTTP client of the API, Till's or Genstore's: patient, and it may send anything twice."""

import http.client
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

ROOT = "/api/202412"
PATIENCE = 30.0
PAUSE = 0.5
# How often a request is sent where the answer says that it may become another: too fast, still at work
# on the same key, store away. A broken connection is one more such answer.
TRIES = {429: 120, 409: 20, 503: 3}
BROKEN = 3
LONGEST_PAUSE = 60.0
PIECE = 256 * 1024

Json = dict[str, Any]


class Unreachable(Exception):
    """No server, none of this kind, or one that failed; `is_open` says that a write may have been done."""

    def __init__(self, message: str, *, is_open: bool) -> None:
        super().__init__(message)
        self.message = message
        self.is_open = is_open


class Refused(Exception):
    """The server understood, and said no: `answer` is its JSON (rulings.md §3)."""

    def __init__(self, status: int, answer: Json) -> None:
        super().__init__(str(answer.get("error", f"The server answered {status}.")))
        self.status = status
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the JSON of the body, and the headers by their names in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body read as JSON; ValueError where it is none."""
        return json.loads(self.body)

    def next_path(self) -> str | None:
        """The path and query of the page after this one, as the `Link` header names it."""
        for url, relation in re.findall(r'<([^>]*)>\s*;\s*rel="?([a-z]+)"?', self.headers.get("link", "")):
            if relation == "next":
                parts = urlsplit(url)
                return f"{parts.path.partition(ROOT)[2]}?{parts.query}"
        return None


class Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: the token is for the server that was named, and a POST stays a POST."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Watched:
    """A body on its way, that tells of the bytes that went and of all there are; as often as it is sent."""

    body: bytes
    watch: Callable[[int, int], None]

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self.body), PIECE):
            yield self.body[start : start + PIECE]
            self.watch(min(start + PIECE, len(self.body)), len(self.body))


@dataclass(slots=True)
class Remote:
    """The API at `url`, spoken to with one access token.

    `key` is sent with every write as its Idempotency-Key, `if_match` as the version that it is about.
    `patience` is how many seconds a silence lasts before it counts as no answer. `fidelity` is the
    profile that is asked for; None takes that of the installation. `watch` is told how much of a body was
    sent, and of how much.
    """

    url: str
    token: str
    key: str = ""
    if_match: int | None = None
    patience: float = PATIENCE
    fidelity: str | None = "typed"
    watch: Callable[[int, int], None] | None = None
    opener: urllib.request.OpenerDirector = field(
        default_factory=lambda: urllib.request.build_opener(Stay()), repr=False
    )

    def get(self, path: str, **query: Any) -> Json:
        """The JSON of a GET; `Refused` and `Unreachable` say why there is none."""
        return self.read(self.ask("GET", path + _query(query)), is_open=False)

    def find(self, path: str, **query: Any) -> Json | None:
        """The same, or None where there is no such thing, or none that this token may see."""
        try:
            return self.get(path, **query)
        except Refused as refused:
            if refused.status in (403, 404):
                return None
            raise

    def pages(self, path: str, /, **query: Any) -> Iterator[tuple[Json, bool]]:
        """Each page of a list, and whether another follows it."""
        ahead: str | None = path + _query(query)
        while ahead is not None:
            reply = self.ask("GET", ahead)
            ahead = reply.next_path()
            yield self.read(reply, is_open=False), ahead is not None

    def write(self, method: str, path: str, body: Json | None = None, **query: Any) -> Json:
        """The JSON of a write, which is safe to repeat under the same key."""
        return self.read(self.ask(method, path + _query(query), body or {}), is_open=True)

    def ask(self, method: str, path: str, body: Json | None = None) -> Reply:
        """Send a request as often as it takes, and answer what came back last."""
        headers = self.headers()
        if body is not None:
            headers |= {"Content-Type": "application/json", "Idempotency-Key": self.key}
            headers |= {} if self.if_match is None else {"If-Match": f'"{self.if_match}"'}
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            headers |= {"Content-Length": str(len(data))}
        request = urllib.request.Request(  # noqa: S310 - `Remote` is made of http and https URLs only
            f"{self.url.rstrip('/')}{ROOT}{path}",
            method=method,
            headers=headers,
            data=Watched(data, self.watch) if data and self.watch else data,
        )
        return self._persist(request)

    def headers(self) -> dict[str, str]:
        """Who asks, and in which profile."""
        profile = {} if self.fidelity is None else {"X-Genstore-Fidelity": self.fidelity}
        return {"X-Genstore-Access-Token": self.token} | profile

    def _persist(self, request: urllib.request.Request) -> Reply:
        broken = tries = 0
        while True:
            try:
                reply = self._once(request)
            except (http.client.HTTPException, ConnectionResetError, BrokenPipeError) as error:
                broken += 1
                if broken == BROKEN:
                    raise Unreachable(
                        f"{self.url} broke the connection {BROKEN} times ({error}).",
                        is_open=request.data is not None,
                    ) from None
                pause = PAUSE
            else:
                tries += 1
                if tries >= TRIES.get(reply.status, 0):
                    return reply
                pause = _pause(reply)
            time.sleep(pause)

    def _once(self, request: urllib.request.Request) -> Reply:
        try:
            with self.opener.open(request, timeout=self.patience) as answer:
                return Reply(answer.status, _headers(answer.headers), answer.read())
        except urllib.error.HTTPError as refused:
            with refused:
                return Reply(refused.code, _headers(refused.headers), refused.read())
        except TimeoutError:
            raise self._slow(request) from None
        except urllib.error.URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise self._slow(request) from None
            if isinstance(error.reason, ConnectionResetError | BrokenPipeError):
                raise error.reason from None
            why = getattr(error.reason, "strerror", None) or error.reason
            raise Unreachable(f"{self.url} cannot be reached: {why}.", is_open=False) from None

    def _slow(self, request: urllib.request.Request) -> Unreachable:
        return Unreachable(
            f"{self.url} did not answer within {self.patience:g} s.", is_open=request.data is not None
        )

    def read(self, reply: Reply, *, is_open: bool = False) -> Json:
        """The JSON of what came back; `is_open` says that it may have been done where there is none."""
        try:
            answer = reply.json()
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise Unreachable(
                f"{self.url} answered {reply.status}, but not with a JSON object: is it a Till or Genstore "
                "server?",
                is_open=is_open and not 300 <= reply.status < 500,
            )
        if reply.status >= 500:
            # Till's own 500 and 503 say that nothing was changed; a gateway between cannot know.
            raise Unreachable(
                f"{self.url} answered {reply.status}: {answer.get('error', 'it failed.')}",
                is_open=is_open and "code" not in answer,
            )
        if not 200 <= reply.status < 300:
            raise Refused(reply.status, answer)
        return answer


def _query(query: dict[str, Any]) -> str:
    given = {name: value for name, value in query.items() if value is not None}
    return f"?{urlencode(given)}" if given else ""


def _headers(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _pause(reply: Reply) -> float:
    try:
        told = float(reply.headers.get("retry-after", PAUSE))
    except ValueError:
        return PAUSE
    return min(max(told, 0.0), LONGEST_PAUSE)
