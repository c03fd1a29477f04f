"""What the pages of OAuth need of the admin, which lies above them and is lent to them."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from till.errors import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """Draws pages: `page(request, template, **values)`, and `refused` for a refusal.

    `leave` is how a form is answered that leads to another origin, by the URL.
    `sign_in_path` is where people sign in, and are then led on to a path of this server.
    """

    page: Callable[..., Response]
    refused: Callable[[Request, Refusal], Response]
    leave: Callable[[Request, str], Response]
    sign_in_path: Callable[[str], str]
