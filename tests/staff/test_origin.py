"""Where a request came from, whose word is taken for it, and which forms other sites may have sent."""

import pytest

from staffing import Asking
from till.errors import Invalid
from till.staff.origin import CrossSite, check_same_site, networks_of, origin_of

PROXIES = networks_of("192.0.2.1, 10.0.0.0/8,::1")


@pytest.mark.parametrize(
    ("address", "headers", "scheme", "seen"),
    [
        ("203.0.113.9", {"x_forwarded_proto": "https", "x_forwarded_for": "1.2.3.4"}, "http", "203.0.113.9"),
        ("192.0.2.1", {"x_forwarded_proto": "https", "x_forwarded_for": "1.2.3.4"}, "https", "1.2.3.4"),
        ("192.0.2.1", {"x_forwarded_proto": "http, https", "x_forwarded_for": ""}, "https", "192.0.2.1"),
        ("192.0.2.1", {"x_forwarded_proto": "gopher"}, "http", "192.0.2.1"),
        # The last that is no proxy's counts; what stands before it is whatever the sender liked.
        ("::1", {"x_forwarded_for": "6.6.6.6, 1.2.3.4, 10.9.9.9, 192.0.2.1"}, "http", "1.2.3.4"),
        ("::1", {"x_forwarded_for": "10.0.0.1,10.0.0.2"}, "http", "10.0.0.1"),
        ("::1", {"x_forwarded_for": "1.2.3.4, nonsense"}, "http", "nonsense"),
    ],
)
def test_a_proxy_is_believed_and_nobody_else(address, headers, scheme, seen):
    found = origin_of(Asking(address=address, **headers), PROXIES)
    assert (found.scheme, found.address) == (scheme, seen)


def test_without_proxies_nobody_is_believed():
    asking = Asking(address="127.0.0.1", x_forwarded_proto="https", x_forwarded_for="1.2.3.4")
    assert origin_of(asking, ()) == origin_of(Asking(address="127.0.0.1"), ())


@pytest.mark.parametrize("text", ["localhost", "10.0.0.0/33", "1.2.3", "127.0.0.1;::1"])
def test_what_is_no_network_is_named(text):
    with pytest.raises(Invalid, match="no network of a proxy"):
        networks_of(text)


@pytest.mark.parametrize(
    ("host", "scheme", "url"),
    [
        ("Shop.Example.com:443", "https", "https://shop.example.com"),
        ("shop.example.com:80", "http", "http://shop.example.com"),
        ("shop.example.com:8443", "https", "https://shop.example.com:8443"),
        ("[::1]:80", "http", "http://[::1]"),
    ],
)
def test_an_origin_is_spelled_as_browsers_do(host, scheme, url):
    found = origin_of(Asking(host=host, scheme=scheme), ())
    assert found.url == url
    check_same_site(Asking(origin=url), found)
    for other in (url + ".evil.com", "null", "https://evil.com", url.replace("http", "ftp"), url + "/"):
        with pytest.raises(CrossSite):
            check_same_site(Asking(origin=other), found)


@pytest.mark.parametrize("said", ["cross-site", "same-site", "none", ""])
def test_only_a_page_of_the_same_origin_may_send_a_form(said):
    found = origin_of(Asking(), ())
    check_same_site(Asking(sec_fetch_site="same-origin"), found)
    with pytest.raises(CrossSite):
        check_same_site(Asking(sec_fetch_site=said, origin=found.url), found)
    with pytest.raises(CrossSite):
        check_same_site(Asking(), found)
