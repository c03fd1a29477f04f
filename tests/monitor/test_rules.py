"""What is wrong with an app, by a table of facts: each rule finds what it should, and nothing else."""

import pytest
from msgspec import structs

from till.clock import DAY, SECOND
from till.deliveries.schedule import MANDATORY
from till.monitor.known import Blocked, Exhausted, Facts, Granted, Old, Sub, Traffic, Waiting
from till.monitor.known import Condition as Is
from till.monitor.rules import FEWEST, MINUTE, QUIET, RULES, findings, worst

AT = 1_770_000_000 * SECOND
WELL = Facts(
    at=AT,
    installations=(Granted("demo", AT - 30 * DAY, heard_at=AT - DAY),),
    traffic=(Traffic(shop="demo"),),
)


def sub(**more):
    told = {
        "id": 7,
        "shop": "demo",
        "topic": "orders/paid",
        "address": "https://a.example/hook",
        "state": "active",
        "reason": None,
        "since": AT - DAY,
    }
    return Sub(**told | more)


def traffic(**more):
    return Traffic(shop="demo", **{"calls": 100} | more)


CASES = [
    ({"subscriptions": (sub(),)}, {}),
    (
        {"subscriptions": (sub(state="disabled", reason="gone"),)},
        {"subscriptionsDisabled": Is.FAILING},
    ),
    (
        {"subscriptions": (sub(state="disabled", reason="failing"),)},
        {"subscriptionsDisabled": Is.FAILING},
    ),
    ({"subscriptions": (sub(state="paused"),)}, {"subscriptionsPaused": Is.WARNING}),
    (
        {"subscriptions": (sub(failures=1, failing_since=AT - MINUTE),)},
        {"subscriptionsFailing": Is.WARNING},
    ),
    (
        {"subscriptions": (sub(failures=10, failing_since=AT - MINUTE),)},
        {"subscriptionsFailing": Is.FAILING},
    ),
    (
        {"subscriptions": (sub(failures=9, state="paused", failing_since=AT),)},
        {"subscriptionsPaused": Is.WARNING},
    ),
    (
        {"subscriptions": (sub(open_until=AT + MINUTE, open_reason="5 attempts in a row got no answer."),)},
        {"breakersOpen": Is.FAILING},
    ),
    ({"waiting": (Waiting("demo", 3, AT - 4 * MINUTE),)}, {}),
    ({"waiting": (Waiting("demo", 3, AT - 5 * MINUTE),)}, {"deliveriesWaiting": Is.WARNING}),
    ({"waiting": (Waiting("demo", 3, AT - 60 * MINUTE),)}, {"deliveriesWaiting": Is.FAILING}),
    ({"exhausted": (Exhausted("demo", 1, AT - MINUTE),)}, {"deliveriesExhausted": Is.FAILING}),
    ({"traffic": (traffic(),)}, {}),
    ({"traffic": (traffic(calls=1_000, throttled=9, client_errors=9),)}, {}),
    ({"traffic": (traffic(throttled=1, client_errors=1),)}, {"rateLimit": Is.WARNING}),
    ({"traffic": (traffic(throttled=90, client_errors=90),)}, {"rateLimit": Is.WARNING}),
    ({"traffic": (traffic(client_errors=10),)}, {}),
    ({"traffic": (traffic(client_errors=11),)}, {"clientErrors": Is.WARNING}),
    ({"traffic": (traffic(calls=FEWEST - 1, client_errors=FEWEST - 1),)}, {}),
    ({"traffic": (traffic(server_errors=1),)}, {}),
    ({"traffic": (traffic(server_errors=2),)}, {"serverErrors": Is.WARNING}),
    ({"traffic": (traffic(server_errors=11),)}, {"serverErrors": Is.FAILING}),
    (
        {"deprecated": (Old("GET /api/202410/orders", "GET /api/202412/orders", 3, AT - DAY),)},
        {"deprecatedCalls": Is.WARNING},
    ),
    (
        {"installations": (Granted("demo", AT - DAY, ("write_orders",)),)},
        {"scopesMissing": Is.WARNING},
    ),
    ({"previous_until": AT - 1, "is_old_signing": True}, {}),
    ({"previous_until": AT + DAY}, {"secretRotation": Is.WARNING}),
    ({"previous_until": AT + DAY, "is_old_signing": True}, {"secretRotation": Is.WARNING}),
    ({"configured": frozenset()}, {}),
    ({"configured": frozenset(), "is_partner": True}, {"complianceAddresses": Is.FAILING}),
    ({"configured": MANDATORY, "is_partner": True}, {}),
    ({"has_redirects": False}, {}),
    ({"has_redirects": False, "is_partner": True}, {"redirectUrls": Is.WARNING}),
    ({"installations": (Granted("demo", AT - QUIET, heard_at=AT - QUIET),)}, {"noTraffic": Is.WARNING}),
    ({"installations": (Granted("demo", AT - QUIET, heard_at=AT - QUIET + 1),)}, {}),
    ({"installations": (Granted("demo", AT - QUIET),)}, {"noTraffic": Is.WARNING}),
    ({"installations": (Granted("demo", AT - DAY),)}, {}),
    ({"installations": (Granted("demo", AT - DAY, heard_at=AT - 9 * DAY),)}, {}),
    ({"installations": (Granted("a", AT - QUIET), WELL.installations[0])}, {"noTraffic": Is.WARNING}),
    ({"installations": ()}, {}),
    ({"blocked": (Blocked("demo", 1, AT - MINUTE),)}, {"deliveriesBlocked": Is.FAILING}),
    ({"traffic": (traffic(calls=FEWEST - 1, throttled=5, client_errors=5),)}, {}),
    ({"traffic": (traffic(calls=FEWEST, throttled=1, client_errors=1),)}, {"rateLimit": Is.WARNING}),
    ({"traffic": (traffic(calls=1, unknown=1, unknown_since=AT),)}, {"unknownVersion": Is.FAILING}),
]


@pytest.mark.parametrize(("facts", "wrong"), CASES)
def test_each_rule_finds_what_is_wrong_and_nothing_else(facts, wrong):
    told = findings(structs.replace(WELL, **facts))
    assert {name: worst(found) for name, found in told.items() if found} == wrong
    for found in told.values():
        for each in found:
            assert each.message.endswith("."), each
            assert each.action.endswith("."), each


def test_the_table_has_every_rule():
    assert {name for _, wrong in CASES for name in wrong} == set(RULES)


def test_a_finding_says_where_since_when_and_what_to_do():
    facts = structs.replace(
        WELL, subscriptions=(sub(state="disabled", reason="gone"),), waiting=(Waiting("demo", 3, AT - DAY),)
    )
    (gone,), (late,) = findings(facts)["subscriptionsDisabled"], findings(facts)["deliveriesWaiting"]
    assert (gone.shop, gone.since) == ("demo", AT - DAY)
    assert "answered 410" in gone.message
    assert "POST /app/webhooks/7/enable" in gone.action
    assert "1440 minutes" in late.message


def test_the_worst_state_is_that_of_all():
    assert worst([]) is Is.OK
    facts = structs.replace(WELL, exhausted=(Exhausted("demo", 1, AT),), subscriptions=(sub(state="paused"),))
    assert worst(each for found in findings(facts).values() for each in found) is Is.FAILING
