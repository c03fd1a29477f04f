"""Says from outside what was lost, invented, doubled, reordered or changed on its way to a subscriber.

It knows nothing but what outsiders saw, and shares no code with the server: the requests that clients
started and what they were answered, the pages of the event feed, what a receiver wrote down of each
arrival, and when something was killed. `check` answers `Finding`s; where all went well there is none.
Times are seconds of one clock, the machine's monotonic one, so that processes can be compared.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise

# These tell how webhooks fare; nobody asks for them, and what they tell of has no versions.
NOTICES = "webhook/"
# These tell of the installation of an app.
OF_APPS = "app/"


@dataclass(frozen=True)
class Asked:
    """A request that some client began; `order` and `version` are what a 2xx answer named, if one came.

    `mark` stands in the order's note, so that what a request did is known even if it was never answered.
    """

    mark: str
    verb: str
    order: str | None = None
    version: int | None = None


@dataclass(frozen=True)
class Told:
    """One event of the feed; `digest` is that of the exact bytes that a webhook of it must carry."""

    cursor: int
    id: str
    change: str
    topic: str
    resource: str
    version: int
    digest: str
    mark: str | None = None

    @property
    def key(self):
        return self.change, self.topic


@dataclass(frozen=True)
class Arrival:
    """One request as the receiver saw it; `status` is what it answered, None if it never did."""

    path: str
    webhook: str
    change: str
    topic: str
    version: int
    digest: str
    attempt: int
    at: float
    status: int | None
    gap: bool = False

    @property
    def taken(self):
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True)
class Listener:
    """A subscription: where it is delivered, what it wants, between which cursors it was there."""

    path: str
    topic: str
    after: int = 0
    until: int | None = None
    ordered: bool = False

    def wants(self, event):
        is_there = event.cursor > self.after and (self.until is None or event.cursor <= self.until)
        return event.topic == self.topic and is_there


@dataclass(frozen=True)
class Finding:
    """`kind` is a word to count by, `what` says it to a reader."""

    kind: str
    what: str


@dataclass
class Evidence:
    """All that was seen.

    `pages` are the feed's pages as (asked after, events, cursor), read when all was over; `followed` are
    events as one read them who followed the feed all the while; `kills` the times at which a process was
    ended or its lease ran out; `visible` the (path, change, topic) that ended in a state which the
    API shows and from which it can be sent again; `in_flight` how many sends one kill may repeat. The feed is
    `whole` unless other apps are told things of their own between the events of who reads it.
    """

    asked: list = field(default_factory=list)
    pages: list = field(default_factory=list)
    followed: list = field(default_factory=list)
    arrivals: list = field(default_factory=list)
    listeners: list = field(default_factory=list)
    kills: list = field(default_factory=list)
    visible: set = field(default_factory=set)
    in_flight: int = 256
    whole: bool = True

    @property
    def events(self):
        return [event for _, events, _ in self.pages for event in events]


def digest_of(body):
    return sha256(body).hexdigest()


def check(seen):
    """Every finding, those of the feed first."""
    return [*cursors(seen), *births(seen), *versions(seen), *deliveries(seen), *order(seen), *kills(seen)]


def cursors(seen):
    """The feed has no gap, tells nothing twice, and each page begins where the last one ended."""
    yield from gaps(seen.events, "who read the feed", whole=seen.whole)
    yield from gaps(seen.followed, "who followed the feed", whole=seen.whole)
    for (_, _, ended), (began, _, _) in pairwise(seen.pages):
        if began != ended:
            yield Finding("gap", f"a page ended at {ended}, the next began at {began}")
    for name, count in Counter(event.id for event in seen.events).items():
        if count > 1:
            yield Finding("twice", f"the event {name} stands {count} times in the feed")
    settled = {event.cursor: event for event in seen.events}
    for event in seen.followed:
        if settled.get(event.cursor) != event:
            yield Finding(
                "taken back", f"the event {event.cursor} was told, and later it was another or none"
            )


def gaps(events, whom, *, whole):
    for before, after in pairwise([0, *(event.cursor for event in events)]):
        if after != before + 1 and (whole or after <= before):
            yield Finding("gap", f"{whom} was told {after} after {before}")


def births(seen):
    """Each started creation made one order or none, an answered one exactly one; nobody else made any."""
    started = {each.mark: each for each in seen.asked if each.verb == "create"}
    made = defaultdict(list)
    for event in seen.events:
        if event.topic == "orders/create":
            made[event.mark].append(event)
    for mark, events in made.items():
        if mark not in started:
            yield Finding("invented", f"the order {events[0].resource} was asked for by nobody")
        elif len(events) > 1:
            yield Finding("twice", f"one request, {mark}, made {len(events)} orders")
    for mark, asked in started.items():
        if asked.order is not None and asked.order not in {event.resource for event in made[mark]}:
            yield Finding("lost", f"the order {asked.order} was acknowledged, but never told created")


def versions(seen):
    """Each order's versions rise without a gap in the feed, up to what was acknowledged and no further."""
    told = defaultdict(list)
    for event in seen.events:
        if not event.topic.startswith(NOTICES):
            told[event.resource].append(event)
    for resource, events in told.items():
        yield from history(resource, events)
    begun = Counter(each.order for each in seen.asked if each.order and each.verb == "change")
    reached = {resource: max(event.version for event in events) for resource, events in told.items()}
    for each in seen.asked:
        if each.version is not None and reached.get(each.order, 0) < each.version:
            yield Finding("lost", f"version {each.version} of {each.order} was acknowledged, but never told")
    for resource, version in reached.items():
        if version - 1 > begun[resource]:
            yield Finding("invented", f"{resource} has version {version}, after {begun[resource]} changes")


def versions_told(events):
    """The last version of each order that the feed tells of, by the order's id."""
    return {each.resource: each.version for each in events if not each.topic.startswith((NOTICES, OF_APPS))}


def history(resource, events):
    """The versions of one order, each made by one change."""
    for before, after in pairwise([0, *(event.version for event in events)]):
        if not 0 <= after - before <= 1:
            yield Finding("history", f"{resource} went from version {before} to {after}")
    changes = defaultdict(set)
    for event in events:
        changes[event.version].add(event.change)
    for version, names in changes.items():
        if len(names) > 1:
            yield Finding("twice", f"{resource} came to version {version} by {len(names)} changes")


def deliveries(seen):
    """Each event reached each subscription that wants it, with its own bytes, once unless it is explained."""
    known = {event.key: event for event in seen.events}
    came = defaultdict(list)
    for arrival in sorted(seen.arrivals, key=lambda each: each.at):
        came[arrival.path, arrival.change, arrival.topic].append(arrival)
    at = {listener.path: listener for listener in seen.listeners}
    for (path, *key), arrivals in came.items():
        event = known.get(tuple(key))
        if event is None or path not in at or not at[path].wants(event):
            yield Finding("invented", f"{path} was sent {key}, which is not owed to it")
            continue
        yield from changed(path, event, arrivals)
        yield from doubled(path, arrivals, seen.kills)
    for path, listener in at.items():
        for event in filter(listener.wants, seen.events):
            place = path, event.change, event.topic
            if place not in seen.visible and not any(each.taken for each in came[place]):
                yield Finding(
                    "missing", f"{path} never took {event.topic} of {event.resource}, {event.cursor}"
                )


def changed(path, event, arrivals):
    for each in arrivals:
        if each.digest != event.digest:
            yield Finding("changed", f"{path} was sent other bytes than the feed has for {event.cursor}")
        if each.version != event.version:
            yield Finding("changed", f"{path} was sent {event.cursor} as version {each.version}")


def doubled(path, arrivals, kills):
    """One delivery has one name, an attempt one number; after a 2xx only a kill makes it come again."""
    if len({each.webhook for each in arrivals}) > 1:
        yield Finding("twice", f"{path} was sent {arrivals[0].topic} under several webhook ids")
    for before, after in pairwise(arrivals):
        if before.webhook == after.webhook and after.attempt <= before.attempt:
            yield Finding("attempts", f"{path} was sent attempt {after.attempt} after {before.attempt}")
        if before.taken and not any(before.at <= kill <= after.at for kill in kills):
            yield Finding("unexplained", f"{path} took {after.webhook}, and was sent it again")


def order(seen):
    """Where order is promised, nothing overtakes what its resource told before."""
    for listener in seen.listeners:
        if listener.ordered:
            yield from overtaken(listener, seen)


def overtaken(listener, seen):
    known = {event.key: event for event in seen.events}
    mine = sorted((each for each in seen.arrivals if each.path == listener.path), key=lambda each: each.at)
    last = {(each.change, each.topic): each.at for each in mine}
    waiting = defaultdict(list)
    for event in filter(listener.wants, seen.events):
        waiting[event.resource].append(event)
    for arrival in mine:
        event = known.get((arrival.change, arrival.topic))
        if event is None:
            continue
        left = waiting[event.resource]
        while (
            left and (listener.path, *left[0].key) in seen.visible and last.get(left[0].key, 0) < arrival.at
        ):
            left.pop(0)  # it had come to its visible end
        if left and left[0].cursor < event.cursor and not arrival.gap:
            yield Finding(
                "overtaken", f"{listener.path} was sent {event.cursor} before it took {left[0].cursor}"
            )
        if arrival.taken and event in left:
            left.remove(event)


def kills(seen):
    """No kill repeats more than was in flight when it struck."""
    for count in Counter(repeated(seen)).values():
        if count > seen.in_flight:
            yield Finding("unexplained", f"one kill made {count} deliveries come again")


def repeated(seen):
    """The kill that made each delivery come again which was taken: the first after that.

    It may come much later, for a lease outlives who held it. Without a kill, `doubled` tells of it.
    """
    came = defaultdict(list)
    for arrival in sorted(seen.arrivals, key=lambda each: each.at):
        came[arrival.path, arrival.webhook].append(arrival)
    moments = sorted(seen.kills)
    for arrivals in came.values():
        for before in [each for each in arrivals[:-1] if each.taken]:
            index = bisect_left(moments, before.at)
            if index < len(moments):
                yield moments[index]
