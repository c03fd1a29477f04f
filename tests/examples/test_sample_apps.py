"""The sample apps in Python and in Node: installed, asked for more, uninstalled, and there again."""

from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
import requests

from asking import ask
from developed import PROGRAMS, Merchant, copied
from proxied import proxy
from running import PATIENCE, seed, serve, till, where

LINE = {"productId": "1", "variantId": "2", "title": "Tea", "price": "12.34", "quantity": 1}
PAID = {"order": {"lineItems": [LINE], "financialStatus": "paid"}}


@pytest.fixture(scope="module")
def till_of(tmp_path_factory):
    folder = tmp_path_factory.mktemp("till")
    keeper = seed(folder)  # another app of the shop, by which orders come
    with serve(folder) as running:
        merchant = Merchant(running.url).set_up(running.said["setUp"])
        yield SimpleNamespace(place=where(folder), url=running.url, keeper=keeper, merchant=merchant)


@pytest.fixture(params=PROGRAMS)
def sample(request, till_of, tmp_path):
    made = copied(request.param, tmp_path / "app", till_of.place, till_of.url)
    yield made
    made.stop()
    till("app", "uninstall", made.client_id, "--shop", "demo", *till_of.place, check=False)
    till("app", "configure", made.client_id, "--handle", f"gone-{made.port}", *till_of.place)


def order(till_of):
    status, told = ask(till_of.url, "/orders", till_of.keeper.accessToken, PAID)
    assert status == 200
    return told["order"]["orderId"]


def shop_id(till_of):
    return str(till_of.keeper.shopId)


def test_a_whole_life_by_the_real_consent(sample, till_of):
    merchant = till_of.merchant
    install_url = sample.link()["shops"][0]["installUrl"]
    sample.start()
    order(till_of)

    # Installed by consent, it lists orders with its own token.
    page = merchant.decide(install_url)
    assert page.url.startswith(f"{sample.url}/callback?code=")
    assert page.status_code == 200, page.text
    assert "Orders of demo" in page.text
    assert "12.34" in page.text
    assert page.headers["content-security-policy"].endswith("frame-ancestors 'none'")
    assert [each.split("=")[0] for each in page.request.headers["Cookie"].split("; ")] == ["state"]
    first = sample.kept
    assert first["shopId"] == shop_id(till_of)
    assert first["installation"].isdigit()
    assert ask(till_of.url, "/orders/count", first["token"])[0] == 200

    # Opened again, it asks for nothing.
    again = merchant.open(install_url)
    assert (again.status_code, urlsplit(again.url).path) == (200, "/")

    # Webhooks come, and are believed only if they are signed.
    paid = order(till_of)
    assert sample.told("orders/paid").keys() == {"topic", "shop", "id"}
    sample.soon(lambda kept: str(paid) in kept["paid"])
    assert sample.webhook("orders/paid", {"order": {"id": "7"}}, secret="another") == 401
    assert "7" not in sample.kept["paid"]
    for _ in range(2):
        assert sample.webhook("orders/paid", {"order": {"id": "8"}}, name="the-same") == 200
    assert sample.kept["paid"].count("8") == 1

    # The file asks for more, and so the merchant is asked.
    sample.say("read_orders,write_apps", "read_orders,read_products,write_apps")
    (shop,) = sample.link()["shops"]
    assert (shop["installed"], shop["lacks"]) == (True, "read_products")
    assert "asks for more" in merchant.open(install_url).text
    assert sample.kept["scope"] == "read_orders,write_apps"
    assert merchant.decide(install_url).status_code == 200
    sample.told("app/scopesUpdate")
    sample.soon(lambda kept: kept["scope"] == "read_orders,read_products,write_apps")

    # Uninstalled, it is told so of this very installation.
    till("app", "uninstall", sample.client_id, "--shop", "demo", *till_of.place)
    sample.told("app/uninstalled")
    sample.soon(lambda kept: kept is None)
    assert ask(till_of.url, "/orders/count", first["token"])[0] == 401

    # Back again; what comes late of the installation before does it no harm.
    assert "Orders of demo" in merchant.decide(install_url).text
    second = sample.kept
    assert second["installation"] != first["installation"]
    gone = {"shopId": shop_id(till_of), "installationId": first["installation"]}
    assert sample.webhook("app/uninstalled", {"uninstalled": gone}) == 200
    assert sample.webhook("shop/redact", {"shopRedact": gone}) == 200
    # Nor does one that names no installation, as the platform's published sample has it.
    unnamed = {"clientId": sample.client_id, "shopId": shop_id(till_of)}
    assert sample.webhook("app/uninstalled", {"uninstalled": unnamed}) == 200
    assert sample.webhook("shop/redact", {"shopRedact": {"shopId": shop_id(till_of)}}) == 200
    assert sample.kept == second
    assert "Orders of demo" in merchant.open(install_url).text
    paid = order(till_of)
    sample.soon(lambda kept: str(paid) in kept["paid"])


def test_declined_it_is_not_there(sample, till_of):
    install_url = sample.link()["shops"][0]["installUrl"]
    sample.start()
    page = till_of.merchant.decide(install_url, "decline")
    assert urlsplit(page.url).path == "/admin/demo/apps"
    assert not sample.link()["shops"][0]["installed"]


def test_embedded_it_is_used_by_session_tokens(sample, till_of):
    merchant = till_of.merchant
    sample.say("embedded = false", "embedded = true")
    install_url = sample.link()["shops"][0]["installUrl"]
    sample.start()
    merchant.decide(install_url)
    frame = merchant.frame(install_url)
    page = requests.get(frame, timeout=PATIENCE)
    assert page.status_code == 200, page.text
    assert "Orders of demo" in page.text
    policy = page.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert policy.endswith(f"frame-ancestors {till_of.url}")
    assert sample.kept["installation"].isdigit()

    path = install_url.removeprefix(till_of.url)
    token = merchant.post(f"{path}/session-token", {}).json()["token"]
    orders = f"{sample.url}/orders?shop=demo"
    told = requests.get(orders, headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE)
    assert told.status_code == 200, told.text
    assert "orders" in told.json()
    for wrong in ("", "a.b.c", f"{token[:-2]}xx", token.replace(".", "..", 1)):
        refused = requests.get(orders, headers={"Authorization": f"Bearer {wrong}"}, timeout=PATIENCE)
        assert refused.status_code == 401


def test_links_that_are_not_the_platforms_are_refused(sample, till_of):
    install_url = sample.link()["shops"][0]["installUrl"]
    sample.start()
    merchant = till_of.merchant
    landed = merchant.decide(install_url)
    launch = merchant.open(install_url).url
    assert launch.startswith(f"{sample.url}/?")
    assert requests.get(launch, timeout=PATIENCE).status_code == 200
    for wrong in (
        f"{sample.url}/",
        f"{sample.url}/?shop=demo",
        launch.replace("shop=demo", "shop=other"),
        f"{launch}&shop=other",
        f"{launch[:-1]}{'0' if launch[-1] != '0' else '1'}",
        launch.replace("/?", "/callback?") + "&code=x&state=y",
    ):
        assert requests.get(wrong, timeout=PATIENCE).status_code == 401, wrong
    # A code that is brought by another browser than the one that was sent for it is not taken.
    assert requests.get(landed.url, timeout=PATIENCE).status_code == 403


def test_what_it_must_forget_it_forgets(sample, till_of):
    install_url = sample.link()["shops"][0]["installUrl"]
    sample.start()
    till_of.merchant.decide(install_url)
    for name in ("1", "2"):
        assert sample.webhook("orders/paid", {"order": {"id": name}}) == 200
    wish = {"shopId": shop_id(till_of), "customer": {"id": "5"}}
    asked = {"customerDataRequest": wish | {"ordersRequested": ["1"], "dataRequest": {"id": "9"}}}
    assert sample.webhook("customers/data_request", asked) == 200
    assert sample.webhook("customers/redact", {"customerRedact": wish | {"ordersToRedact": ["1"]}}) == 200
    sample.soon(lambda kept: kept["paid"] == ["2"])
    (sample.folder / "copy.json").write_bytes((sample.folder / "shops.json").read_bytes())
    till("app", "uninstall", sample.client_id, "--shop", "demo", *till_of.place)
    sample.soon(lambda kept: kept is None)
    # Where the word of its end was lost, the later one to forget the shop is heeded.
    sample.stop()
    (sample.folder / "copy.json").replace(sample.folder / "shops.json")
    sample.start()
    assert sample.webhook("shop/redact", {"shopRedact": {"shopId": shop_id(till_of)}}) == 200
    sample.soon(lambda kept: kept is None)


def test_it_runs_unchanged_under_genstores_own_hosts(sample, till_of, tmp_path):
    """Not a word of Till in its settings, but the variables that the proxy prints."""
    shop = "https://demo.genmystore.com"
    with proxy(till_of.url, tmp_path / "files") as found, requests.Session() as session:
        session.trust_env = False  # which could name other certificates
        session.proxies = {"https": found.said["url"]}
        session.verify = found.said["environment"]["SSL_CERT_FILE"]
        merchant = Merchant(shop, session).sign_in()
        assert all(cookie.secure for cookie in session.cookies)
        install_url = sample.link(shop)["shops"][0]["installUrl"]
        sample.start(found.said["environment"])
        page = merchant.decide(install_url)
        assert page.url.startswith(f"{sample.url}/callback?code=")
        assert "Orders of demo" in page.text
        paid = order(till_of)
        sample.soon(lambda kept: str(paid) in kept["paid"])
