"""The addresses that an app's developer gives: where its pages are, and where people are sent back to."""

import ipaddress
import re
from urllib.parse import SplitResult, unquote_plus, urlsplit

from till.errors import Invalid

LONGEST = 2_048
# What a URL is made of (RFC 3986 §2); all else is percent-encoded in it.
SPELLED = re.compile(r"[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]+\Z")
# The names and numbers that a browser knows as hosts; other scripts as punycode, lest one look like another.
HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\.?\Z")
# What Till says where it sends people, so that no registered URL may say it first.
OURS = frozenset(
    {
        *("code", "state", "shop", "shopId", "timestamp", "hmac", "embedded", "sessionToken"),
        *("error", "error_description"),
    }
)


class BadAddress(Invalid):
    """An app's address cannot be used."""


def checked_url(url: str, *, field: str) -> str:
    """`url`, if people and their tokens may be sent there; `BadAddress` names `field` and what is wrong.

    https everywhere, or http on this machine; without fragment (RFC 6749 §3.1.2), user or password.
    """
    wrong = _wrong(url)
    if wrong:
        raise BadAddress(
            f"{field} is {url[:200]!r}, which {wrong}: give one such as https://app.example.com/callback.",
            fields={field: [wrong]},
        )
    return url


def checked_page(url: str, *, field: str) -> str:
    """`url`, if it is good and Till may say there, in its query, who sends whom; `BadAddress`."""
    if speaks_for_us(checked_url(url, field=field)):
        raise BadAddress(
            f"{field} has a parameter in its query that this server adds itself, such as shop or code: "
            "give another name to it.",
            fields={field: [f"has one of {', '.join(sorted(OURS))} in its query"]},
        )
    return url


def speaks_for_us(url: str) -> bool:
    """Whether a URL already says what only Till may say where it sends people."""
    names = (part.partition("=")[0] for part in urlsplit(url).query.split("&"))
    return any(unquote_plus(name) in OURS for name in names)


def is_loopback(host: str) -> bool:
    """True for names and numbers of this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def origin_of(url: str) -> str:
    """Scheme, host and port of a checked address, as a browser compares them."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}[parts.scheme]
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = "" if parts.port in (None, default) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def _wrong(url: str) -> str | None:
    """What is wrong with the spelling of `url`, or with where it leads."""
    if "#" in url:
        return "has a fragment"
    if len(url) > LONGEST or not SPELLED.match(url):
        return f"is no URL of at most {LONGEST} characters"
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return "is no URL"
    return _misleads(parts)


def _misleads(parts: SplitResult) -> str | None:
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "does not begin with https:// and a host"
    if "@" in parts.netloc:
        return "holds a user or a password"
    if not (_is_ipv6(parts.netloc) if "[" in parts.netloc else HOST.match(parts.hostname)):
        return "names a host by other characters than a-z, 0-9, dots and hyphens"
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        return "is not https, which only this machine may do without"
    return None


def _is_ipv6(netloc: str) -> bool:
    """Whether this is `[…]`, with or without a port."""
    found = re.match(r"\[([0-9A-Fa-f:.]+)\](?::\d*)?\Z", netloc)
    try:
        return found is not None and ipaddress.IPv6Address(found[1]) is not None
    except ValueError:
        return False
