"""The address of a subscription: read once, written canonically, and refused where it leads astray.

What is checked is what will be dialled, so the host is brought to its canonical form (NFKC, IDNA)
first (delivery.md §4.2). Names are resolved and checked again at each connection (till.deliveries.dial).
"""

import re
import unicodedata
from functools import lru_cache
from ipaddress import IPv6Address
from urllib.parse import quote

import idna
from msgspec import Struct

from till.deliveries.addresses import Address, Allowed, Network, is_forbidden, is_loopback, read_address
from till.errors import Invalid

FIELD = "webhook.address"
LONGEST = 2_048
URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^?#]*)((?:\?[^#]*)?)(#.*)?", re.DOTALL)
AUTHORITY = re.compile(r"(\[[^\]]*\]|[^:]*)(?::(.*))?", re.DOTALL)
V4 = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}", re.ASCII)
NUMERIC = re.compile(r"(?:.*\.)?(?:\d+|0[xX][0-9a-fA-F]*)", re.ASCII)
LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
CONTROL = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\ud800-\udfff\\]")
ENCODED_CONTROL = re.compile(r"%(?:[01][0-9A-Fa-f]|7[Ff])")
BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
SAFE = "%/?:@!$&'()*+,;=-._~"
DEFAULT_PORTS = {"https": 443, "http": 80}
LOW_PORTS = frozenset({443})
LOW_PORTS_HERE = frozenset({80, 443})
# From here on systems choose ports by themselves, for receivers of tests among others.
EPHEMERAL_FROM = 32_768
# Services that stand above 1023 and take orders from whoever speaks to them, so that the head of an HTTP
# request may do harm there: databases, queues, caches, and what drives containers or browsers.
SERVICE_PORTS = frozenset(
    {
        *(1080, 1433, 1434, 1521, 1883, 2049, 2181, 2375, 2376, 2379, 2380, 3128, 3306, 3389, 4369, 5060),
        *(5061, 5432, 5433, 5672, 5900, 5984, 5985, 5986, 6000, 6379, 6380, 6443, 6566, 6667, 7199, 7474),
        *(7687, 8086, 8125, 8500, 8529, 8983, 9042, 9092, 9100, 9160, 9200, 9229, 9300, 9418, 10250, 10255),
        *(11211, 15672, 16379, 26257, 26379, 27017, 27018, 28015, 28017, 33060, 61613, 61616),
    }
)


class AddressRefused(Invalid):
    """Nothing may be delivered to this address."""


class Rules(Struct, frozen=True, kw_only=True):
    """What the operator permits beyond https to public addresses.

    `plain_http` admits http; `loopback` this machine, with http or without; `allow` networks; `nat64`
    IPv4 behind 64:ff9b::/96.
    """

    plain_http: bool = False
    loopback: bool = False
    allow: tuple[Network, ...] = ()
    nat64: bool = False

    @property
    def allowed(self) -> Allowed:
        return Allowed(self.allow, self.loopback, self.nat64)


@lru_cache(maxsize=4096)
def check_address(text: str, rules: Rules) -> str:
    """The canonical form of an address; `AddressRefused` says in a sentence why there can be none.

    Nothing is resolved and no socket is opened.
    """
    if len(text) > LONGEST:
        raise _no(f"is {len(text):,} characters long: give at most {LONGEST:,}")
    if CONTROL.search(text) or ENCODED_CONTROL.search(text):
        raise _no("holds a blank, a control character or a backslash: leave it out")
    found = URL.fullmatch(text)
    if found is None:
        raise _no("is no URL: write it like https://example.com/webhooks")
    scheme, authority, path, query, fragment = found.groups()
    scheme = scheme.lower()
    if scheme not in DEFAULT_PORTS or (scheme == "http" and not (rules.plain_http or rules.loopback)):
        raise _no("must begin with https://")
    if fragment is not None:
        raise _no("has a fragment (#), which is never sent: leave it out")
    if "@" in unicodedata.normalize("NFKC", authority):
        raise _no("holds a user name or password: send credentials as a header of the subscription")
    host, port_text = _parts(authority)
    name, address = _host(host)
    _check_host(name, address, rules.allowed)
    is_here = _is_localhost(name) or (address is not None and is_loopback(address))
    if scheme == "http" and not (rules.plain_http or is_here):
        raise _no("must begin with https://")
    port = _port(port_text, scheme, is_here=is_here)
    shown = f"[{name}]" if isinstance(address, IPv6Address) else name
    shown_port = "" if port == DEFAULT_PORTS[scheme] else f":{port}"
    asked = "" if query == "?" else encoded(query)
    canonical = f"{scheme}://{shown}{shown_port}{encoded(path) or '/'}{asked}"
    if len(canonical) > LONGEST:
        raise _no(f"is {len(canonical):,} characters long once it is encoded: give at most {LONGEST:,}")
    return canonical


def _parts(authority: str) -> tuple[str, str | None]:
    found = AUTHORITY.fullmatch(authority)
    if found is None or not found[1]:
        raise _no("has no host, or one with a colon in it: write it like https://example.com:8443/webhooks")
    return found[1], found[2]


def _host(host: str) -> tuple[str, Address | None]:
    """The canonical name, and the address where it is one itself."""
    if host.startswith("["):
        return _literal_v6(host[1:-1])
    name = _name(unicodedata.normalize("NFKC", host).lower())
    if V4.fullmatch(name):
        return name, read_address(name)
    if NUMERIC.fullmatch(name):
        raise _no("has a number for a host: write an IPv4 address as four decimal numbers, or give a name")
    return name, None


def _literal_v6(text: str) -> tuple[str, Address]:
    if "%" in text:
        raise _no("names a network interface (%), which means nothing elsewhere: leave it out")
    try:
        address = IPv6Address(text)
    except ValueError:
        raise _no("has brackets around what is no IPv6 address") from None
    return address.compressed, address


def _name(name: str) -> str:
    """The name in ASCII, without the dot of the root; it may turn out to be a number."""
    try:
        ascii_name = name if name.isascii() else idna.encode(name, uts46=True).decode()
        ascii_name = ascii_name.removesuffix(".")
        labels = ascii_name.split(".")
        shown = [idna.decode(label) if label.startswith("xn--") else label for label in labels]
    except UnicodeError:
        raise _no("has a host that cannot be a domain name: check its spelling") from None
    if len(ascii_name) > 253 or not all(map(LABEL.fullmatch, labels)):
        raise _no("has a host that cannot be a domain name: use letters, digits, dashes and dots")
    if any(map(_mixes_scripts, shown)):
        raise _no("mixes look-alike letters of several scripts in its host: spell it in one")
    return ascii_name


def _mixes_scripts(label: str) -> bool:
    """True for what looks like one word but is of two alphabets, as in a homograph."""
    scripts = {unicodedata.name(letter, "").split(" ")[0] for letter in label if letter.isalpha()}
    return len(scripts & {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"}) > 1


def _check_host(name: str, address: Address | None, allowed: Allowed) -> None:
    if address is not None:
        if is_forbidden(address, allowed):
            raise _no(
                f"leads to {name}, which is not a public address: use a public one, or have the operator "
                "allow its network"
            )
    elif _is_localhost(name) and not allowed.lets_loopback:
        raise _no("leads to this server itself: use a public address, or `till listen` while developing")


def _is_localhost(name: str) -> bool:
    return name == "localhost" or name.endswith(".localhost")


def _port(text: str | None, scheme: str, *, is_here: bool) -> int:
    if text is None or text == "":
        return DEFAULT_PORTS[scheme]
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= 65_535:
        raise _no(f"has the port {text[:20]!r}: give 443, 8443 or one from 1024 to 65535")
    port = int(text)
    if port in (LOW_PORTS_HERE if is_here else LOW_PORTS) or port == DEFAULT_PORTS[scheme]:
        return port
    if port < 1024:
        raise _no(f"has the port {port}: give 443, 8443 or one from 1024 to 65535")
    if port in SERVICE_PORTS and not (is_here and port >= EPHEMERAL_FROM):
        raise _no(f"has the port {port}, at which another service than the web stands: choose another")
    return port


def encoded(text: str) -> str:
    """Path or query in ASCII; what is escaped already stays as it is."""
    return quote(BAD_ESCAPE.sub("%25", text), safe=SAFE)


def _no(what: str) -> AddressRefused:
    return AddressRefused(f"The address {what}.", fields={FIELD: [what]})
