"""The ways to refuse. A refusal is expected, has one sentence for the client, and knows nothing of HTTP."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

Fields = Mapping[str, Sequence[str]]


class Refusal(Exception):
    """An expected failure.

    `message` is one sentence for the client; `fields` maps the path of each offending value
    (`order.lineItems[0].price`) to what is wrong with it; `resource` is the thing that was left
    unchanged, as a pair of its envelope key and its JSON bytes (rulings.md §3).
    """

    def __init__(
        self,
        message: str,
        *,
        fields: Fields | None = None,
        resource: tuple[str, bytes] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.fields = fields or {}
        self.resource = resource

    @property
    def code(self) -> str:
        """The stable code of this refusal."""
        return code_of(type(self))


def code_of(kind: type[Refusal]) -> str:
    """The stable code of a refusal: the name of its class in snake case."""
    return _snake_case(kind.__name__)


@lru_cache(maxsize=1024)
def _snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Unreadable(Refusal):
    """The body or the query cannot be understood."""


class Unauthenticated(Refusal):
    """The caller is unproven."""


class Forbidden(Refusal):
    """The caller is known, but lacks a right."""


class NotFound(Refusal):
    """No such thing in this shop."""


class MethodNotAllowed(Refusal):
    """The path exists, but not with this method; `allowed` lists those that do."""

    def __init__(self, message: str, *, allowed: Sequence[str]) -> None:
        super().__init__(message)
        self.allowed = tuple(allowed)


class TooSlow(Refusal):
    """The request did not arrive in time."""


class KeyInUse(Refusal):
    """A request with the same Idempotency-Key is being worked on at this moment."""


class Stale(Refusal):
    """The `If-Match` names an older version."""


class TooLarge(Refusal):
    """The body is longer than the server takes."""


class UnsupportedMediaType(Refusal):
    """The body is not JSON in UTF-8."""


class Invalid(Refusal):
    """A value is wrong, or the thing's state forbids the change."""


class Throttled(Refusal):
    """Too many requests; `retry_after` is in whole seconds."""

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(Refusal):
    """The store cannot be reached or is full; nothing was changed."""

    retry_after = 1
