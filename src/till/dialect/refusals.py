"""From a refusal to a status and a body: the only place where either is chosen (rulings.md §3)."""

import msgspec

from till import errors
from till.errors import Refusal

STATUS: tuple[tuple[type[Refusal], int], ...] = (
    (errors.Unreadable, 400),
    (errors.Unauthenticated, 401),
    (errors.Forbidden, 403),
    (errors.NotFound, 404),
    (errors.MethodNotAllowed, 405),
    (errors.TooSlow, 408),
    (errors.KeyInUse, 409),
    (errors.Stale, 412),
    (errors.TooLarge, 413),
    (errors.UnsupportedMediaType, 415),
    (errors.Invalid, 422),
    (errors.Throttled, 429),
    (errors.Unavailable, 503),
)
Headers = tuple[tuple[str, str], ...]


class ErrorBody(msgspec.Struct, rename="camel"):
    """Why a request was refused."""

    error: str
    code: str
    errors: dict[str, list[str]]
    request_id: str


def status_of(refusal: Refusal) -> int:
    return next(status for kind, status in STATUS if isinstance(refusal, kind))


def answer(refusal: Refusal, request_id: str) -> tuple[int, Headers, bytes]:
    """The status, the extra headers and the body of a refusal, which is over with that."""
    _let_go(refusal)
    body = msgspec.json.encode(
        ErrorBody(
            error=refusal.message,
            code=refusal.code,
            errors={path: list(said) for path, said in refusal.fields.items()},
            request_id=request_id,
        )
    )
    if refusal.resource is not None:
        name, shown = refusal.resource
        body = body[:-1] + b',"' + name.encode() + b'":' + shown + b"}"
    return status_of(refusal), _headers(refusal), body


def _let_go(error: BaseException | None) -> None:
    """Forget where it was raised: through that, a body would live until all garbage is next collected."""
    while error is not None:
        error.__traceback__ = None
        error = error.__context__


def failure(request_id: str) -> tuple[int, Headers, bytes]:
    """What is answered to a fault of ours; the log has the rest."""
    body = ErrorBody(
        error="The server failed; nothing was changed. The log has the reason under this request id.",
        code="internal_error",
        errors={},
        request_id=request_id,
    )
    return 500, (), msgspec.json.encode(body)


def _headers(refusal: Refusal) -> Headers:
    if isinstance(refusal, errors.MethodNotAllowed):
        return (("allow", ", ".join(refusal.allowed)),)
    if isinstance(refusal, errors.Throttled | errors.Unavailable):
        return (("retry-after", str(refusal.retry_after)),)
    return ()
