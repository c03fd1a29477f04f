"""The health of an app on the wire. Additive, like its statistics."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from till.clock import DAY, iso
from till.deliveries.examples import AT
from till.dialect.out import Out, Time
from till.monitor.known import Condition, Exhausted, Facts
from till.monitor.rules import findings, worst


class CheckOut(Out, kw_only=True, frozen=True):
    """One thing that was looked at; where it is wrong in several ways or shops, one of them."""

    check: Annotated[str, Meta(examples=["deliveriesExhausted"])]
    state: Condition
    message: Annotated[str | None, Meta(description="What is wrong; null where nothing is.")]
    since: Time | None
    action: Annotated[str | None, Meta(description="What to do about it.")]
    shop: Annotated[str | None, Meta(description="The handle of the shop; null where it is of the app.")]


class HealthOut(Out, kw_only=True, frozen=True):
    """The state of all together, and every check, the worst first."""

    state: Condition
    at: Time
    checks: tuple[CheckOut, ...]


class HealthAnswer(Out, kw_only=True, frozen=True):
    """The health in its envelope."""

    health: HealthOut


def show(facts: Facts, zone: str) -> HealthOut:
    """What the rules say of the facts, with times in `zone`."""
    found = findings(facts)
    order = list(Condition)
    checks = [
        CheckOut(
            check=name,
            state=each.state,
            message=each.message,
            since=None if each.since is None else iso(each.since, zone),
            action=each.action,
            shop=each.shop,
        )
        for name, told in found.items()
        for each in told
    ]
    checks += [
        CheckOut(check=name, state=Condition.OK, message=None, since=None, action=None, shop=None)
        for name, told in found.items()
        if not told
    ]
    return HealthOut(
        state=worst(each for told in found.values() for each in told),
        at=iso(facts.at, zone),
        checks=tuple(sorted(checks, key=lambda check: -order.index(check.state))),
    )


def example() -> Any:
    facts = Facts(at=AT, exhausted=(Exhausted("demo", 17, AT - DAY // 8),))
    return msgspec.to_builtins(HealthAnswer(health=show(facts, "America/New_York")))
