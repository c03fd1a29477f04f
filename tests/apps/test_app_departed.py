"""Two days after it was uninstalled, an app is told to forget the shop, and is itself forgotten."""

import base64
import hashlib
import hmac
import json

import pytest

from apps_of import SECRET, acts, installed, registered, sealer_of, told, uninstalled
from engines import MovedClock
from inside import inside
from owing import HERE, end, subscribe
from till import clock
from till.apps.life import FORGET_AFTER
from till.apps.store import AppNotFound, Apps
from till.clock import DAY, SECOND
from till.privacy.departed import forget_departed


@pytest.fixture
def moved():
    return MovedClock()


@pytest.fixture
def alive(run, store, moved):
    with inside(run, work=True, now=moved, **store) as server:
        yield server


def forget(till, *, later=FORGET_AFTER + SECOND):
    at = till.parts.api._lent.clock() + later
    return till.run(forget_departed(till.parts.db, at=at, mint=till.parts.lease.minter))


def test_who_left_is_told_to_forget_the_shop_once_and_in_time(alive, receiver, moved):
    app = registered(alive, webhooks={"shop/redact": receiver.url("/redact")}, partner=True)
    made, _ = installed(alive, app)
    uninstalled(alive, app)
    assert forget(alive, later=FORGET_AFTER - 10 * SECOND) == 0
    assert [act.kind for act in acts(alive)] == ["uninstalled", "installed"]
    moved.move((FORGET_AFTER + SECOND) // SECOND)
    assert forget(alive, later=0) == 1
    assert forget(alive, later=0) == 0
    alive.parts.wakes.wrote(alive.shop.id)
    alive.run(receiver.arrived(1, path="/redact"))
    (got,) = receiver.seen("/redact")
    assert got.header("x-genstore-topic") == "shop/redact"
    mac = hmac.new(SECRET.encode(), got.body, hashlib.sha256).digest()
    assert got.header("x-genstore-hmac-sha256") == base64.b64encode(mac).decode()
    assert str(alive.shop.id) in json.dumps(json.loads(got.body))
    (act, *_) = acts(alive)
    assert (act.kind, act.by, act.installation_id, act.note) == ("redacted", "till", made.id, None)


def test_who_came_back_is_not_told_to_forget(till):
    app = registered(till, webhooks={"shop/redact": f"{HERE}/redact"})
    installed(till, app)
    uninstalled(till, app)
    installed(till, app)
    assert forget(till) == 0
    rows = till.rows(
        "SELECT count(*) FROM events WHERE shop_id = :s AND topic = 'shop/redact'", s=till.shop.id
    )
    assert rows[0][0] == 0


def test_what_was_sent_to_who_left_is_removed_and_what_others_were_sent_stays(till):
    app, other = registered(till), registered(till)
    _, token = installed(till, app)
    _, others = installed(till, other)
    subscribe(till, token=token, fields=["id"])
    subscribe(till, address=f"{HERE}/others", token=others, fields=["id"])
    till.create(email="ada@example.com")
    end(till, 2)
    uninstalled(till, app)
    assert forget(till) == 1
    left = till.rows("SELECT address FROM deliveries WHERE shop_id = :s", s=till.shop.id)
    assert [row[0] for row in left] == [f"{HERE}/others"]
    assert len(till.rows("SELECT 1 FROM event_forms WHERE shop_id = :s", s=till.shop.id)) == 1
    (act, *_) = acts(till)
    assert (act.kind, act.note) == ("redacted", "The app names no address for shop/redact.")


def test_the_last_word_that_is_still_owed_is_not_forgotten(till):
    app = registered(till, webhooks={"app/uninstalled": f"{HERE}/bye"})
    installed(till, app)
    uninstalled(till, app)
    assert forget(till) == 1
    rows = till.rows("SELECT topic, state FROM deliveries WHERE shop_id = :s", s=till.shop.id)
    assert [tuple(row) for row in rows] == [("app/uninstalled", 0)]


def test_who_comes_back_is_not_told_late_to_forget_the_shop(till):
    app = registered(till, webhooks={"shop/redact": f"{HERE}/redact"})
    made, _ = installed(till, app)
    uninstalled(till, app)
    assert forget(till) == 1
    (payload,) = (payload for topic, payload in told(till) if topic == "shop/redact")
    assert payload["shopRedact"]["installationId"] == str(made.id)
    owed = "SELECT state, reason FROM deliveries WHERE shop_id = :s AND topic = 'shop/redact'"
    assert [row[0] for row in till.rows(owed, s=till.shop.id)] == [0]
    installed(till, app)
    assert [tuple(row) for row in till.rows(owed, s=till.shop.id)] == [(5, "The app was installed again.")]


def test_one_that_cannot_be_forgotten_keeps_no_other_waiting(till):
    lost, app = registered(till), registered(till)
    for each in (lost, app):
        installed(till, each)
        uninstalled(till, each)
    till.write(lambda tx: tx.execute("DELETE FROM apps WHERE client_id = :c", c=lost.client_id))
    with pytest.raises(AppNotFound):
        forget(till)
    assert next(act.kind for act in acts(till, app.client_id)) == "redacted"


def test_during_a_rotation_the_word_to_forget_is_signed_as_all_others_are(till):
    app = registered(till, webhooks={"shop/redact": f"{HERE}/redact"})
    installed(till, app)
    uninstalled(till, app)
    sealed, at = sealer_of(till).seal("the next secret", about=app.client_id), clock.now()
    till.write(lambda tx: Apps(tx).rotate_secret(app.client_id, sealed, grace=3 * DAY, at=at))
    assert forget(till) == 1
    sql = "SELECT secret FROM subscriptions WHERE shop_id = :s AND topic = 'shop/redact'"
    ((secret,),) = till.rows(sql, s=till.shop.id)
    assert sealer_of(till).unseal(bytes(secret), about=app.client_id) == SECRET
