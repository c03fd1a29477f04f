"""The tests of the app: its shop, its webhooks, the clock and the faults are Till's."""

import pytest
from loyalty import Loyalty

from till.testing import Chaos, Clock, Shop, Webhooks


@pytest.fixture
def app(shop: Shop, webhooks: Webhooks) -> Loyalty:
    app = Loyalty(shop.client_secret)
    webhooks.respond(lambda received: app.receive(received.headers, received.body))
    webhooks.subscribe("orders/paid")
    return app


def test_a_paid_order_earns_points(app: Loyalty, shop: Shop, webhooks: Webhooks) -> None:
    order = shop.create_order(email="ada@example.com", financialStatus="paid")
    webhooks.wait_for("orders/paid", order=order)
    assert app.points == {"ada@example.com": 24}


def test_an_order_that_is_not_paid_earns_none(app: Loyalty, shop: Shop, webhooks: Webhooks) -> None:
    shop.create_order(email="ada@example.com")
    webhooks.none_within(0.5)
    assert app.points == {}


def test_an_outage_costs_nobody_points(app: Loyalty, shop: Shop, webhooks: Webhooks, clock: Clock) -> None:
    webhooks.respond(status=503, times=1)
    order = shop.create_order(email="ada@example.com", financialStatus="paid")
    webhooks.wait_for("orders/paid", order=order, attempt=1)
    assert app.points == {}
    clock.advance("1m")
    webhooks.wait_for("orders/paid", order=order, attempt=2)
    assert app.points == {"ada@example.com": 24}


def test_what_comes_twice_counts_once(app: Loyalty, shop: Shop, webhooks: Webhooks, chaos: Chaos) -> None:
    chaos.duplicate()
    order = shop.create_order(email="ada@example.com", financialStatus="paid")
    first = webhooks.wait_for("orders/paid", order=order)
    again = webhooks.wait_for("orders/paid", order=order)
    assert first.webhook_id == again.webhook_id
    assert app.points == {"ada@example.com": 24}


@pytest.mark.till_shop(currency="JPY")
def test_a_yen_is_a_point(app: Loyalty, shop: Shop, webhooks: Webhooks) -> None:
    line = {"productId": "1", "variantId": "1", "title": "Tea pot", "price": "2400", "quantity": 1}
    order = shop.create_order(email="ada@example.com", financialStatus="paid", lineItems=[line])
    webhooks.wait_for("orders/paid", order=order)
    assert app.points == {"ada@example.com": 2400}
