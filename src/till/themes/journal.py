"""Telling apps what became of a theme, in the transaction of the change."""

import msgspec

from till.caller import Protected
from till.db.port import Tx
from till.dialect.scalars import documented
from till.shop import Fidelity
from till.themes.manifest import Change
from till.themes.theme import Theme
from till.themes.topics import TOPICS
from till.themes.wire import show
from till.webhooks.forms import Telling
from till.webhooks.outbox import record, take
from till.webhooks.topic import Resource, told

NOTHING = Change()


def payload(theme: Theme, change: Change) -> bytes:
    """What every topic of themes tells: the theme as it is now, and which of its files became what."""
    files = [
        {"assetName": name, "change": word}
        for word in ("added", "changed", "removed")
        for name in getattr(change, word)
    ]
    return msgspec.json.encode({"theme": {**msgspec.to_builtins(show(theme)), "files": files}})


def render(typed: bytes, fidelity: Fidelity, hidden: frozenset[Protected]) -> bytes:
    """A payload in a profile; a theme tells of no people."""
    del hidden
    if fidelity is Fidelity.TYPED:
        return typed
    return msgspec.json.encode(documented(msgspec.json.decode(typed)))


async def tell(tx: Tx, old: Theme | None, new: Theme | None, change: Change = NOTHING) -> None:
    """Tell the change from `old` to `new`, which is None once the theme is gone."""
    topics = told(TOPICS, old, new)
    shown = new or old
    if shown is None or not topics:
        return
    numbers = await take(tx, shop_id=shown.shop_id, events=len(topics))
    resource = Resource(shown.shop_id, shown.id, shown.revision, shown.updated_at)
    await record(tx, topics, Telling(payload(shown, change), render), numbers=numbers, resource=resource)
