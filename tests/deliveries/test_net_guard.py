"""The guard of addresses: nothing that leads astray is taken, or dialled (delivery.md §10: 16)."""

import itertools
import json
import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from yarl import URL

from byte_receiver import a_post, sending
from till.deliveries.addresses import (
    FORBIDDEN_V4,
    FORBIDDEN_V6,
    NEVER,
    Allowed,
    is_forbidden,
    read_networks,
)
from till.deliveries.guard import SERVICE_PORTS, AddressRefused, Rules, check_address
from till.deliveries.outcome import ErrorClass
from till.errors import Invalid

PUBLIC = Rules()
OPEN = Rules(plain_http=True, loopback=True, nat64=True, allow=read_networks(["10.0.0.0/8", "fd00::/8"]))
# What is special is written there once more, from IANA's registries, so that a slip in the table is seen.
LISTS = json.loads((Path(__file__).parents[1] / "fixtures" / "addresses.json").read_text(encoding="utf-8"))
SPECIAL, SPECIAL_V6 = LISTS["special"], LISTS["special_v6"]


def spelled(address):
    """An IPv4 address in ways that lead to it without looking like it."""
    number, (a, b, c, d) = int(IPv4Address(address)), map(int, address.split("."))
    yield from (
        str(number),
        hex(number),
        f"0{number:o}",
        f"{a}.{number & 0xFFFFFF}",
        f"{a}.{b}.{(c << 8) + d}",
    )
    yield from (
        f"{a:#x}.{b:#x}.{c:#x}.{d:#x}",
        f"0{a:o}.0{b:o}.0{c:o}.0{d:o}",
        f"{a:03}.{b:03}.{c:03}.{d:03}",
    )
    yield from (f"[::ffff:{address}]", f"[::ffff:{number >> 16:x}:{number & 0xFFFF:x}]", f"[::{address}]")
    yield from (f"[64:ff9b::{address}]", f"[2002:{number >> 16:x}:{number & 0xFFFF:x}::]", f"{address}.")
    yield "".join(
        letter if letter == "." else chr(ord("⓪") if letter == "0" else ord("①") + int(letter) - 1)
        for letter in address
    )
    yield "".join(letter if letter == "." else chr(ord(letter) + 0xFEE0) for letter in address)
    yield address.replace(".", "。")
    yield address.replace(".", "\N{FULLWIDTH FULL STOP}", 1)
    yield address[:-1] + "\u00ad" + address[-1]
    yield address[:-1] + "\u200b" + address[-1]


LEADING_IN = ("127.0.0.1", "169.254.169.254", "10.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1")
HOSTS = [
    *SPECIAL,
    *(f"[{address}]" for address in SPECIAL_V6),
    *itertools.chain.from_iterable(map(spelled, LEADING_IN)),
    *LISTS["hosts"],
]
REFUSED = [f"https://{host}/hook" for host in HOSTS] + LISTS["whole"]
GOOD = {
    **{f"https://{address}/": f"https://{address}/" for address in LISTS["common"]},
    **{f"https://[{address}]/": f"https://[{IPv6Address(address)}]/" for address in LISTS["common_v6"]},
    **LISTS["good"],
}


@pytest.fixture
def no_sockets(monkeypatch):
    """Count whoever asks the system for a socket, and give them none."""
    asked = []

    class Stub(socket.socket):
        def __new__(cls, *given, **options):
            asked.append((given, options))
            raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", Stub)
    return asked


def test_16_the_matrix_is_as_large_as_it_was_promised():
    assert len(set(REFUSED)) >= 300


@pytest.mark.parametrize("address", REFUSED)
def test_16_what_leads_astray_is_refused_when_it_is_given(address, no_sockets):
    with pytest.raises(AddressRefused) as refused:
        check_address(address, PUBLIC)
    (said,) = refused.value.fields["webhook.address"]
    assert refused.value.message == f"The address {said}."
    assert no_sockets == []


def test_16_what_leads_astray_is_refused_when_it_is_dialled(run, monkeypatch):
    asked = []

    async def main():
        async with sending(PUBLIC, look_up=asked.append) as sender:
            with monkeypatch.context() as patch:
                patch.setattr(socket, "socket", asked.append)
                return [await sender.post(a_post(address)) for address in REFUSED]

    for address, outcome in zip(REFUSED, run(main()), strict=True):
        assert (outcome.error, outcome.status) == (ErrorClass.REFUSED_ADDRESS, None), address
        assert outcome.dialled is None
    assert asked == []


@pytest.mark.parametrize("address", [*SPECIAL, *SPECIAL_V6, *(f"::ffff:{each}" for each in SPECIAL)])
def test_16_a_name_that_leads_astray_is_never_dialled(run, monkeypatch, address):
    opened = []

    async def main():
        async with sending(PUBLIC, look_up=lambda _: [address]) as sender:
            with monkeypatch.context() as patch:
                patch.setattr(socket, "socket", lambda *given: opened.append(given))
                return await sender.post(a_post("https://rebound.example/"))

    outcome = run(main())
    assert outcome.error is ErrorClass.FORBIDDEN_ADDRESS
    assert "rebound.example leads to" in outcome.sentence
    assert opened == []


@pytest.mark.parametrize("address", [*SPECIAL, *SPECIAL_V6])
def test_16_the_socket_itself_is_the_second_wall(run, monkeypatch, address):
    """As though the resolver had been talked round: the factory sees what is dialled."""
    opened = []

    async def main():
        async with sending(PUBLIC, look_up=lambda _: ["1.1.1.1"]) as sender:
            monkeypatch.setattr(
                sender._connector._resolver, "_allowed", Allowed(read_networks(["0.0.0.0/0", "::/0"]))
            )
            monkeypatch.setattr(sender._connector._resolver, "_look_up", lambda _: [address])
            monkeypatch.setattr("till.deliveries.names.is_forbidden", lambda *_: False)
            with monkeypatch.context() as patch:
                patch.setattr(socket, "socket", lambda *given: opened.append(given))
                return await sender.post(a_post("https://rebound.example/"))

    outcome = run(main())
    assert outcome.error is ErrorClass.FORBIDDEN_ADDRESS
    assert opened == []


@pytest.mark.parametrize(("given", "canonical"), GOOD.items())
def test_a_public_address_is_taken_in_its_canonical_form(given, canonical, no_sockets):
    assert check_address(given, PUBLIC) == canonical
    assert check_address(canonical, PUBLIC) == canonical
    assert no_sockets == []


@pytest.mark.parametrize("canonical", GOOD.values())
def test_what_is_dialled_is_what_was_checked(canonical):
    url = URL(canonical, encoded=True)
    assert str(url) == canonical
    authority = canonical.removeprefix("https://").partition("/")[0]
    assert authority in (f"{url.host_subcomponent}:{url.port}", url.host_subcomponent)


@given(
    st.text(max_size=40), st.sampled_from(["", "https://", "https://[", "https://a@", "http://localhost:"])
)
@example("\uff11\uff12\uff17.0.0.1", "https://")
@example("\u2488\u2488\u2488\u2488", "https://")
def test_any_text_is_taken_or_refused_and_never_leads_here(text, before):
    for rules in (PUBLIC, OPEN):
        try:
            canonical = check_address(before + text, rules)
        except AddressRefused:
            continue
        assert canonical.isascii()
        assert check_address(canonical, rules) == canonical
        url = URL(canonical, encoded=True)
        assert str(url) == canonical
        if rules is PUBLIC:
            assert url.scheme == "https"
            assert not url.raw_host.replace(".", "").isdigit() or not is_forbidden(
                IPv4Address(url.raw_host), Allowed()
            )


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "a.localhost", "[::ffff:127.0.0.1]"])
@pytest.mark.parametrize("port", [1, 22, 25, 81, 1023, 2375, 6379, 11211, 27017])
def test_on_this_machine_too_other_services_than_the_web_are_kept_from(host, port):
    for rules in (OPEN, Rules(loopback=True, allow=read_networks(["127.0.0.0/8", "::1/128"]))):
        with pytest.raises(AddressRefused, match=f"has the port {port}"):
            check_address(f"http://{host}:{port}/", rules)
        assert check_address(f"http://{host}:3000/", rules)


def test_who_opens_this_machine_has_not_opened_plain_http_to_all():
    assert check_address("http://127.0.0.1:3000/", Rules(loopback=True)) == "http://127.0.0.1:3000/"
    with pytest.raises(AddressRefused, match="must begin with https"):
        check_address("http://example.com/", Rules(loopback=True))


@pytest.mark.parametrize(
    ("address", "rules"),
    [
        ("http://example.com/", Rules(plain_http=True)),
        ("http://example.com:80/", Rules(plain_http=True)),
        ("https://127.0.0.1:8080/", Rules(loopback=True)),
        ("http://localhost:33060/", Rules(loopback=True)),
        ("http://[::1]:80/", Rules(loopback=True, plain_http=True)),
        ("http://127.0.0.1:443/", Rules(loopback=True)),
        ("https://localhost:80/", Rules(loopback=True)),
        ("https://[::ffff:127.0.0.1]/", Rules(loopback=True)),
        ("https://10.1.2.3:8443/", OPEN),
        ("https://[fd12::1]/", OPEN),
        ("https://[64:ff9b::8.8.8.8]/", OPEN),
        ("https://localhost/", Rules(allow=read_networks(["127.0.0.1/32"]))),
        ("https://[::1]/", Rules(allow=read_networks(["::1/128"]))),
    ],
)
def test_what_the_operator_permits_is_taken_and_otherwise_refused(address, rules):
    assert check_address(address, rules)
    with pytest.raises(AddressRefused):
        check_address(address, PUBLIC)


@pytest.mark.parametrize(
    "address",
    [
        *("http://169.254.169.254/", "http://[fe80::1]/", "http://[fd00:ec2::254]/", "http://168.63.129.16/"),
        *(
            "http://100.100.100.200/",
            "http://[64:ff9b::169.254.169.254]/",
            "http://[::ffff:169.254.169.254]/",
        ),
        *("http://[::169.254.169.254]/", "http://[fd20:ce::254]/", "http://192.0.0.192/"),
    ],
)
def test_18_metadata_and_link_local_are_never_permitted(address):
    everything = read_networks(["0.0.0.0/0", "::/0"])
    with pytest.raises(AddressRefused):
        check_address(address, Rules(plain_http=True, loopback=True, nat64=True, allow=everything))


@pytest.mark.parametrize("text", ["169.254.0.0/16", "169.254.169.254/32", "fe80::/64", "fd00:ec2::254/128"])
def test_an_allow_list_that_names_them_is_refused(text):
    with pytest.raises(Invalid, match="never delivered to"):
        read_networks([text])


@pytest.mark.parametrize("text", ["", "ten", "10.0.0.0/33", "10.0.0.1/8", "localhost"])
def test_an_allow_list_is_of_networks(text):
    with pytest.raises(Invalid, match="is no network"):
        read_networks([text])


def test_the_table_forbids_whole_networks_and_their_neighbours_are_free():
    spans = [(int(each[0]), int(each[-1])) for each in FORBIDDEN_V4]
    for network in FORBIDDEN_V4:
        assert is_forbidden(network[0], Allowed())
        assert is_forbidden(network[-1], Allowed())
        for near in (int(network[0]) - 1, int(network[-1]) + 1):
            if 0 <= near < 2**32 and not any(first <= near <= last for first, last in spans):
                assert not is_forbidden(IPv4Address(near), Allowed())
    for network in FORBIDDEN_V6:
        assert is_forbidden(network[0], Allowed())
        assert is_forbidden(network[-1], Allowed())
    for network in (IPv6Network("fc00::/7"), IPv6Network("fe80::/10"), IPv6Network("ff00::/8"), *NEVER):
        assert is_forbidden(network[0], Allowed())
        assert is_forbidden(network[-1], Allowed())
    assert not is_forbidden(IPv6Address("2606:4700::1"), Allowed())
    assert sum(each.num_addresses for each in FORBIDDEN_V4) == sum(
        IPv4Network(each).num_addresses
        for each in "0/8 10/8 127/8 224/4 240/4".replace("/", ".0.0.0/").split()
    ) + sum(2 ** (32 - bits) for bits in (10, 16, 12, 24, 24, 24, 16, 15, 24, 24, 32))


def test_services_are_kept_from_by_their_ports():
    assert {3306, 5432, 6379, 9200, 11211, 27017} <= SERVICE_PORTS
    assert min(SERVICE_PORTS) > 1023
    assert 8443 not in SERVICE_PORTS


def test_the_sockets_of_the_stub_are_really_refused(no_sockets):
    with pytest.raises(AssertionError):
        socket.socket()
    assert len(no_sockets) == 1
