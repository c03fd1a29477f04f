"""The tests of the app's installation: nobody clicks, and yet codes and tokens are the server's own."""

import urllib.error

import pytest
from installing import Door

from till.testing import Clock, Shop


@pytest.fixture
def door(shop: Shop) -> Door:
    return Door(shop.server_url, shop.client_id, shop.client_secret)


def test_the_code_that_comes_back_is_good_for_a_token(door: Door, shop: Shop) -> None:
    told = door.come_back(shop.authorize(state="xyz"))
    mine = {"X-Genstore-Access-Token": told["accessToken"]}
    assert shop.get("/orders/count", headers=mine).status == 200


def test_the_app_knows_who_uses_it(door: Door, shop: Shop) -> None:
    told = door.enter(shop.session_token(email="ada@example.com"))
    assert told["associatedUser"]["email"] == "ada@example.com"


def test_a_session_token_is_good_for_a_minute(door: Door, shop: Shop, clock: Clock) -> None:
    old = shop.session_token()
    clock.advance("61s")
    with pytest.raises(urllib.error.HTTPError, match="400"):
        door.enter(old)
