"""What a subscription may be: which topic, to which address, told what of each event."""

from collections.abc import Callable, Iterable
from typing import Any

from msgspec.structs import replace

from till.caller import Caller
from till.deliveries.catalog import KINDS
from till.deliveries.envelope import check_own_headers
from till.deliveries.payloads import unknown_path
from till.deliveries.wire import WebhookChangeIn, WebhookIn
from till.dialect.body import nearest
from till.errors import Forbidden, Invalid
from till.webhooks.filters import compiled
from till.webhooks.subscription import Options, State, Subscription

CheckAddress = Callable[[str], str]


class UnknownTopic(Invalid):
    """There is no such topic."""


class MissingTopicScope(Forbidden):
    """The installation was granted none of the scopes of a topic."""


class UnknownPayloadPath(Invalid):
    """No payload of the topic has what a filter or a list of fields names."""


def subscribed(
    asked: WebhookIn, caller: Caller, check: CheckAddress, *, new_id: int, at: int
) -> Subscription:
    """The subscription that is asked for; a refusal says what of it cannot be."""
    made = Subscription(
        id=new_id,
        shop_id=caller.shop.id,
        installation_id=caller.installation_id,
        topic=asked.topic,
        address=check(asked.address),
        options=Options(**asked.options),
        state=State.ACTIVE,
        reason=None,
        since=at,
        created_at=at,
        updated_at=at,
    )
    return _checked(made, caller)


def changed(
    old: Subscription, asked: WebhookChangeIn, caller: Caller, check: CheckAddress, *, at: int
) -> Subscription:
    """`old` as it shall be; the very same where nothing is asked that is not so already."""
    said: dict[str, Any] = {"topic": asked.topic} if isinstance(asked.topic, str) else {}
    if isinstance(asked.address, str) and asked.address != old.address:
        said["address"] = check(asked.address)
    new = replace(old, options=replace(old.options, **asked.options), **said)
    return old if new == old else replace(_checked(new, caller), updated_at=at)


def must_be_heard(topic: str, scopes: frozenset[str]) -> None:
    """`UnknownTopic` for one that is not there, `MissingTopicScope` for one that may not be heard."""
    kind = KINDS.get(topic)
    if kind is None:
        near = nearest(topic[:100], list(KINDS))
        raise UnknownTopic(
            f"There is no topic {topic!r}{near}: docs/reference/topics.md lists them.",
            fields={"webhook.topic": [f"is not a known topic{near}"]},
        )
    if scopes.isdisjoint(kind.scopes):
        raise MissingTopicScope(
            f"{topic} needs the scope {' or '.join(sorted(kind.scopes))}, which the installation was not "
            "granted.",
            fields={"scope": [f"{min(kind.scopes)} is missing"]},
        )


def _checked(made: Subscription, caller: Caller) -> Subscription:
    must_be_heard(made.topic, caller.scopes)
    check_own_headers(made.options.headers)
    if made.options.filter is not None:
        _must_have(made.topic, compiled(made.options.filter).paths, "webhook.filter")
    _must_have(made.topic, made.options.fields, "webhook.fields")
    return made


def _must_have(topic: str, paths: Iterable[str], field: str) -> None:
    found = unknown_path(topic, tuple(paths))
    if found is not None:
        path, near = found
        raise UnknownPayloadPath(
            f"{field} names {path!r}, which no payload of {topic} has{near}.",
            fields={field: [f"{path!r} is not in a payload of {topic}{near}"]},
        )
