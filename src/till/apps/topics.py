"""What an app is told of its own installation, and when (genstore.md §8.4, rulings.md §7.3)."""

from typing import Any

import msgspec

from till.apps.app import Installation
from till.caller import Protected
from till.dialect.scalars import documented
from till.shop import Fidelity
from till.webhooks.topic import Topic, became, created

READ = frozenset({"read_apps", "write_apps"})
CODE_GRANTED = "app/authorizationCodeGranted"
UNINSTALLED = "app/uninstalled"
LISTS = ("previous", "current", "added", "removed")


def is_gone(installation: Installation) -> bool:
    return installation.uninstalled_at is not None


def was_granted_others(old: Installation | None, new: Installation) -> bool:
    """True when the scopes are others than before."""
    return old is not None and old.scopes != new.scopes


def is_code(old: object | None, new: object) -> bool:
    """Never true of a change: a code is told where it is granted without a browser."""
    del old, new
    return False


TOPICS: tuple[Topic[Installation], ...] = (
    Topic("app/installed", READ, created),
    Topic("app/scopesUpdate", READ, was_granted_others),
    Topic(UNINSTALLED, READ, became(is_gone)),
    Topic(CODE_GRANTED, READ, is_code),
)


def payload(topic: str, old: Installation | None, new: Installation, *, at: int) -> bytes:
    """What `topic` tells of the change from `old` to `new`, in the typed profile.

    Each carries `installationId`, so that what comes late is never taken for a word about the
    installation after it.
    """
    told: dict[str, Any] = {"clientId": new.client_id, "shopId": new.shop_id}
    if topic == "app/scopesUpdate":
        before = old.scopes if old is not None else frozenset[str]()
        told |= {"previous": sorted(before), "current": sorted(new.scopes)}
        told |= {"added": sorted(new.scopes - before), "removed": sorted(before - new.scopes)}
        told["updateTime"] = at // 1_000
    envelope = {"app/installed": "app", "app/scopesUpdate": "authScope", UNINSTALLED: "uninstalled"}[topic]
    return msgspec.json.encode({envelope: told | {"installationId": str(new.id)}})


def code_payload(installation: Installation, code: str) -> bytes:
    """How an app that was installed without a browser comes by its code."""
    told = {"clientId": installation.client_id, "shopId": installation.shop_id, "code": code}
    return msgspec.json.encode({"authCode": told | {"installationId": str(installation.id)}})


def render(typed: bytes, fidelity: Fidelity, hidden: frozenset[Protected]) -> bytes:
    """A payload as an app sees it; none tells of people. The published sample has lists in brackets."""
    del hidden
    if fidelity is Fidelity.TYPED:
        return typed
    told = msgspec.json.decode(typed)
    for inside in told.values():
        inside |= {name: f"[{','.join(inside[name])}]" for name in LISTS if name in inside}
    return msgspec.json.encode(documented(told))
