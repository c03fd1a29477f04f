"""What an app is told without having subscribed, and the last word to one that has gone."""

import base64
import hashlib
import hmac
import json

from msgspec import structs

from apps_of import ALL, SECRET, granted, installed, life, registered, sealer_of, uninstalled
from owing import HERE, owed, subscribe
from till import clock
from till.apps.preinstall import preinstall
from till.apps.store import Apps
from till.clock import DAY
from till.deliveries.retention import Keep, prune

ORIGINS = "SELECT topic, address, origin FROM subscriptions WHERE shop_id = :s ORDER BY topic, origin"


def signed_with(secret, got):
    mac = hmac.new(secret.encode(), got.body, hashlib.sha256).digest()
    return got.header("x-genstore-hmac-sha256") == base64.b64encode(mac).decode()


def rotated(till, app, secret, *, grace=0):
    sealed = sealer_of(till).seal(secret, about=app.client_id)
    till.write(lambda tx: Apps(tx).rotate_secret(app.client_id, sealed, grace=grace, at=clock.now()))


def came(alive, receiver, path):
    """What has come on this path, once something has."""
    alive.parts.wakes.wrote(alive.shop.id)
    alive.run(receiver.arrived(1, path=path))
    return receiver.seen(path)


def origins(till):
    return [tuple(row) for row in till.rows(ORIGINS, s=till.shop.id)]


def test_what_the_configuration_names_is_told_from_the_installation_on(alive, receiver):
    hooks = {"app/installed": receiver.url("/in"), "orders/create": receiver.url("/orders")}
    app = registered(alive, webhooks=hooks, scopes=frozenset({"write_apps", "read_orders"}))
    made, token = installed(alive, app)
    (first,) = came(alive, receiver, "/in")
    assert json.loads(first.body)["app"]["installationId"] == str(made.id)
    assert signed_with(SECRET, first)
    alive.create()
    came(alive, receiver, "/orders")
    assert alive.get("/app/webhooks", token=token).json == {"webhooks": []}
    assert alive.get("/app/webhooks/count", token=token).json == {"count": 0}


def test_the_configuration_lets_nobody_hear_more_than_the_merchant_did(till):
    hooks = {"orders/create": HERE, "customers/redact": HERE, "app/scopesUpdate": HERE}
    app = registered(till, webhooks=hooks, scopes=frozenset({"read_products", "read_orders"}))
    installed(till, app, scopes=["read_products"])
    till.create()
    assert owed(till) == []
    granted(till, app, ["read_products", "read_orders"])
    till.create()
    granted(till, app, ["read_products"])
    till.create()
    rows = till.rows("SELECT topic FROM deliveries WHERE shop_id = :s ORDER BY id", s=till.shop.id)
    # Without a scope for it, an app hears of itself, and what the law wants told.
    assert [row[0] for row in rows] == ["app/scopesUpdate", "orders/create", "app/scopesUpdate"]


def test_what_waits_for_an_address_that_was_wrong_goes_to_the_right_one(till):
    app = registered(till, webhooks={"orders/create": f"{HERE}/old", "orders/update": f"{HERE}/gone"})
    made, _ = installed(till, app)
    order = till.create()
    till.put(f"/orders/{order['orderId']}", {"order": {"note": "x"}})
    right = structs.replace(app, webhooks={"orders/create": f"{HERE}/new"})

    async def mend(tx):
        await Apps(tx).put(right)
        await life(till, tx).follow(right, made)

    till.run(till.parts.db.write(mend, shop_id=till.shop.id))
    assert {row[3]: row[1] for row in owed(till)} == {f"{HERE}/new": 0, f"{HERE}/gone": 5}
    till.create()
    assert [row[3] for row in owed(till)].count(f"{HERE}/new") == 2


def test_what_an_app_subscribed_itself_is_not_sent_twice(till):
    app = registered(till, webhooks={"orders/create": HERE})
    _, token = installed(till, app)
    subscribe(till, token=token)
    till.create()
    assert [row[3] for row in owed(till)] == [HERE]


def test_what_the_configuration_names_is_not_the_apps_to_change(till):
    app = registered(till, webhooks={"orders/create": "http://127.0.0.1:9999/configured"})
    _, token = installed(till, app)
    (id_,) = till.rows("SELECT id FROM subscriptions WHERE shop_id = :s", s=till.shop.id)[0]
    assert till.get(f"/app/webhooks/{id_}", token=token).status == 404
    assert till.run(till.ask("DELETE", f"/app/webhooks/{id_}", token=token)).status == 404
    # The same wish of its own stands beside it.
    subscribe(till, address="http://127.0.0.1:9999/configured", token=token)
    assert [origin for _, _, origin in origins(till)] == [0, 1]


def test_the_last_word_is_signed_with_the_secret_of_that_moment(alive, receiver):
    app = registered(alive)
    made, token = installed(alive, app)
    subscribe(alive, topic="app/uninstalled", address=receiver.url("/bye"), token=token)
    uninstalled(alive, app)
    rotated(alive, app, "another secret")
    (got,) = came(alive, receiver, "/bye")
    assert json.loads(got.body)["uninstalled"]["installationId"] == str(made.id)
    assert signed_with(SECRET, got)


def test_during_a_rotation_the_last_word_has_the_secret_that_signs_then(till):
    app = registered(till)
    _, token = installed(till, app)
    subscribe(till, topic="app/uninstalled", token=token)
    rotated(till, app, "the next secret", grace=DAY)
    uninstalled(till, app)
    ((secret,),) = till.rows("SELECT secret FROM subscriptions WHERE shop_id = :s", s=till.shop.id)
    assert sealer_of(till).unseal(bytes(secret), about=app.client_id) == SECRET


def test_one_address_hears_of_an_uninstall_once_and_a_paused_one_not(till):
    app = registered(till, webhooks={"app/uninstalled": "http://127.0.0.1:9999/bye"})
    _, token = installed(till, app)
    subscribe(till, topic="app/uninstalled", address="http://127.0.0.1:9999/bye", token=token)
    paused = subscribe(till, topic="app/uninstalled", address="http://127.0.0.1:9999/paused", token=token)
    assert till.post(f"{paused}/disable", token=token).status == 200
    subscribe(till, topic="orders/create", address="http://127.0.0.1:9999/bye", token=token)
    uninstalled(till, app)
    assert origins(till) == [("app/uninstalled", "http://127.0.0.1:9999/bye", 2)]
    rows = till.rows("SELECT topic, state FROM deliveries WHERE shop_id = :s", s=till.shop.id)
    assert [tuple(row) for row in rows] == [("app/uninstalled", 0)]


def test_who_has_heard_the_last_word_is_forgotten_a_day_later(alive, receiver):
    app = registered(alive, webhooks={"app/uninstalled": receiver.url("/bye")})
    installed(alive, app)
    uninstalled(alive, app)
    came(alive, receiver, "/bye")
    assert [origin for _, _, origin in origins(alive)] == [2]
    alive.run(prune(alive.parts.db, at=clock.now() + DAY // 2, keep=Keep()))
    assert len(origins(alive)) == 1
    alive.run(prune(alive.parts.db, at=clock.now() + 2 * DAY, keep=Keep()))
    assert origins(alive) == []


def test_the_last_word_waits_for_a_receiver_that_is_down(till):
    app = registered(till, webhooks={"app/uninstalled": "http://127.0.0.1:9/bye"})
    installed(till, app)
    uninstalled(till, app)
    till.run(prune(till.parts.db, at=clock.now() + 2 * DAY, keep=Keep()))
    assert len(origins(till)) == 1


def test_a_late_last_word_names_the_installation_that_has_gone(alive, receiver):
    app = registered(alive)
    first, token = installed(alive, app)
    subscribe(alive, topic="app/uninstalled", address=receiver.url("/bye"), token=token)
    uninstalled(alive, app)
    second, fresh = installed(alive, app)
    (got,) = came(alive, receiver, "/bye")
    told = json.loads(got.body)["uninstalled"]
    assert told["installationId"] == str(first.id) != str(second.id)
    assert alive.get("/oauth2/access_scopes", token=fresh).status == 200
    # The fresh one has nothing of the old: it subscribes anew, and hears no word meant for the other.
    assert alive.get("/app/webhooks/count", token=fresh).json == {"count": 0}
    topics = [each["topic"] for each in alive.get("/events", token=fresh).json["events"]]
    assert topics == ["app/installed"]


def test_a_grant_that_takes_a_scope_away_ends_what_it_let_the_app_hear(till):
    app = registered(till)
    _, token = installed(till, app)
    subscribe(till, token=token)
    till.create()
    granted(till, app, ALL - {"read_orders", "write_orders"})
    till.create()
    rows = till.rows("SELECT count(*) FROM deliveries WHERE shop_id = :s", s=till.shop.id)
    assert rows[0][0] == 1


def test_a_preinstalled_app_is_sent_a_code_from_the_founding_of_a_shop_on(alive, receiver):
    hooks = {"app/authorizationCodeGranted": receiver.url("/code")}
    app = registered(alive, webhooks=hooks, preinstalled=True)
    shop = alive.found("second")
    mint, at = alive.parts.lease.minter, clock.now()
    alive.run(alive.parts.db.write(lambda tx: preinstall(tx, shop, at=at, mint=mint), shop_id=shop.id))
    (got,) = came(alive, receiver, "/code")
    told = json.loads(got.body)["authCode"]
    assert (told["clientId"], told["shopId"]) == (app.client_id, shop.id)
    assert len(told["code"]) == 32
    assert signed_with(SECRET, got)
