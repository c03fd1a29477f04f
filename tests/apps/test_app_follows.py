"""An installation follows what its app is configured to be: it loses what that gave up, and gains nothing."""

import asyncio

import pytest
from msgspec import structs

from apps_of import acts, granted, installed, life, registered, told
from owing import owed, subscribe
from till.apps.installations import Installations
from till.caller import Protected

HOOK = "http://127.0.0.1:9999/configured"
SCOPES = frozenset({"read_orders", "write_orders", "write_apps"})


def follow(till, app, **change):
    """Configure `app` otherwise, as the command line does; answers what the installation is then."""
    new = structs.replace(app, **change)

    async def work(tx):
        found = await Installations(tx, till.shop).find(app.client_id)
        await life(till, tx, by="cli").follow(new, found)
        return await Installations(tx, till.shop).find(app.client_id)

    return till.run(till.parts.db.write(work, shop_id=till.shop.id))


def soon(till, is_so):
    """PostgreSQL servers believe what they saw for up to a second."""
    for _ in range(30):
        if is_so():
            return True
        till.run(asyncio.sleep(0.1))
    return False


@pytest.mark.parametrize("partner", [True, False])
def test_what_an_app_gives_up_is_taken_told_and_written_down(till, partner):
    kinds = frozenset({Protected.NAME, Protected.EMAIL})
    app = registered(till, partner=partner, scopes=SCOPES | {"read_all_orders"}, protected=kinds)
    installed(till, app, protected=kinds)
    new = follow(till, app, scopes=frozenset({"read_orders", "write_apps"}), protected={Protected.NAME})
    # A merchant's own app sees everything without being granted it.
    own = set() if partner else {"read_all_orders"}
    assert (new.scopes, new.version) == ({"read_orders", "write_apps"} | own, 2)
    assert new.protected == ({Protected.NAME} if partner else kinds)
    assert new.asked == ({"name"} if partner else set())
    topic, payload = told(till)[-1]
    gone = {"write_orders", "read_all_orders"} - own
    assert (topic, set(payload["authScope"]["removed"])) == ("app/scopesUpdate", gone)
    act = acts(till)[0]
    assert (act.kind, act.by) == ("granted", "cli")
    assert act.note.endswith(
        "; no longer declared: " + ",".join(sorted(gone)) + (",email" if partner else "")
    )


def test_what_is_given_up_is_refused_and_not_told_from_then_on(till):
    app = registered(till, scopes=SCOPES)
    _, token = installed(till, app)
    subscribe(till, token=token)
    follow(till, app, scopes=frozenset({"write_apps"}))
    till.create()
    assert owed(till) == []
    assert soon(till, lambda: till.get("/orders/count", token=token).status == 403)


def test_a_kind_that_is_given_up_is_hidden_without_a_word_about_scopes(till):
    app = registered(till, partner=True, scopes=SCOPES, protected=frozenset({Protected.EMAIL}))
    _, token = installed(till, app, protected=[Protected.EMAIL])
    order = till.create(email="ada@example.com")
    path = f"/orders/{order['orderId']}"
    assert till.get(path, token=token).order["email"] == "ada@example.com"
    follow(till, app, protected=frozenset())
    assert soon(till, lambda: till.get(path, token=token).order.get("email") is None)
    assert [topic for topic, _ in told(till)].count("app/scopesUpdate") == 0
    assert acts(till)[0].note.endswith("; no longer declared: email")


def test_what_an_app_declares_more_is_not_granted_by_that(till):
    app = registered(till, partner=True, scopes=frozenset({"read_orders"}))
    made, _ = installed(till, app)
    wider = SCOPES | {"read_all_orders"}
    assert follow(till, app, scopes=wider, protected=frozenset(Protected)) == made
    assert len(acts(till)) == 1


def test_who_gives_up_all_that_it_had_is_left_with_nothing(till):
    app = registered(till, scopes=frozenset({"read_orders"}))
    _, token = installed(till, app)
    new = follow(till, app, scopes=frozenset({"write_themes"}))
    assert new.scopes == frozenset()
    assert soon(till, lambda: till.get("/orders/count", token=token).status == 403)
    assert granted(till, structs.replace(app, scopes=SCOPES), SCOPES).scopes == SCOPES


def test_who_gives_up_writing_goes_on_reading_what_it_declares(till):
    app = registered(till, scopes=frozenset({"write_orders", "write_customers"}))
    installed(till, app)
    assert follow(till, app, scopes=frozenset({"read_orders", "write_themes"})).scopes == {"read_orders"}


def test_whoever_decides_for_a_shop_decides_about_all_that_is_declared(till):
    app = registered(till, partner=True, scopes=SCOPES | {"read_all_orders"}, protected=frozenset(Protected))
    made, _ = installed(till, app, scopes=SCOPES)
    assert made.asked == {"name", "email", "phone", "address", "read_all_orders"}
    assert granted(till, structs.replace(app, protected=frozenset()), SCOPES).asked == {"read_all_orders"}


def test_a_disabled_subscription_of_the_configuration_is_served_again_and_no_other(till):
    app = registered(till, scopes=SCOPES, webhooks={"orders/create": HOOK})
    made, token = installed(till, app)
    subscribe(till, token=token)
    till.write(
        lambda tx: tx.execute(
            """UPDATE subscriptions SET state = 'disabled', reason = 'It failed.', failing_since = 5,
            failures = 9, warned = 1, since = 5 WHERE shop_id = :s AND installation_id = :i""",
            s=till.shop.id,
            i=made.id,
        )
    )
    follow(till, app)
    sql = """SELECT origin, state, reason, failing_since, failures, warned, since > 5 FROM subscriptions
        WHERE shop_id = :s ORDER BY origin"""
    own, configured = (tuple(row) for row in till.rows(sql, s=till.shop.id))
    assert own[:6] == (0, "disabled", "It failed.", 5, 9, 1)
    assert (*configured[:6], bool(configured[6])) == (1, "active", None, None, 0, 0, True)
