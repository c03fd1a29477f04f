"""An app that every new shop has: no browser brings its code, so a webhook does (genstore.md §8.4)."""

from oauth_hall import SCOPES

from apps_of import told
from till.apps.codes import SENT_LIFE
from till.apps.preinstall import preinstall
from till.clock import SECOND

HOOKS = {"app/authorizationCodeGranted": "http://127.0.0.1:9999/code"}


def founded(hall):
    """A new shop, with what is told of the code."""
    hall.make_app(preinstalled=True, webhooks=HOOKS)
    shop, mint = hall.till.found("second"), hall.till.parts.lease.minter
    at = hall.ticking()
    hall.till.write(lambda tx: preinstall(tx, shop, at=at, mint=mint))
    (granted,) = (payload["authCode"] for topic, payload in told(hall.till, shop) if "Granted" in topic)
    return shop, granted


def test_the_code_that_was_sent_is_exchanged_without_a_browser(hall):
    shop, granted = founded(hall)
    assert (granted["clientId"], granted["shopId"]) == (hall.app.client_id, shop.id)
    reply = hall.exchange(granted["code"], host="second.localhost")
    assert (reply.status, reply.json["scope"]) == (200, ",".join(sorted(SCOPES)))
    assert reply.headers["x-till-installation"] == granted["installationId"]
    assert hall.status(reply.json["accessToken"]) == 200
    assert hall.exchange(granted["code"], host="second.localhost").json["code"] == "invalid_grant"


def test_it_waits_as_long_as_its_webhook_may_be_retried_and_no_longer(hall):
    _, granted = founded(hall)
    hall.ticking.ahead = SENT_LIFE + SECOND
    assert hall.exchange(granted["code"], host="second.localhost").json["code"] == "invalid_grant"


def test_shops_that_were_there_before_do_not_have_it(hall):
    hall.make_app(preinstalled=True, webhooks=HOOKS)
    assert told(hall.till) == []
