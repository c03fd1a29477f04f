"""Where a request to a page came from: scheme, host, address; whether another site sent it; and cookies."""

import ipaddress
from collections.abc import Mapping, MutableMapping
from typing import Any, Protocol

from msgspec import Struct

from till.errors import Forbidden, Invalid

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class CrossSite(Forbidden):
    """Another site's page may have sent the form, or nobody can tell that it did not."""


class NeedsHttps(Forbidden):
    """Passwords and sessions do not travel in the clear."""


class Asked(Protocol):
    """What is needed of a request to a page; Starlette's own has it."""

    @property
    def scope(self) -> MutableMapping[str, Any]: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    @property
    def cookies(self) -> Mapping[str, str]: ...


class Origin(Struct, frozen=True, kw_only=True):
    """`scheme` and `host` as the browser sees them, and the address of the machine that it runs on."""

    scheme: str
    host: str
    address: str

    @property
    def url(self) -> str:
        """As browsers send it in `Origin`."""
        return f"{self.scheme}://{self.host}"

    @property
    def is_secure(self) -> bool:
        return self.scheme == "https"

    @property
    def is_loopback(self) -> bool:
        """Whether the host that the browser asked for can only be its own machine."""
        name = self.host
        if name.rpartition(":")[2].isdigit() and not name.endswith("]"):
            name = name.rpartition(":")[0]
        name = name.strip("[]").lower().rstrip(".")
        if name == "localhost" or name.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(name).is_loopback
        except ValueError:
            return False

    def cookie(self, name: str) -> str:
        """A cookie's name here; `__Host-` keeps it to this very host, but is for https only."""
        return f"__Host-{name}" if self.is_secure else name


def networks_of(text: str) -> tuple[Network, ...]:
    """The networks of a list such as `127.0.0.1,10.0.0.0/8`; `Invalid` names what is none."""
    found = []
    for word in filter(None, (each.strip() for each in text.split(","))):
        try:
            found.append(ipaddress.ip_network(word, strict=False))
        except ValueError:
            raise Invalid(
                f"{word!r} is no address and no network of a proxy: give one such as 127.0.0.1 or 10.0.0.0/8."
            ) from None
    return tuple(found)


def origin_of(request: Asked, proxies: tuple[Network, ...]) -> Origin:
    """Where `request` came from; what proxies say of it is believed from the addresses `proxies` only.

    `X-Forwarded-For` is read from its end: what stands before the last address that is no proxy's
    was written by whoever sent the request.
    """
    client = request.scope.get("client")
    address, scheme = (client[0] if client else ""), str(request.scope.get("scheme", "http"))
    if proxies and is_among(address, proxies):
        said = request.headers.get("x-forwarded-proto", scheme).rpartition(",")[2].strip().lower()
        scheme = said if said in ("http", "https") else scheme
        for hop in reversed(request.headers.get("x-forwarded-for", "").split(",")):
            if hop.strip():
                address = hop.strip()
            if not is_among(address, proxies):
                break
    host = request.headers.get("host", "").lower()
    return Origin(scheme=scheme, host=_without_usual_port(scheme, host), address=address)


def check_same_site(request: Asked, origin: Origin) -> None:
    """`CrossSite` unless the browser says that a page of this very origin sent it."""
    fetched, sent = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if fetched not in (None, "same-origin") or sent not in (None, origin.url) or (fetched or sent) is None:
        raise CrossSite(
            "This did not come from a page of this server: open the page here, and send its form again."
        )


def cookies_of(request: Asked, origin: Origin, name: str) -> str | None:
    """The value of a cookie of ours."""
    return request.cookies.get(origin.cookie(name)) or None


def is_among(address: str, networks: tuple[Network, ...]) -> bool:
    """Whether an address is one of these networks'; what is none is not."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in networks)


def _without_usual_port(scheme: str, host: str) -> str:
    """Browsers leave the port out of an origin where it is the scheme's own."""
    return host.removesuffix(":443" if scheme == "https" else ":80")
