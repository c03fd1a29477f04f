"""Which network addresses may be dialled: a table of our own, for what Python calls global varies.

The standard library of several supported versions takes NAT64, 6to4 and IPv4-compatible addresses for
global ones (delivery.md §4.2). The table follows IANA's special-purpose registries.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from msgspec import Struct

from till.errors import Invalid

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

FORBIDDEN_V4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # shared by the customers of a carrier
            "127.0.0.0/8",  # loopback
            "169.254.0.0/16",  # link-local, and where clouds keep their metadata
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # protocol assignments
            "192.0.2.0/24",  # documentation
            "192.88.99.0/24",  # 6to4 relays
            "192.168.0.0/16",  # private
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, and broadcast
            "168.63.129.16/32",  # Azure's own services
        ),
    )
)
# Whatever lies outside this is forbidden, too: loopback, fc00::/7, fe80::/10, fec0::/10, ff00::/8, 5f00::/16.
GLOBAL_V6 = IPv6Network("2000::/3")
FORBIDDEN_V6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments, Teredo among them
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4, which holds an IPv4 address
            "3fff::/20",  # documentation
        ),
    )
)
# Link-local addresses and the metadata of clouds: no allow-list opens these.
NEVER: tuple[Network, ...] = tuple(
    map(
        ip_network,
        (
            "169.254.0.0/16",
            "168.63.129.16/32",
            "100.100.100.200/32",  # Alibaba Cloud
            "192.0.0.192/32",  # Oracle Cloud
            "fe80::/10",
            "fd00:ec2::254/128",  # Amazon
            "fd20:ce::254/128",  # Google Cloud
        ),
    )
)
LOOPBACK_V4 = IPv4Network("127.0.0.0/8")
LOOPBACK_V6 = IPv6Address("::1")
MAPPED = IPv6Network("::ffff:0:0/96")
COMPATIBLE = IPv6Network("::/96")
NAT64 = IPv6Network("64:ff9b::/96")


class Allowed(Struct, frozen=True):
    """What the operator lets through: networks, loopback, and IPv4 behind NAT64."""

    networks: tuple[Network, ...] = ()
    loopback: bool = False
    nat64: bool = False

    @property
    def lets_loopback(self) -> bool:
        """True when at least one loopback address may be dialled."""
        return self.loopback or any(
            network.overlaps(LOOPBACK_V4) if network.version == 4 else LOOPBACK_V6 in network
            for network in self.networks
        )


def is_loopback(address: Address) -> bool:
    """True for 127.0.0.0/8 and ::1, also where the former is written as IPv6."""
    return address == LOOPBACK_V6 or (_inner(address) or address) in LOOPBACK_V4


def is_forbidden(address: Address, allowed: Allowed) -> bool:
    """True when `address`, or an IPv4 address that it stands for, may not be dialled.

    Whether it is this host's own is not asked here, for the table cannot tell (till.deliveries.dial).
    """
    inner = _inner(address)
    if inner is not None and address != LOOPBACK_V6:
        is_open = address in MAPPED or (address in NAT64 and allowed.nat64)
        return not is_open or is_forbidden(inner, allowed)
    if any(address in network for network in NEVER):
        return True
    if is_let_through(address, allowed):
        return False
    if isinstance(address, IPv4Address):
        return any(address in network for network in FORBIDDEN_V4)
    return address not in GLOBAL_V6 or any(address in network for network in FORBIDDEN_V6)


def is_let_through(address: Address, allowed: Allowed) -> bool:
    """True when the operator said that `address` may be dialled, which goes before the table."""
    if allowed.loopback and is_loopback(address):
        return True
    inner = _inner(address)
    return any(address in network or (inner is not None and inner in network) for network in allowed.networks)


def read_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """The networks of an allow-list; `Invalid` names one that cannot be read or is never allowed."""
    return tuple(_network(text.strip()) for text in texts)


def read_address(text: str) -> Address:
    """An address as the system spells it; a zone at its end is left out. `ValueError` where it is none."""
    return ip_address(text.partition("%")[0])


def _network(text: str) -> Network:
    try:
        network = ip_network(text)
    except ValueError:
        raise Invalid(f"{text!r} is no network: write it like 10.20.0.0/16 or fd12::/48.") from None
    for never in NEVER:
        if network.version == never.version and network.subnet_of(never):  # type: ignore[arg-type]  # as compared
            raise Invalid(f"{text} lies in {never}, which is never delivered to: leave it out.")
    return network


def _inner(address: Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for, whatever the prefix says that it is."""
    if isinstance(address, IPv6Address) and any(address in net for net in (MAPPED, COMPATIBLE, NAT64)):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return None
