"""The sample apps inside the admin: their own script asks for session tokens, and shows the shop's orders."""

from types import SimpleNamespace

import pytest

from asking import ask
from barred import barred, looked_at
from developed import EXAMPLES, PROGRAMS, copied
from running import seed, serve, till, where

LINE = {"productId": "1", "variantId": "2", "title": "Tea", "price": "12.34", "quantity": 1}
PAID = {"order": {"lineItems": [LINE], "financialStatus": "paid"}}


@pytest.fixture(scope="module")
def shop(tmp_path_factory, chrome):
    """A shop of its own server, and `state`, the cookies of its owner."""
    folder = tmp_path_factory.mktemp("till")
    keeper = seed(folder)  # another app of the shop, by which orders come
    with serve(folder) as running:
        context = chrome.new_context()
        page = context.new_page()
        page.goto(running.said["setUp"])
        page.fill("#email", "owner@example.com")
        page.fill("#name", "Ada Byron")
        page.fill("#password", "four words in a row")
        page.click("button.primary")
        page.wait_for_url(lambda url: "set-up" not in url)
        state = context.storage_state()
        context.close()
        yield SimpleNamespace(url=running.url, place=where(folder), state=state, keeper=keeper)


def order(shop):
    """The name of a new order."""
    status, told = ask(shop.url, "/orders", shop.keeper.accessToken, PAID)
    assert status == 200
    return told["order"]["name"]


@pytest.fixture(params=PROGRAMS)
def sample(request, shop, tmp_path):
    """An embedded sample app at work; nobody has installed it yet."""
    made = copied(request.param, tmp_path / "app", shop.place, shop.url)
    made.say("embedded = false", "embedded = true")
    made.door = made.link()["shops"][0]["installUrl"]
    made.start()
    yield made
    made.stop()
    till("app", "uninstall", made.client_id, "--shop", "demo", *shop.place, check=False)
    till("app", "configure", made.client_id, "--handle", f"gone-{made.port}", *shop.place)


@pytest.fixture
def page(chrome, shop, sample):
    """The owner's browser, with the app installed by consent and shown in its frame."""
    context = chrome.new_context(storage_state=shop.state, viewport={"width": 1000, "height": 700})
    opened = context.new_page()
    opened.goto(sample.door)
    # Before its script runs, its button can be pressed already; what was shown first must have come.
    with opened.expect_response(f"{sample.url}/orders?*"):
        opened.click("button[value=accept]")
    opened.frame_locator("#app").locator("h1").wait_for()
    yield opened
    context.close()


def says(page, words):
    page.frame_locator("#app").get_by_role("status").filter(has_text=words).wait_for()


def hold(page):
    """Keep the admin from answering; what it was asked, to be let go later."""
    held = []

    def keep(route):
        held.append(route)

    page.route("**/session-token", keep)
    return held


def clean(page, folder, name):
    """Nothing that bars anybody, in the frame neither; a picture to look at."""
    assert barred(page) == []
    framed = [
        node for each in looked_at(page)["passes"] for node in each["nodes"] if node["target"][0] == "#app"
    ]
    assert framed  # axe has looked into the frame
    page.screenshot(path=str(folder / f"{name}.png"), full_page=True)


def test_the_shops_orders_are_shown_in_the_frame(shop, sample, page, tmp_path):
    app = page.frame_locator("#app")
    assert "Orders of demo" in app.locator("h1").inner_text()
    name = order(shop)
    with page.expect_request(f"{sample.url}/orders?*") as asked:
        app.get_by_role("button").click()
    assert asked.value.headers["authorization"].startswith("Bearer ey")
    row = app.locator("tbody tr").filter(has_text=name)
    row.wait_for()
    assert row.locator("td").all_inner_texts() == [name, "paid", "12.34 USD"]
    clean(page, tmp_path, "orders")
    page.set_viewport_size({"width": 360, "height": 640})
    page.emulate_media(color_scheme="dark")
    clean(page, tmp_path, "narrow")


def test_each_call_brings_a_fresh_token(sample, page):
    tokens = set()
    for _ in range(2):
        with page.expect_response(f"{sample.url}/orders?*") as answered:
            page.frame_locator("#app").get_by_role("button", disabled=False).click()
        assert answered.value.status == 200
        tokens.add(answered.value.request.headers["authorization"])
        page.wait_for_timeout(1_100)  # times in a token are whole seconds
    assert len(tokens) == 2


def test_where_it_goes_wrong_the_page_says_so_in_plain_words(shop, sample, page, tmp_path):
    app = page.frame_locator("#app")
    again = app.get_by_role("button", disabled=False)
    order(shop)
    again.click()
    app.locator("tbody tr").first.wait_for()
    gone = {"clientId": sample.client_id, "installationId": sample.kept["installation"]}
    assert sample.webhook("app/uninstalled", {"uninstalled": gone}) == 200
    again.click()
    says(page, "The app could not tell who you are.")
    assert not app.locator("table").is_visible()
    sample.stop()
    again.click()
    says(page, "The app does not answer.")
    page.context.clear_cookies()
    again.click()
    says(page, "Your session has ended.")
    clean(page, tmp_path, "ended")
    held = hold(page)
    page.context.clock.install()
    with page.expect_request("**/session-token"):
        again.click()
    page.context.clock.fast_forward(10_000)
    says(page, "The admin does not answer.")
    held[0].abort()


def test_the_app_believes_no_other_page(sample, page):
    """What comes from elsewhere than the admin, or answers another question, is not taken for a token."""
    (frame,) = [each for each in page.frames if each.parent_frame]
    again = frame.get_by_role("button", disabled=False)
    again.wait_for()
    sent, held = [], hold(page)
    page.on(
        "request", lambda request: sent.append(request.url) if request.url.startswith(sample.url) else None
    )
    with page.expect_request("**/session-token"):
        again.click()
    frame.evaluate("""() => {
        for (let id = 0; id < 9; id++) postMessage({type: "till:session-token", id, token: "forged"}, "*");
    }""")
    page.evaluate(f"""() => document.getElementById("app").contentWindow.postMessage(
        {{type: "till:session-token", id: 99, token: "forged"}}, "{sample.url}")""")
    page.wait_for_timeout(500)
    assert sent == []  # but for its question
    with page.expect_response(f"{sample.url}/orders?*") as answered:
        held[0].continue_()
    assert answered.value.status == 200


def test_both_samples_have_the_same_page():
    for name in ("embedded.js", "page.css"):
        one, other = ((EXAMPLES / f"app_{language}" / name).read_bytes() for language in PROGRAMS)
        assert one == other
