"""Gathers what the rules of health look at."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit

import msgspec

from till.apps.app import lacking
from till.apps.installations import COLUMNS, installation_of
from till.apps.store import Apps
from till.clock import DAY
from till.db.port import Row, Tx
from till.deliveries.breaker import of_host, of_way
from till.deliveries.delivery import State
from till.deliveries.lanes import host_of
from till.monitor.counts import Call, calls_of, last_calls
from till.monitor.installed import named, of_shop
from till.monitor.known import Blocked, Exhausted, Facts, Granted, Old, Sub, Traffic, Waiting
from till.monitor.rules import QUIET
from till.tallies import DELIVERED, HOUR, hour_of
from till.web.noting import UNKNOWN

DEPRECATED_DAYS = 14

# Scopes were granted last when the history says so, or else when the app was installed.
INSTALLATIONS = """
    SELECT i.shop_id, s.handle, i.created_at, (SELECT max(h.at) FROM app_history h
        WHERE h.shop_id = i.shop_id AND h.client_id = i.client_id AND h.installation_id = i.id
            AND h.kind = 'granted'), {columns}
    FROM installations i JOIN shops s ON s.id = i.shop_id
    WHERE i.client_id = :client_id {shop} AND i.uninstalled_at IS NULL ORDER BY s.handle
"""
SUBSCRIPTIONS = """
    SELECT u.shop_id, u.id, u.topic, u.address, u.state, u.reason, u.since, u.failing_since, u.failures
    FROM installations i JOIN subscriptions u ON u.shop_id = i.shop_id AND u.installation_id = i.id
    WHERE i.client_id = :client_id {shop} AND i.uninstalled_at IS NULL ORDER BY u.shop_id, u.id
"""
OWN = ", ".join(f"i.{name}" for name in COLUMNS.split(", "))
BREAKERS = "SELECT name, until, reason FROM breakers WHERE until > :at"
# Only what is due, of those that are served.
WAITING = """
    SELECT d.shop_id, count(*), min(d.run_at) FROM installations i
    JOIN subscriptions u ON u.shop_id = i.shop_id AND u.installation_id = i.id AND u.state = 'active'
    JOIN deliveries d ON d.shop_id = u.shop_id AND d.subscription_id = u.id
    WHERE i.client_id = :client_id {shop} AND d.state <= 1 AND d.run_at > 0 AND d.run_at <= :at
    GROUP BY d.shop_id
"""
TAKEN = f"""
    SELECT i.shop_id, max(c.hour) FROM installations i
    JOIN subscriptions u ON u.shop_id = i.shop_id AND u.installation_id = i.id
    JOIN delivery_counts c ON c.shop_id = u.shop_id AND c.subscription_id = u.id
    WHERE i.client_id = :client_id {{shop}} AND i.uninstalled_at IS NULL AND c.outcome = '{DELIVERED}'
        AND c.hour >= :first GROUP BY i.shop_id
"""
ENDED = """
    SELECT d.shop_id, d.state, count(*), min(d.ended_at) FROM installations i
    JOIN subscriptions u ON u.shop_id = i.shop_id AND u.installation_id = i.id
    JOIN deliveries d ON d.shop_id = u.shop_id AND d.subscription_id = u.id AND d.state >= 3
    WHERE i.client_id = :client_id {shop} AND d.state <= 4 AND d.ended_at > :since
    GROUP BY d.shop_id, d.state
"""
APP = """
    SELECT previous_since, previous_until, compat_previous, created_at FROM apps WHERE client_id = :client_id
"""


async def facts_of(tx: Tx, client_id: str, shop_id: int | None, *, at: int) -> Facts:
    """The facts about an app, in one shop or in all that have it now; `AppNotFound` for none."""
    app = await Apps(tx).find(client_id)
    own = named(client_id, shop_id)
    of_table = of_shop(shop_id, "i")
    rows = await tx.fetch(INSTALLATIONS.format(shop=of_table, columns=OWN), **own)
    handles = {int(row[0]): str(row[1]) for row in rows}
    previous_since, until, is_old_signing, registered = (await tx.fetch(APP, client_id=client_id))[0]
    waiting = await tx.fetch(WAITING.format(shop=of_table), at=at, **own)
    ended = await tx.fetch(ENDED.format(shop=of_table), since=at - DAY, **own)
    calls = await calls_of(tx, client_id, shop_id, since=at - DEPRECATED_DAYS * DAY, until=at)
    heard = await last_calls(tx, client_id, shop_id)
    # A week is all that is asked about.
    taken = await tx.fetch(TAKEN.format(shop=of_table), first=hour_of(at - 2 * QUIET), **own)
    for place, hour in taken:
        heard[place] = max(hour, heard.get(place, hour))
    return Facts(
        at=at,
        is_partner=app.partner,
        has_redirects=bool(app.redirect_urls),
        configured=frozenset(app.webhooks),
        since=registered,
        previous_since=previous_since,
        previous_until=until,
        is_old_signing=bool(is_old_signing),
        subscriptions=await _subscriptions(tx, own, of_table, handles, at=at),
        waiting=tuple(Waiting(handles[row[0]], int(row[1]), row[2]) for row in waiting if row[0] in handles),
        exhausted=tuple(Exhausted(*told) for told in _told(ended, State.EXHAUSTED, handles)),
        blocked=tuple(Blocked(*told) for told in _told(ended, State.BLOCKED, handles)),
        traffic=_traffic([call for call in calls if call.hour > (at - DAY) // HOUR], handles),
        deprecated=_deprecated(calls),
        installations=tuple(
            Granted(
                row[1],
                row[2],
                tuple(sorted(lacking(app, installation_of(row[4:])))),
                row[3],
                heard[row[0]] * HOUR if row[0] in heard else None,
            )
            for row in rows
        ),
    )


async def _subscriptions(
    tx: Tx, own: Mapping[str, str | int], of_table: str, handles: Mapping[int, str], *, at: int
) -> tuple[Sub, ...]:
    breakers = {name: (until, reason) for name, until, reason in await tx.fetch(BREAKERS, at=at)}
    found = []
    for row in await tx.fetch(SUBSCRIPTIONS.format(shop=of_table), **own):
        shop_id, id_, topic, address, state, reason, since, failing_since, failures = row
        names = (of_way(shop_id, id_, address), of_host(host_of(address)))
        until, why = next((breakers[name] for name in names if name in breakers), (None, ""))
        found.append(
            Sub(
                id=id_,
                shop=handles[shop_id],
                topic=topic,
                address=_shown(address),
                state=state,
                reason=reason,
                since=since,
                failing_since=failing_since,
                failures=failures,
                open_until=until,
                open_reason=why,
            )
        )
    return tuple(found)


def _told(rows: Iterable[Row], state: State, handles: Mapping[int, str]) -> Iterator[tuple[str, int, int]]:
    """How many deliveries ended so, by the handle of their shop, and the first moment of it."""
    for place, ended, n, first_at in rows:
        if ended == state and place in handles:
            yield handles[place], int(n), int(first_at)


def _shown(address: str) -> str:
    """An address without its query, in which apps keep secrets."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def _traffic(calls: Iterable[Call], handles: Mapping[int, str]) -> tuple[Traffic, ...]:
    of: dict[int, Traffic] = {}
    for call in calls:
        if call.shop_id not in handles:
            continue
        was = of.get(call.shop_id) or Traffic(shop=handles[call.shop_id])
        change: dict[str, int | None] = {"calls": was.calls + call.n}
        begun = call.hour * HOUR
        if call.status == 429:
            change |= {"throttled": was.throttled + call.n}
            change |= {"throttled_since": min(was.throttled_since or begun, begun)}
        if call.version == UNKNOWN:
            change |= {"unknown": was.unknown + call.n}
            change |= {"unknown_since": min(was.unknown_since or begun, begun)}
        if 400 <= call.status < 500:
            change |= {"client_errors": was.client_errors + call.n}
            change |= {"client_since": min(was.client_since or begun, begun)}
        elif call.status >= 500:
            change |= {"server_errors": was.server_errors + call.n}
            change |= {"server_since": min(was.server_since or begun, begun)}
        of[call.shop_id] = msgspec.structs.replace(was, **change)
    return tuple(of.values())


def _deprecated(calls: Iterable[Call]) -> tuple[Old, ...]:
    of: dict[tuple[str, str], list[Call]] = defaultdict(list)
    for call in calls:
        if call.instead is not None:
            of[f"{call.method} /api/{call.version}{call.path}", call.instead].append(call)
    return tuple(
        Old(called, instead, sum(each.n for each in found), min(each.hour for each in found) * HOUR)
        for (called, instead), found in sorted(of.items())
    )
