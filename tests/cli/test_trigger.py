"""`till trigger`: what it does is really done, to a new order or to one that is there."""

import pytest
from developer import dev, developing

TOPICS = {
    "orders/create": ["orders/create"],
    "orders/paid": ["orders/create", "orders/paid", "orders/update"],
    "orders/fulfilled": ["orders/create", "orders/fulfilled", "orders/update"],
    "orders/partiallyFulfilled": ["orders/create", "orders/partiallyFulfilled", "orders/update"],
    "orders/cancelled": ["orders/create", "orders/cancelled", "orders/update"],
    "refunds/create": ["orders/create", "orders/paid", "orders/update", "refunds/create", "orders/update"],
    "orders/update": ["orders/create", "orders/update"],
    "orders/delete": ["orders/create", "orders/delete"],
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with developing(tmp_path_factory.mktemp("developer")) as found:
        yield found


@pytest.fixture
def she(server):
    """A developer with a shop of her own."""
    server.shop = dev(server.url, "POST", "/shops", {})
    server.known["TILL_TOKEN"] = server.shop["accessToken"]
    return server


def refused(she, *arguments, **more):
    done = she.run(*arguments, **more)
    assert done.returncode != 0, (arguments, done.stdout)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


@pytest.mark.parametrize("topic", TOPICS)
def test_a_trigger_really_does_what_its_topic_tells(she, topic):
    told = she.json("trigger", topic)["done"]
    assert [each["topic"] for each in told[0]["events"]] == TOPICS[topic]
    seen = she.json("events", "list", "--limit", "1", "--topic", topic)
    assert seen["resourceId"] in {told[0]["order"]["id"], *(each["id"] for each in told[0]["made"])}


def test_a_trigger_really_changes_a_theme(she):
    def shown():
        return next(each for each in she.json("theme", "list")["themes"] if each["isCurrent"])

    def done(topic, *arguments):
        told = she.json("trigger", topic, *arguments)["done"]
        assert all(topic in [event["topic"] for event in each["events"]] for each in told), told
        assert {each["theme"]["name"] for each in told} <= {"Triggered", mine["shopThemeName"]}
        return told[-1]["theme"]["id"]

    mine = shown()
    draft = done("themes/create")
    assert done("themes/update", "--times", "2") == draft
    versions = she.json("theme", "versions", "-t", draft)["versions"]
    assert [(each["added"], each["changed"]) for each in versions][:2] == [(0, 1), (1, 0)]
    gone = done("themes/delete")
    assert gone not in {each["shopThemeId"] for each in she.json("theme", "list")["themes"]}
    published = done("themes/publish")
    assert published == shown()["shopThemeId"]
    assert published not in (draft, mine["shopThemeId"])
    assert done("themes/publish") == mine["shopThemeId"] == shown()["shopThemeId"]
    assert len(she.json("theme", "list")["themes"]) == 3
    assert "told themes/update" in she.says("trigger", "themes/update")


def test_a_theme_is_made_where_a_topic_needs_one(she):
    (told,) = she.json("trigger", "themes/publish")["done"]
    topics = [each["topic"] for each in told["events"]]
    assert (topics[0], topics[-2:]) == ("themes/create", ["themes/publish", "themes/update"])
    assert told["made"] == [{"kind": "theme", "id": told["theme"]["id"]}]


def test_a_trigger_acts_on_the_order_that_is_named(she):
    name = she.order()
    for topic in ("orders/paid", "orders/partiallyFulfilled", "orders/fulfilled", "refunds/create"):
        told = she.json("trigger", topic, "--order", name)["done"][0]
        assert (told["order"]["name"], told["events"][0]["topic"]) == (name, topic)
    order = she.json("orders", "show", name)["order"]
    assert (order["financialStatus"], order["fulfillmentStatus"]) == ("partially_refunded", "fulfilled")
    said = she.says("trigger", "orders/update", "--order", name, "--set", "note=Hello")
    assert name in said
    assert "told orders/update" in said
    assert she.json("orders", "show", name)["order"]["note"] == "Hello"


def test_fields_of_a_new_order_are_set_by_their_paths(she):
    wishes = [
        "customer.email=x@example.com",
        "lineItems[0].quantity=3",
        'shippingLines=[{"title": "Post", "price": "4"}]',
    ]
    told = she.json("trigger", "orders/paid", *(part for wish in wishes for part in ("--set", wish)))
    order = she.json("orders", "show", told["done"][0]["order"]["name"])["order"]
    assert order["customer"]["email"] == "x@example.com"
    assert order["lineItems"][0]["quantity"] == 3
    assert order["totalPrice"] == "44.00"


def test_several_at_once_are_so_many_orders(she):
    told = she.json("trigger", "orders/create", "--times", "3")["done"]
    assert len({each["order"]["id"] for each in told}) == 3


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["orders/payed"], 2, "did you mean 'orders/paid'?"),
        (["orders/create", "--order", "1001"], 2, "makes an order"),
        (["orders/paid", "--order", "1001", "--set", "note=x"], 2, "sets no fields"),
        (["orders/create", "--set", "note"], 2, "give PATH=VALUE"),
        (["themes/updat"], 2, "did you mean 'themes/update'?"),
        (["themes/update", "--order", "1001"], 2, "is of a theme"),
        (["orders/create", "--set", "lineItems.title=x"], 2, "is a list"),
        (["orders/create", "--set", "customer[0]=x"], 2, "is none"),
        (["orders/create", "--set", "lineItems={"], 2, "must be JSON"),
        (["orders/create", "--set", "customer.emial=x"], 1, "did you mean 'email'?"),
        (["orders/paid", "--order", "9999"], 1, "There is no order #9999"),
    ],
)
def test_what_cannot_be_triggered_changes_nothing(she, arguments, code, words):
    she.order()
    found, said = refused(she, "trigger", *arguments)
    assert (found, words in said) == (code, True), said
    assert dev_cursor(she) == "1"


def dev_cursor(she):
    return she.json("events", "list", "--limit", "1")["cursor"]


def test_an_impossible_move_is_refused_with_what_is_possible(she):
    name = she.json("trigger", "orders/paid")["done"][0]["order"]["name"]
    before = dev_cursor(she)
    code, said = refused(she, "trigger", "orders/paid", "--order", name)
    assert code == 1
    assert "nothing outstanding" in said
    assert f"Open to order {name} now: " in said
    code, said = refused(she, "trigger", "orders/delete", "--order", name)
    assert code == 1
    she.says("trigger", "orders/fulfilled", "--order", name)
    code, said = refused(she, "trigger", "orders/partiallyFulfilled", "--order", name)
    assert "no two units left to ship" in said
    assert int(dev_cursor(she)) == int(before) + 2


def test_what_changed_nothing_was_not_triggered(she):
    name = she.order(note="same")
    code, said = refused(she, "trigger", "orders/update", "--order", name, "--set", "note=same")
    assert (code, "changed nothing" in said) == (1, True)
