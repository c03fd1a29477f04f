"""Every topic that can be heard: who may hear it, and how its payloads are shown to somebody."""

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from till.apps.topics import TOPICS as OF_APPS
from till.apps.topics import render as render_app
from till.caller import Protected
from till.customers.compliance import TOPICS as OF_COMPLIANCE
from till.customers.compliance import render as render_compliance
from till.dialect.scalars import documented
from till.orders.topics import TOPICS as OF_ORDERS
from till.orders.wire.event import render as render_order
from till.shop import Fidelity
from till.themes.journal import render as render_theme
from till.themes.topics import TOPICS as OF_THEMES
from till.webhooks.forms import Render

# What tells an app how its own webhooks fare (delivery.md §8).
NOTICES = ("webhook/failing", "webhook/recovered", "webhook/exhausted", "webhook/disabled")
APPS = frozenset({"read_apps", "write_apps"})


class Kind(Struct, frozen=True):
    """A topic as those who listen know it: an installation with any of `scopes` may hear it."""

    name: str
    scopes: frozenset[str]
    render: Render


def _render_notice(typed: bytes, fidelity: Fidelity, hidden: frozenset[Protected]) -> bytes:
    """A notice tells of addresses and counts, not of people."""
    del hidden
    if fidelity is Fidelity.TYPED:
        return typed
    return msgspec.json.encode(documented(msgspec.json.decode(typed)))


KINDS = {
    **{topic.name: Kind(topic.name, topic.scopes, render_order) for topic in OF_ORDERS},
    **{topic.name: Kind(topic.name, topic.scopes, render_app) for topic in OF_APPS},
    **{topic.name: Kind(topic.name, topic.scopes, render_compliance) for topic in OF_COMPLIANCE},
    **{topic.name: Kind(topic.name, topic.scopes, render_theme) for topic in OF_THEMES},
    **{name: Kind(name, APPS, _render_notice) for name in NOTICES},
}


def heard_with(scopes: Iterable[str]) -> tuple[str, ...]:
    """The topics that an installation with these scopes may hear."""
    granted = frozenset(scopes)
    return tuple(each.name for each in KINDS.values() if not granted.isdisjoint(each.scopes))
