"""Bad weather for deliveries: how much of it, for which of them, and that a seed deals it again."""

import asyncio
import time

import pytest

from till.deliveries.chaos import LATE_BETWEEN, Chaos, ChaosSender, Weather
from till.deliveries.outcome import ErrorClass, Outcome, Post

MANY = 4_000
GOOD = Outcome(status=200)


class Recorder:
    """A sender that sends nowhere and keeps what it was given."""

    def __init__(self):
        self.posts = []

    async def post(self, post):
        self.posts.append(post)
        return GOOD


def post(delivery="d", attempt="1", topic="orders/paid", timeout=10.0):
    headers = (
        ("X-Genstore-Webhook-Id", delivery),
        ("X-Genstore-Delivery-Attempt", attempt),
        ("X-Genstore-Topic", topic),
    )
    return Post(address="https://example.com", headers=headers, body=b"{}", timeout=timeout)


def fates(chaos, attempt="1", topic="orders/paid"):
    return [chaos.fate(f"delivery-{index}", attempt, topic) for index in range(MANY)]


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
def test_as_many_meet_a_fate_as_was_said(share):
    dealt = fates(Chaos(fail=share, slow=share, duplicate=share, reorder=share, slow_seconds=3))
    for met in (
        [each.fault is not None for each in dealt],
        [each.slow == 3 for each in dealt],
        [each.twice for each in dealt],
        [LATE_BETWEEN[0] <= each.late <= LATE_BETWEEN[1] for each in dealt],
    ):
        assert abs(sum(met) / MANY - share) < 0.03
    assert share in (0.0, 1.0) or len({each.fault and each.fault.error for each in dealt}) == 4


def test_the_same_seed_deals_the_same_fate():
    chaos = Chaos(fail=0.3, reorder=0.3, seed=7)
    assert fates(chaos) == fates(Chaos(fail=0.3, reorder=0.3, seed=7))
    assert fates(chaos) != fates(Chaos(fail=0.3, reorder=0.3, seed=8))
    assert fates(chaos) != fates(chaos, attempt="2")


def test_the_fates_do_not_hang_together():
    dealt = fates(Chaos(fail=0.5, duplicate=0.5))
    both = sum(each.fault is not None and each.twice for each in dealt)
    assert abs(both / MANY - 0.25) < 0.03


def test_only_the_named_topics_are_met():
    chaos = Chaos(fail=1, topics=("orders/paid",))
    assert all(each.fault for each in fates(chaos))
    assert not any(each.fault for each in fates(chaos, topic="orders/create"))


def sent(run, chaos, *posts):
    """What came of posts at once, what was sent, what was counted, and how long it took."""
    recorder, weather = Recorder(), Weather()
    weather.set(chaos)

    async def main():
        sender = ChaosSender(recorder, weather)
        return await asyncio.gather(*(sender.post(each) for each in posts))

    began = time.monotonic()
    outcomes = run(main())
    return outcomes, recorder.posts, weather.done, time.monotonic() - began


def test_what_fails_is_not_sent(run):
    outcomes, posts, done, _ = sent(run, Chaos(fail=1), post())
    assert (posts, done.failed, done.sent) == ([], 1, 0)
    assert outcomes[0].error is not None
    assert outcomes[0].sentence.startswith("Chaos: ")
    assert not outcomes[0].is_delivered


def test_what_is_doubled_is_sent_twice_with_the_same_headers(run):
    outcomes, posts, done, _ = sent(run, Chaos(duplicate=1), post())
    assert posts == [post(), post()]
    assert (outcomes, done.duplicated, done.sent) == ([GOOD], 1, 1)


def test_what_is_slow_arrives_late_and_past_its_budget_not_at_all(run):
    outcomes, posts, done, took = sent(run, Chaos(slow=1, slow_seconds=0.2), post())
    assert (outcomes, len(posts), done.slowed) == ([GOOD], 1, 1)
    assert took > 0.19  # the loop may be early by less than a tick of its clock
    outcomes, posts, _, took = sent(run, Chaos(slow=1, slow_seconds=60), post(timeout=0.1))
    assert (outcomes[0].error, posts) == (ErrorClass.TIMEOUT, [])
    assert took < 30


def test_what_is_held_back_is_overtaken(run):
    chaos = Chaos(reorder=0.5, seed=1)
    batch = [post(f"delivery-{index}") for index in range(12)]
    _, posts, done, _ = sent(run, chaos, *batch)
    assert sorted(map(str, posts)) == sorted(map(str, batch))
    assert posts != batch
    assert 0 < done.reordered < 12
