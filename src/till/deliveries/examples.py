"""Examples of subscriptions for the description of the API."""

from typing import Any

import msgspec

from till.clock import EPOCH, SECOND, micros
from till.deliveries.wire import WebhookAnswer, WebhooksAnswer, show
from till.webhooks.subscription import Options, Ordering, State, Subscription

AT = micros(EPOCH.replace(year=2026, month=3, day=14, hour=15, minute=9, second=26))
ZONE = "America/New_York"
ADDRESS = "https://app.example.com/webhooks"
OPTIONS: dict[str, Any] = {
    "fields": ["id", "name", "totalPrice", "lineItems.sku"],
    "filter": "totalPrice:>100 AND currency:USD",
    "headers": {"X-Environment": "production"},
    "ordering": "per_resource",
    "rate": 10,
    "timeout": 5,
    "name": "warehouse",
}
CREATE: dict[str, Any] = {
    "documented": {"webhook": {"address": ADDRESS, "topic": "orders/create"}},
    "with options": {"webhook": {"address": ADDRESS, "topic": "orders/paid"} | OPTIONS},
}
CHANGE: dict[str, Any] = {
    "address": {"webhook": {"address": "https://app.example.com/webhooks/v2"}},
    "options": {"webhook": {"filter": None, "rate": 50, "schedule": "long"}},
}
ENABLE: dict[str, Any] = {"all that waited": {"deliveries": "all"}, "from now on": {"deliveries": "none"}}
SUBSCRIPTION = Subscription(
    id=300_157_930_096_875,
    shop_id=1,
    installation_id=300_157_930_096_001,
    topic="orders/paid",
    address=ADDRESS,
    options=Options(
        name="warehouse",
        fields=tuple(OPTIONS["fields"]),
        filter=OPTIONS["filter"],
        headers=OPTIONS["headers"],
        ordering=Ordering.PER_RESOURCE,
        rate=10.0,
        timeout=5,
    ),
    state=State.ACTIVE,
    reason=None,
    since=AT,
    created_at=AT,
    updated_at=AT,
    last_success_at=AT + 3_600 * SECOND,
)


def webhook() -> Any:
    return msgspec.to_builtins(WebhookAnswer(webhook=show(SUBSCRIPTION, ZONE)))


def webhooks() -> Any:
    return msgspec.to_builtins(WebhooksAnswer(webhooks=(show(SUBSCRIPTION, ZONE),)))
