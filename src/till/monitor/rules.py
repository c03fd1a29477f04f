"""What is wrong with an app, told from facts: pure, and one rule for each thing that can be."""

from collections.abc import Callable, Iterable

from till.clock import DAY, SECOND, iso
from till.deliveries.schedule import MANDATORY
from till.monitor.known import Condition, Facts, Finding, Sub
from till.web.call import CURRENT

MINUTE = 60 * SECOND
# What is due may wait so long before that is told, and before it is bad.
LATE, VERY_LATE = 5 * MINUTE, 60 * MINUTE
# Shares of the calls of a day; fewer calls than this say nothing.
FEWEST = 20
THROTTLED_SHARE = 0.01
CLIENT_SHARE, SERVER_SHARE, SERVER_BAD = 0.10, 0.01, 0.10
QUIET = 7 * DAY


Rule = Callable[[Facts], Iterable[Finding]]


def _told(each: Sub) -> str:
    return f"The subscription {each.id} to {each.topic} at {each.address}"


def subscriptions_disabled(facts: Facts) -> Iterable[Finding]:
    for each in facts.subscriptions:
        if each.state == "disabled":
            why = {"gone": "its address answered 410", "failing": "it failed for days"}.get(each.reason or "")
            yield Finding(
                state=Condition.FAILING,
                message=f"{_told(each)} is disabled: {why or each.reason or 'no reason was kept'}.",
                since=each.since,
                shop=each.shop,
                action=f"Repair the receiver, then POST /app/webhooks/{each.id}/enable; what it is owed "
                "is kept.",
            )


def subscriptions_paused(facts: Facts) -> Iterable[Finding]:
    for each in facts.subscriptions:
        if each.state == "paused":
            yield Finding(
                state=Condition.WARNING,
                message=f"{_told(each)} is paused, and its events pile up.",
                since=each.since,
                shop=each.shop,
                action=f"POST /app/webhooks/{each.id}/enable when it shall be served again.",
            )


def subscriptions_failing(facts: Facts) -> Iterable[Finding]:
    for each in facts.subscriptions:
        if each.state == "active" and each.failures and each.failing_since is not None:
            times = "once" if each.failures == 1 else f"{each.failures} times in a row"
            yield Finding(
                state=Condition.FAILING if each.failures >= 10 else Condition.WARNING,
                message=f"{_told(each)} failed {times}.",
                since=each.failing_since,
                shop=each.shop,
                action=f"See what was answered: GET /app/webhooks/{each.id}/deliveries.",
            )


def breakers_open(facts: Facts) -> Iterable[Finding]:
    for each in facts.subscriptions:
        if each.open_until is not None:
            yield Finding(
                state=Condition.FAILING,
                message=f"{_told(each)} is left alone: {each.open_reason}",
                since=each.since if each.failing_since is None else each.failing_since,
                shop=each.shop,
                action=f"Repair the receiver: it is tried again at {iso(each.open_until, 'UTC')}, or at "
                f"once by POST /app/webhooks/{each.id}/test.",
            )


def deliveries_waiting(facts: Facts) -> Iterable[Finding]:
    for each in facts.waiting:
        late = facts.at - each.due_since
        if late >= LATE:
            yield Finding(
                state=Condition.FAILING if late >= VERY_LATE else Condition.WARNING,
                message=f"{each.n} deliveries wait, the oldest has been due for {late // MINUTE} minutes.",
                since=each.due_since,
                shop=each.shop,
                action="See whether the receiver answers quickly, and whether an engine is at work.",
            )


def deliveries_exhausted(facts: Facts) -> Iterable[Finding]:
    for each in facts.exhausted:
        yield Finding(
            state=Condition.FAILING,
            message=f"{each.n} deliveries were given up in the last day.",
            since=each.first_at,
            shop=each.shop,
            action="Repair the receiver, then send them again: POST /app/webhooks/{webhookId}/recover.",
        )


def deliveries_blocked(facts: Facts) -> Iterable[Finding]:
    for each in facts.blocked:
        yield Finding(
            state=Condition.FAILING,
            message=f"{each.n} deliveries of the last day were not sent: their address may not be sent to, "
            "or what they tell of is no longer kept.",
            since=each.first_at,
            shop=each.shop,
            action="See why: GET /app/webhooks/{webhookId}/deliveries?state=blocked; then set the address "
            "right and send them again: POST /app/webhooks/{webhookId}/recover.",
        )


def rate_limit(facts: Facts) -> Iterable[Finding]:
    for each in facts.traffic:
        if each.calls >= FEWEST and each.throttled and each.throttled >= each.calls * THROTTLED_SHARE:
            yield Finding(
                state=Condition.WARNING,
                message=f"{each.throttled} of {each.calls} calls of the last day were over the rate limit.",
                since=each.throttled_since,
                shop=each.shop,
                action="Spread the calls, wait as Retry-After says, and use webhooks instead of polling.",
            )


def client_errors(facts: Facts) -> Iterable[Finding]:
    for each in facts.traffic:
        errors = each.client_errors - each.throttled
        if each.calls >= FEWEST and errors > each.calls * CLIENT_SHARE:
            yield Finding(
                state=Condition.WARNING,
                message=f"{errors} of {each.calls} calls of the last day were refused.",
                since=each.client_since,
                shop=each.shop,
                action="See which, and why: GET /app/requests?status=4xx.",
            )


def server_errors(facts: Facts) -> Iterable[Finding]:
    for each in facts.traffic:
        if each.calls >= FEWEST and each.server_errors > each.calls * SERVER_SHARE:
            bad = each.server_errors > each.calls * SERVER_BAD
            yield Finding(
                state=Condition.FAILING if bad else Condition.WARNING,
                message=f"{each.server_errors} of {each.calls} calls of the last day failed on the server.",
                since=each.server_since,
                shop=each.shop,
                action="Repeat them with the same Idempotency-Key; their ids: GET /app/requests?status=5xx.",
            )


def unknown_version(facts: Facts) -> Iterable[Finding]:
    for each in facts.traffic:
        if each.unknown:
            yield Finding(
                state=Condition.FAILING,
                message=f"{each.unknown} calls of the last day named an API version that is not there.",
                since=each.unknown_since,
                shop=each.shop,
                action=f"Call /api/{CURRENT}; which calls those were: GET /app/requests?status=4xx.",
            )


def deprecated_calls(facts: Facts) -> Iterable[Finding]:
    for each in facts.deprecated:
        yield Finding(
            state=Condition.WARNING,
            message=f"{each.called} is deprecated, and was called {each.n} times in two weeks.",
            since=each.since,
            action=f"Call {each.instead} instead.",
        )


def scopes_missing(facts: Facts) -> Iterable[Finding]:
    for each in facts.installations:
        if each.missing:
            yield Finding(
                state=Condition.WARNING,
                message=f"The app declares {', '.join(each.missing)}, which was not granted.",
                since=each.since if each.granted_at is None else each.granted_at,
                shop=each.shop,
                action="Let the merchant open the app, so that the scopes are asked for again.",
            )


def secret_rotation(facts: Facts) -> Iterable[Finding]:
    until = facts.previous_until
    if until is None or until <= facts.at:
        return
    if facts.is_old_signing:
        message = (
            "The client secret was changed, and the old one still signs X-Genstore-Hmac-Sha256 until {}."
        )
        action = "Give the new secret to all receivers, then `till app switch-secret`."
    else:
        message = "The client secret was changed; the old one is still accepted until {}."
        action = "Let all that use it have the new one by then."
    yield Finding(
        state=Condition.WARNING,
        message=message.format(iso(until, "UTC")),
        since=facts.previous_since,
        action=action,
    )


def compliance_addresses(facts: Facts) -> Iterable[Finding]:
    missing = sorted(MANDATORY - facts.configured)
    if facts.is_partner and missing:
        yield Finding(
            state=Condition.FAILING,
            message=f"A partner app must hear of {', '.join(missing)}, and has no address for it.",
            since=facts.since,
            action="Name the addresses in the app's configuration: `till app set` or genstore.app.toml.",
        )


def redirect_urls(facts: Facts) -> Iterable[Finding]:
    if facts.is_partner and not facts.has_redirects:
        yield Finding(
            state=Condition.WARNING,
            message="The app has no redirect URL, so nobody can install it through the browser.",
            since=facts.since,
            action="Name at least one in the app's configuration: `till app set` or genstore.app.toml.",
        )


def traffic_missing(facts: Facts) -> Iterable[Finding]:
    for each in facts.installations:
        last = each.since if each.heard_at is None else max(each.since, each.heard_at)
        if facts.at - last >= QUIET:
            yield Finding(
                state=Condition.WARNING,
                message="The app is installed, but neither called the API nor took a webhook for a week.",
                since=last,
                shop=each.shop,
                action="See whether it runs, and whether its token is still good: GET /oauth2/access_scopes.",
            )


RULES: dict[str, Rule] = {
    "subscriptionsDisabled": subscriptions_disabled,
    "subscriptionsFailing": subscriptions_failing,
    "subscriptionsPaused": subscriptions_paused,
    "breakersOpen": breakers_open,
    "deliveriesWaiting": deliveries_waiting,
    "deliveriesExhausted": deliveries_exhausted,
    "deliveriesBlocked": deliveries_blocked,
    "rateLimit": rate_limit,
    "clientErrors": client_errors,
    "serverErrors": server_errors,
    "unknownVersion": unknown_version,
    "deprecatedCalls": deprecated_calls,
    "scopesMissing": scopes_missing,
    "secretRotation": secret_rotation,
    "complianceAddresses": compliance_addresses,
    "redirectUrls": redirect_urls,
    "noTraffic": traffic_missing,
}


def findings(facts: Facts) -> dict[str, list[Finding]]:
    """What each rule finds; nothing where all is well."""
    return {name: list(rule(facts)) for name, rule in RULES.items()}


def worst(found: Iterable[Finding]) -> Condition:
    """The state of all together."""
    order = list(Condition)
    return max((each.state for each in found), key=order.index, default=Condition.OK)
