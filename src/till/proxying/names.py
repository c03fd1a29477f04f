"""Which hosts are Till's to answer for, and what host and port a client names."""

import re
from typing import NamedTuple

from till.errors import Unreadable

BASES = ("genmystore.com", "genmystore.ai")
AUTHORITY = re.compile(r"(\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9._~-]{1,253}?)\.?(?::([0-9]{1,5}))?")
DEFAULT_PORTS = {"http": 80, "https": 443}


class BadTarget(Unreadable):
    """What the client asks the proxy for is no host, port and path."""


class Place(NamedTuple):
    """A host, in lower case and without brackets, and a port."""

    host: str
    port: int

    @property
    def is_ours(self) -> bool:
        """True for the hosts of Genstore: genmystore.com and .ai, and whatever lies below them."""
        return self.host in BASES or self.host.endswith(tuple(f".{base}" for base in BASES))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def place_of(authority: str, port: int | None = None) -> Place:
    """What `authority` names, `port` being meant where it names none; `BadTarget` where it is no host."""
    found = AUTHORITY.fullmatch(authority)
    named = port if found is None or found[2] is None else int(found[2])
    if found is None or named is None or not 0 < named < 65_536:
        raise BadTarget(
            f"{authority[:100]!r} is no host and port: ask for one such as demo.genmystore.com:443."
        )
    return Place(found[1].strip("[]").lower(), named)


def split_url(url: str) -> tuple[str, Place, str]:
    """Scheme, place and the path with its query, of a URL that a proxy is asked for (RFC 9112 §3.2.2)."""
    scheme, _, rest = url.partition("://")
    end = re.search(r"[/?]", rest)
    authority, path = (rest[: end.start()], rest[end.start() :]) if end else (rest, "/")
    if scheme.lower() not in DEFAULT_PORTS:
        raise BadTarget(
            "This is a forward proxy: ask it for a whole http:// URL, or for a tunnel by CONNECT."
        )
    path = path if path.startswith("/") else f"/{path}"
    return scheme.lower(), place_of(authority, DEFAULT_PORTS[scheme.lower()]), path
