"""Who is owed an event: decided, and written down, in the transaction of the change that made it."""

import random
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import Struct

from till.caller import Protected, hidden_from
from till.db.port import Row, Tx
from till.ids import uuid7
from till.shop import Fidelity
from till.webhooks.forms import PLAIN, Seen, Telling
from till.webhooks.subscription import Listener, Options, Ordering, form_of
from till.webhooks.topic import Resource, Topic

LISTENERS = """
    SELECT s.id, s.installation_id, s.topic, s.address, s.options, i.scopes, i.protected, i.fidelity,
        a.partner, (SELECT value FROM facts WHERE name = 'fidelity'), s.origin
    FROM subscriptions s
    JOIN installations i ON i.shop_id = s.shop_id AND i.id = s.installation_id
    JOIN apps a ON a.client_id = i.client_id
    WHERE s.shop_id = :shop_id AND (i.uninstalled_at IS NULL OR s.origin = 2)
    ORDER BY s.id
"""
RENEW = """
    UPDATE counters SET subscriptions_version =
        CASE WHEN EXISTS (SELECT 1 FROM subscriptions WHERE shop_id = :shop_id)
        THEN CAST(:version AS BIGINT) ELSE 0 END
    WHERE shop_id = :shop_id
"""
USUAL = "SELECT value FROM facts WHERE name = 'fidelity'"
SET_USUAL = """
    INSERT INTO facts (name, value) VALUES ('fidelity', :value)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value
"""
RENEW_ALL = """
    UPDATE counters SET subscriptions_version = :version
    WHERE shop_id IN (SELECT shop_id FROM subscriptions)
"""
COLUMNS = (
    "id",
    "subscription_id",
    "installation_id",
    "event_number",
    "topic",
    "resource_id",
    "form",
    "address",
    "ordered",
    "run_at",
    "created_at",
    "replay_of",
)
MOST_ROWS = 64
MOST_SHOPS = 4_096

_remembered: OrderedDict[tuple[int, int], tuple[Listener, ...]] = OrderedDict()


class Owed(Struct, frozen=True, kw_only=True):
    """A delivery as it begins: what is owed to whom, in which form, from when on."""

    subscription_id: int
    installation_id: int
    event_number: int
    topic: str
    resource_id: int
    form: str
    address: str
    ordered: int
    at: int
    replay_of: bytes | None = None


class Kept(Struct, frozen=True):
    """The bytes of an event in one form."""

    number: int
    form: str
    payload: bytes


async def renew(tx: Tx, shop_id: int) -> None:
    """Say that the shop's subscriptions, or what their installations were granted, have changed.

    To be called in the transaction of the change. The version is random, so that one that was rolled
    back is never mistaken for another.
    """
    await tx.execute(RENEW, shop_id=shop_id, version=_mark())


async def set_usual(tx: Tx, fidelity: Fidelity) -> None:
    """Say which profile is told to installations that have none of their own."""
    rows = await tx.fetch(USUAL)
    if rows and rows[0][0] == fidelity:
        return
    await tx.execute(SET_USUAL, value=fidelity.value)
    await tx.execute(RENEW_ALL, version=_mark())


def _mark() -> int:
    return random.getrandbits(62) | 1


async def owe(
    tx: Tx, topics: Mapping[int, Topic[Any]], telling: Telling, resource: Resource, *, version: int
) -> None:
    """Write down a delivery for each event and each subscription of the shop that wants it.

    `topics` are those of the events by their numbers; `version` is that of the shop's subscriptions.
    """
    listeners = [
        each
        for each in await _listeners(tx, resource.shop_id, version)
        if telling.only in (None, each.installation_id)
    ]
    owed: list[Owed] = []
    forms: list[Kept] = []
    events: dict[bytes, Seen] = {}
    for number, topic in topics.items():
        payload = telling.of(topic.name)
        event = events.setdefault(payload, Seen(payload, telling.render))
        made: set[str] = set()
        hearing = [each for each in listeners if each.hears(topic.name, topic.scopes)]
        # What an app subscribed itself is not sent a second time because its configuration names it, too.
        own = {(each.installation_id, each.address) for each in hearing if each.is_own}
        for each in hearing:
            if not each.is_own and (each.installation_id, each.address) in own:
                continue
            if not event.meets(each.filter, each.form):
                continue
            form = each.form.digest
            if form and form not in made:
                made.add(form)
                forms.append(Kept(number, form, event.shown(each.form)))
            owed.append(_owed(each, number, form, resource))
    await keep(tx, forms, shop_id=resource.shop_id)
    await insert(tx, owed, shop_id=resource.shop_id)


async def listener_of(tx: Tx, *, shop_id: int, subscription_id: int) -> Listener:
    """A subscription that is there, as a change of this moment would see it."""
    rows = await tx.fetch(LISTENERS, shop_id=shop_id)
    return next(_listener(row) for row in rows if row[0] == subscription_id)


async def insert(tx: Tx, owed: Sequence[Owed], *, shop_id: int) -> list[bytes]:
    """Store deliveries, and answer their ids in the same order."""
    ids = [uuid7() for _ in owed]
    for first in range(0, len(owed), MOST_ROWS):
        part = owed[first : first + MOST_ROWS]
        values: dict[str, Any] = {"shop_id": shop_id}
        for index, each in enumerate(part):
            row = msgspec.structs.asdict(each) | {"id": ids[first + index]}
            row["run_at"] = row["created_at"] = row.pop("at")
            values |= {f"{name}_{index}": row[name] for name in COLUMNS}
        await tx.execute(_add(len(part)), **values)
    return ids


async def keep(tx: Tx, forms: Sequence[Kept], *, shop_id: int) -> None:
    """Store forms of events; one that is there already stays as it is."""
    for first in range(0, len(forms), MOST_ROWS):
        part = forms[first : first + MOST_ROWS]
        values: dict[str, Any] = {"shop_id": shop_id}
        for index, each in enumerate(part):
            values |= {f"number_{index}": each.number, f"form_{index}": each.form}
            values[f"payload_{index}"] = each.payload
        await tx.execute(_keep(len(part)), **values)


def _owed(listener: Listener, number: int, form: str, resource: Resource) -> Owed:
    return Owed(
        subscription_id=listener.subscription_id,
        installation_id=listener.installation_id,
        event_number=number,
        topic=listener.topic,
        resource_id=resource.id,
        form=form,
        address=listener.address,
        ordered=int(listener.is_ordered),
        at=resource.at,
    )


async def _listeners(tx: Tx, shop_id: int, version: int) -> tuple[Listener, ...]:
    """The shop's subscriptions of that version, remembered from one change to the next."""
    key = (shop_id, version)
    found = _remembered.get(key)
    if found is None:
        rows = await tx.fetch(LISTENERS, shop_id=shop_id)
        found = _remembered[key] = tuple(_listener(row) for row in rows)
        if len(_remembered) > MOST_SHOPS:
            _remembered.popitem(last=False)
    return found


def _listener(row: Row) -> Listener:
    subscription_id, installation_id, topic, address, told, scopes, protected, own, partner, usual = row[:-1]
    options = msgspec.json.decode(told, type=Options)
    granted = frozenset(Protected(word) for word in protected.split(",") if word)
    hidden = hidden_from(partner=bool(partner), granted=granted)
    return Listener(
        subscription_id=subscription_id,
        installation_id=installation_id,
        topic=topic,
        address=address,
        is_ordered=options.ordering is Ordering.PER_RESOURCE,
        filter=options.filter,
        scopes=frozenset(scopes.split(",")),
        is_own=row[-1] == 0,
        form=form_of(Fidelity(own or usual or PLAIN.fidelity), hidden, options),
    )


@lru_cache(maxsize=MOST_ROWS)
def _add(count: int) -> str:
    """One statement for so many deliveries, all of them pending."""
    rows = ", ".join(
        f"(:shop_id, 0, {', '.join(f':{name}_{index}' for name in COLUMNS)})" for index in range(count)
    )
    return f"INSERT INTO deliveries (shop_id, state, {', '.join(COLUMNS)}) VALUES {rows}"


@lru_cache(maxsize=MOST_ROWS)
def _keep(count: int) -> str:
    rows = ", ".join(
        f"(:shop_id, :number_{index}, :form_{index}, :payload_{index})" for index in range(count)
    )
    return f"""
        INSERT INTO event_forms (shop_id, number, form, payload) VALUES {rows}
        ON CONFLICT (shop_id, number, form) DO NOTHING
    """
