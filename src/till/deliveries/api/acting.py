"""What the endpoints of subscriptions and deliveries share: whose they are, and how they are answered."""

from typing import Any

import msgspec

from till.caller import Caller
from till.deliveries.envelope import spell_id
from till.deliveries.log import Log
from till.deliveries.log_wire import DeliveryAnswer
from till.deliveries.log_wire import show as show_delivery
from till.deliveries.store import Subscriptions, no_webhook
from till.deliveries.wire import WebhookAnswer, show
from till.dialect.scalars import documented
from till.shop import Fidelity
from till.web.call import Answer, Call, path_id
from till.webhooks.subscription import Subscription

READ = frozenset({"read_apps", "write_apps"})
WRITE = frozenset({"write_apps"})
GROUP = "Webhooks"


def of_app(caller: Caller, _: Any) -> Any:
    """What two writes on the subscriptions of one installation may not both touch."""
    return ("webhooks", caller.installation_id)


# What endpoints declare that send something again, and those that change what is owed to whom.
SENDS: dict[str, Any] = {"scopes": WRITE, "key": of_app, "group": GROUP, "source": "additive"}
CHANGES: dict[str, Any] = {"scopes": WRITE, "alone": True, "group": GROUP, "source": "additive"}


def store_of(call: Call) -> Subscriptions:
    return Subscriptions(call.tx, call.caller.shop.id, call.caller.installation_id)


async def find(call: Call, text: str) -> Subscription:
    """The subscription that a path names; `WebhookNotFound` for one that is not this app's here."""
    return await store_of(call).get(path_id(text, no_webhook))


def log_of(call: Call) -> Log:
    return Log(call.tx, call.caller.shop.id, call.caller.installation_id)


async def sent_answer(call: Call, to: Subscription, delivery_id: bytes) -> Answer:
    """A delivery that was just made, in its envelope."""
    made = await log_of(call).get(spell_id(delivery_id), subscription_id=to.id)
    return answer(call, DeliveryAnswer(delivery=show_delivery(made)))


def answer(call: Call, shown: object, status: int = 200) -> Answer:
    """`shown` in the profile that is asked for."""
    if call.fidelity is Fidelity.DOCUMENTED:
        shown = documented(msgspec.to_builtins(shown))
    return Answer(msgspec.json.encode(shown), status=status)


def one(call: Call, subscription: Subscription, status: int = 200) -> Answer:
    """The subscription in its envelope."""
    return answer(call, WebhookAnswer(webhook=show(subscription, call.caller.shop.timezone)), status)
