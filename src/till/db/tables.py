"""Every table with its key and its columns: what copies, exports and moves a shop reads them here.

`tests/store/test_tables.py` compares the list with the schema of both stores.
"""

from msgspec import Struct


class Table(Struct, frozen=True):
    """`key` orders the rows; `owned` says that every row belongs to a shop, whose id leads the key.

    The rows of one that is `wide` may have many megabytes each.
    """

    name: str
    key: tuple[str, ...]
    rest: tuple[str, ...]
    owned: bool = True
    wide: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.key, *self.rest)


DIRECTORY = (
    Table("facts", ("name",), ("value",), owned=False),
    Table(
        "shops",
        ("id",),
        ("handle", "currency", "timezone", "settings", "rendering", "created_at"),
        owned=False,
    ),
    Table(
        "apps",
        ("client_id",),
        (
            "name",
            "scopes",
            "partner",
            "secret",
            "created_at",
            "previous_secret",
            "previous_until",
            "compat_previous",
            "handle",
            "application_url",
            "redirect_urls",
            "embedded",
            "protected",
            "webhooks",
            "preinstalled",
            "previous_since",
        ),
        owned=False,
    ),
    Table(
        "tokens",
        ("digest",),
        ("shop_id", "installation_id", "created_at", "revoked_at", "kind", "person_id", "expires_at", "code"),
        owned=False,
    ),
    Table(
        "codes",
        ("digest",),
        (
            "shop_id",
            "installation_id",
            "person_id",
            "redirect_url",
            "challenge",
            "online",
            "created_at",
            "expires_at",
            "used_at",
        ),
        owned=False,
    ),
    Table("people", ("id",), ("email", "name", "password", "created_at", "deactivated_at"), owned=False),
    Table(
        "invitations",
        ("digest",),
        ("shop_id", "email", "role", "created_at", "expires_at", "used_at"),
        owned=False,
    ),
)
OWNED = (
    Table("counters", ("shop_id",), ("order_number", "event_number", "subscriptions_version")),
    Table(
        "installations",
        ("shop_id", "id"),
        (
            "client_id",
            "scopes",
            "protected",
            "fidelity",
            "created_at",
            "uninstalled_at",
            "version",
            "asked",
            "redact_at",
        ),
    ),
    Table(
        "app_history",
        ("shop_id", "id"),
        ("client_id", "installation_id", "kind", "at", "by", "reason", "note"),
    ),
    Table("memberships", ("shop_id", "person_id"), ("role", "created_at")),
    Table(
        "orders",
        ("shop_id", "id"),
        (
            "number",
            "version",
            "status",
            "created_at",
            "updated_at",
            "processed_at",
            "source_name",
            "rendering",
            "body",
            "answer",
            "due_at",
        ),
    ),
    Table("order_parts", ("shop_id", "kind", "id", "order_id"), ("created_at",)),
    Table("order_timeline", ("shop_id", "order_id", "id"), ("at", "body")),
    Table("order_counts", ("shop_id", "day", "status"), ("n",)),
    Table(
        "changes",
        ("shop_id", "number"),
        ("id", "resource_id", "resource_version", "occurred_at", "payload", "installation_id"),
    ),
    Table("events", ("shop_id", "number"), ("id", "change_number", "topic", "payload")),
    Table("event_forms", ("shop_id", "number", "form"), ("payload",)),
    Table(
        "subscriptions",
        ("shop_id", "id"),
        (
            "installation_id",
            "topic",
            "address",
            "options",
            "state",
            "reason",
            "since",
            "created_at",
            "updated_at",
            "last_success_at",
            "failing_since",
            "failures",
            "warned",
            "origin",
            "secret",
        ),
    ),
    Table("former_subscriptions", ("shop_id", "installation_id", "id"), ("at",)),
    Table(
        "deliveries",
        ("shop_id", "id"),
        (
            "subscription_id",
            "installation_id",
            "event_number",
            "topic",
            "resource_id",
            "form",
            "address",
            "ordered",
            "state",
            "reason",
            "run_at",
            "token",
            "attempts",
            "failures",
            "created_at",
            "ended_at",
            "replay_of",
        ),
    ),
    Table(
        "attempts",
        ("shop_id", "delivery_id", "number"),
        (
            "subscription_id",
            "started_at",
            "micros",
            "status",
            "error",
            "counted",
            "bytes_read",
            "details",
            "response",
        ),
    ),
    Table(
        "delivery_counts",
        ("shop_id", "subscription_id", "hour", "outcome", "bucket"),
        ("n", "micros"),
    ),
    Table(
        "customers",
        ("shop_id", "number"),
        (
            "id",
            "created_at",
            "updated_at",
            "currency",
            "orders_count",
            "total_spent",
            "last_order_id",
            "first_name",
            "last_name",
            "email",
            "phone",
            "note",
            "tags",
            "state",
            "verified_email",
            "tax_exempt",
            "tax_exemptions",
            "subscribed_at",
            "addresses",
            "words",
        ),
    ),
    Table("customer_keys", ("shop_id", "kind", "value"), ("number",)),
    Table(
        "erasures",
        ("shop_id", "id"),
        (
            "kind",
            "customer",
            "state",
            "asked_by",
            "reason",
            "forced",
            "requested_at",
            "due_at",
            "next_at",
            "ended_at",
            "revoked_by",
            "change_number",
        ),
    ),
    Table(
        "themes",
        ("shop_id", "id"),
        ("name", "status", "reason", "version", "revision", "created_at", "updated_at"),
    ),
    Table(
        "theme_versions",
        ("shop_id", "theme_id", "number"),
        ("at", "by", "kind", "added", "changed", "removed", "manifest"),
    ),
    Table("current_theme", ("shop_id",), ("theme_id", "publication")),
    Table("publications", ("shop_id", "number"), ("theme_id", "version", "previous", "kind", "at", "by")),
    Table("blobs", ("shop_id", "digest"), ("size", "packed", "body"), wide=True),
    Table(
        "theme_uploads",
        ("shop_id", "theme_id"),
        ("src", "file", "by", "asked_at", "attempts", "leased_until", "token"),
        wide=True,
    ),
    Table("sketches", ("shop_id", "digest"), ("theme_id", "body", "at")),
    Table("carts", ("shop_id", "digest"), ("body", "created_at", "updated_at", "order_id")),
    Table(
        "api_counts",
        ("shop_id", "client_id", "hour", "method", "path", "version", "status", "bucket"),
        ("n", "micros"),
    ),
    Table("request_log", ("shop_id", "client_id", "id"), ("first_at", "last_at", "n", "body")),
    Table(
        "kept_answers",
        ("shop_id", "installation_id", "target", "key"),
        ("request", "status", "headers", "body", "created_at"),
    ),
)
# Leases, levels and sessions of a running server, made anew wherever it runs; and the words of orders, which
# are made from the orders themselves, for the two stores keep them in different forms.
NOT_COPIED = (
    "nodes",
    "buckets",
    "lane_rates",
    "breakers",
    "counted_batches",
    "sessions",
    "sign_in_failures",
    "migrations",
    "order_terms",
)
