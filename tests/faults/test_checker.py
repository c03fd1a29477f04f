"""The checker catches each kind of fault: evidence of a run without one is spoilt in one place at a time."""

import ast
import random
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from checker import Arrival, Asked, Evidence, Listener, Told, check, digest_of

SEEDS = range(12)
PAGE = 7
TOPICS = ("orders/create", "orders/update", "orders/paid")


def healthy(seed):
    """What a run without a fault leaves: orders that are created and changed, two subscriptions a topic."""
    chance, seen, clock = random.Random(seed), Evidence(), 0.0
    seen.listeners = [
        Listener(f"/{topic}{'/ordered' * ordered}", topic, ordered=ordered)
        for topic in TOPICS
        for ordered in (False, True)
    ]
    reached, events = {}, []
    for number in range(40):
        fresh = not reached or chance.random() < 0.4
        resource = f"order {number}" if fresh else chance.choice(list(reached))
        version = reached[resource] = reached.get(resource, 0) + 1
        verb = "create" if fresh else "change"
        seen.asked.append(Asked(f"mark {number}", verb, resource, version))
        told = [TOPICS[0] if fresh else TOPICS[1], *([TOPICS[2]] if chance.random() < 0.3 else [])]
        for topic in told:
            cursor = len(events) + 1
            digest = digest_of(f"{resource} {version} {topic}".encode())
            ids = f"event {cursor}", f"change {number}"
            events.append(Told(cursor, *ids, topic, resource, version, digest, f"mark {number}"))
    for began in range(0, len(events), PAGE):
        part = events[began : began + PAGE]
        seen.pages.append((began, part, part[-1].cursor))
    seen.followed = events[: chance.randrange(len(events))]
    for listener in seen.listeners:
        for event in filter(listener.wants, events):
            for attempt in range(1, chance.choice([2, 2, 2, 4])):
                clock += 1.0
                name = f"{listener.path} {event.cursor}"
                seen.arrivals.append(
                    Arrival(
                        listener.path, name, event.change, event.topic, event.version, event.digest, attempt,
                        clock, 500,
                    )
                )  # fmt: skip
            seen.arrivals[-1] = replace(seen.arrivals[-1], status=200)
    seen.asked.append(Asked("never answered, and never done", "create"))
    return seen


def kinds(seen):
    return {finding.kind for finding in check(seen)}


@pytest.fixture(params=SEEDS)
def chance(request):
    return random.Random(request.param)


@pytest.fixture
def seen(chance):
    found = healthy(chance.random())
    assert check(found) == []
    return found


def drop(chance, found, wanted=lambda _: True):
    """Take one of those that are `wanted` out of a list."""
    victim = chance.choice([each for each in found if wanted(each)])
    found.remove(victim)
    return victim


def spoil(chance, found, wanted=lambda _: True, **changes):
    """Change one of those that are `wanted`, in its place."""
    index = chance.choice([n for n, each in enumerate(found) if wanted(each)])
    found[index] = replace(found[index], **changes)
    return found[index]


def taken(arrival):
    return arrival.taken


def test_an_event_that_nobody_took_is_missing(chance, seen):
    spoil(chance, seen.arrivals, taken, status=None)
    assert "missing" in kinds(seen)


def test_an_event_that_never_arrived_is_missing_unless_its_end_is_visible(chance, seen):
    gone = drop(chance, seen.arrivals, lambda each: taken(each) and each.attempt == 1)
    seen.listeners = [replace(each, ordered=False) for each in seen.listeners]
    assert kinds(seen) == {"missing"}
    seen.visible.add((gone.path, gone.change, gone.topic))
    assert check(seen) == []


def test_an_acknowledged_order_without_an_event_is_lost(seen):
    seen.asked.append(Asked("mark", "create", "order that is not there", 1))
    assert kinds(seen) == {"lost"}


def test_an_acknowledged_change_without_an_event_is_lost(chance, seen):
    order = chance.choice(seen.asked[:-1]).order
    seen.asked.append(Asked("mark", "change", order, 99))
    assert kinds(seen) == {"lost"}


def test_an_order_that_nobody_asked_for_is_invented(chance, seen):
    drop(chance, seen.asked, lambda each: each.verb == "create" and each.order)
    assert "invented" in kinds(seen)


def test_a_change_that_nobody_asked_for_is_invented(chance, seen):
    drop(chance, seen.asked, lambda each: each.verb == "change")
    assert kinds(seen) == {"invented"}


def test_one_request_that_made_two_orders_is_told(chance, seen):
    births = [each for each in seen.events if each.topic == TOPICS[0]]
    one, other = chance.sample(births, 2)
    for _, events, _ in seen.pages:
        events[:] = [replace(each, mark=one.mark) if each == other else each for each in events]
    assert "twice" in kinds(seen)


def test_a_delivery_of_what_never_happened_is_invented(chance, seen):
    made = replace(chance.choice(seen.arrivals), webhook="w", change="none", at=1e9)
    seen.arrivals.append(made)
    assert kinds(seen) == {"invented"}


def test_a_delivery_from_before_the_subscription_is_invented(chance, seen):
    listener = chance.choice([each for each in seen.listeners if any(map(each.wants, seen.events))])
    first = next(filter(listener.wants, seen.events))
    seen.listeners.remove(listener)
    seen.listeners.append(replace(listener, after=first.cursor))
    assert kinds(seen) == {"invented"}


def test_what_an_ended_subscription_is_not_owed_is_not_missed(chance, seen):
    listener = chance.choice([each for each in seen.listeners if any(map(each.wants, seen.events))])
    last = list(filter(listener.wants, seen.events))[-1]
    seen.arrivals = [
        each for each in seen.arrivals if (each.path, each.change) != (listener.path, last.change)
    ]
    assert kinds(seen) == {"missing"}
    seen.listeners.remove(listener)
    seen.listeners.append(replace(listener, until=last.cursor - 1))
    assert check(seen) == []


def test_a_delivery_that_comes_again_is_explained_by_a_kill_alone(chance, seen):
    first = chance.choice(list(filter(taken, seen.arrivals)))
    seen.arrivals.append(replace(first, at=first.at + 0.5, attempt=first.attempt + 1))
    assert kinds(seen) == {"unexplained"}
    seen.kills = [first.at - 0.1, first.at + 0.6]
    assert kinds(seen) == {"unexplained"}
    seen.kills = [first.at + 0.1]
    assert check(seen) == []


def test_a_kill_explains_no_more_than_was_in_flight(chance, seen):
    again = chance.sample(list(filter(taken, seen.arrivals)), 5)
    seen.arrivals += [replace(each, at=1e6 + each.at, attempt=each.attempt + 1) for each in again]
    seen.kills, seen.in_flight = [1e6], 5
    assert check(seen) == []
    seen.in_flight = 4
    assert kinds(seen) == {"unexplained"}
    seen.kills.append(sorted(each.at for each in again)[1])  # of which two were under way then
    assert check(seen) == []


def test_a_delivery_that_comes_again_under_another_name_is_told(chance, seen):
    first = chance.choice(list(filter(taken, seen.arrivals)))
    seen.arrivals.append(replace(first, at=first.at + 0.5, webhook="another"))
    seen.kills = [first.at + 0.1]
    assert kinds(seen) == {"twice"}


def test_an_attempt_that_is_made_twice_is_told(chance, seen):
    first = chance.choice(list(filter(taken, seen.arrivals)))
    seen.arrivals.append(replace(first, at=first.at + 0.5))
    seen.kills = [first.at + 0.1]
    assert kinds(seen) == {"attempts"}


@pytest.mark.parametrize("changes", [{"digest": digest_of(b"other")}, {"version": 77}])
def test_other_bytes_or_another_version_than_the_feed_has_are_told(chance, seen, changes):
    spoil(chance, seen.arrivals, **changes)
    assert kinds(seen) == {"changed"}


def test_what_overtakes_is_told_only_where_order_is_promised(chance, seen):
    ordered = {each.path for each in seen.listeners if each.ordered}
    known = {each.key: each for each in seen.events}
    whose = {(each.path, known[each.change, each.topic].resource) for each in seen.arrivals}
    later = [
        mine
        for path, resource in sorted(whose)
        if path in ordered and len(mine := [
            each for each in seen.arrivals
            if each.path == path and taken(each) and known[each.change, each.topic].resource == resource
        ]) > 1
    ]  # fmt: skip
    one, other = chance.choice(later)[:2]
    place = {one: replace(one, at=other.at + 0.5)}
    seen.arrivals = [
        place.get(each, each) for each in seen.arrivals if each.webhook != one.webhook or each == one
    ]
    assert kinds(seen) == {"overtaken"}
    seen.visible = {(one.path, one.change, one.topic)}
    seen.arrivals = [replace(each, status=500) if each == place[one] else each for each in seen.arrivals]
    assert kinds(seen) == {"overtaken"}
    seen.arrivals = [each for each in seen.arrivals if each.webhook != one.webhook]
    assert check(seen) == []
    seen.arrivals.append(place[one])
    late = [each for each in seen.arrivals if each.webhook == other.webhook]
    seen.arrivals = [replace(each, gap=True) if each in late else each for each in seen.arrivals]
    assert check(seen) == []
    seen.arrivals = [replace(each, gap=False) for each in seen.arrivals]
    seen.listeners = [replace(each, ordered=False) for each in seen.listeners]
    assert check(seen) == []


def test_an_event_that_is_not_in_the_feed_is_a_gap(chance, seen):
    seen.followed = []
    drop(chance, chance.choice(seen.pages[:-1])[1])
    assert "gap" in kinds(seen)
    seen.whole = False
    assert "gap" not in kinds(seen)
    chance.choice(seen.pages)[1].reverse()
    assert "gap" in kinds(seen)


def test_a_page_that_begins_elsewhere_is_a_gap(chance, seen):
    index = chance.randrange(1, len(seen.pages))
    began, events, ended = seen.pages[index]
    seen.pages[index] = began + 1, events, ended
    assert kinds(seen) == {"gap"}


def test_an_event_that_stands_twice_is_told(chance, seen):
    seen.followed = []
    _, events, _ = chance.choice(seen.pages)
    spoil(chance, events, id="event of another")
    _, events, _ = chance.choice(seen.pages)
    spoil(chance, events, lambda each: each.id != "event of another", id="event of another")
    assert kinds(seen) == {"twice"}


def test_a_version_that_is_skipped_or_made_twice_is_told(chance, seen):
    seen.followed = []
    _, events, _ = chance.choice(seen.pages)
    spoil(chance, events, version=50)
    assert "history" in kinds(seen)


def test_what_was_told_may_not_be_taken_back(chance, seen):
    seen.followed = seen.events[:5]
    spoil(chance, seen.followed, id="what a crash undid")
    assert kinds(seen) == {"taken back"}


def test_who_follows_the_feed_misses_nothing(chance, seen):
    seen.followed = seen.events[:5]
    drop(chance, seen.followed, lambda each: each.cursor < 5)
    assert kinds(seen) == {"gap"}


def test_the_checker_shares_no_code_with_the_server():
    tree = ast.parse((Path(__file__).parent / "checker.py").read_text(encoding="utf-8"))
    names = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert names
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names
