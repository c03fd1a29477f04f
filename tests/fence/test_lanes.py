"""Who is served next."""

import asyncio

import fence_jobs
import pytest

from till.fence.lanes import MOST_OF_A_LANE, MOST_WAITING, REMEMBERED, Lanes
from till.fence.limits import Breached, Crowded, Limits
from till.fence.pool import Fence, Part


class At:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def taken(lanes):
    found = []
    while one := lanes.take():
        found.append(one[1])
    return found


def test_lanes_take_turns():
    lanes = Lanes(9)
    for job in ("a1", "a2", "a3", "b1", "c1", "b2"):
        lanes.add(job[0], job)
    assert taken(lanes) == ["a1", "b1", "c1", "a2", "b2", "a3"]
    assert len(lanes) == 0


def test_a_heavy_lane_leaves_a_worker_to_others_for_a_while():
    at = At()
    lanes = Lanes(2, at)
    lanes.add("a", "a0")
    assert taken(lanes) == ["a0"]
    lanes.done("a", heavy=True)
    for job in ("a1", "a2", "b1", "b2"):
        lanes.add(job[0], job)
    assert lanes.take() == ("a", "a1")
    assert taken(lanes) == ["b1", "b2"]
    at.now += REMEMBERED
    assert taken(lanes) == ["a2"]


def test_one_worker_serves_heavy_lanes_too():
    lanes = Lanes(1)
    lanes.add("a", "a0")
    lanes.take()
    lanes.done("a", heavy=True)
    lanes.add("a", "a1")
    assert lanes.take() == ("a", "a1")


def test_what_is_dropped_is_not_taken():
    lanes = Lanes(2)
    for job in ("a1", "a2"):
        lanes.add("a", job)
    lanes.drop("a", "a1")
    lanes.drop("a", "a9")
    lanes.drop("z", "z1")
    assert taken(lanes) == ["a2"]
    lanes.drop("a", "a2")


def test_only_so_many_wait():
    lanes = Lanes(2)
    for job in range(MOST_OF_A_LANE):
        lanes.add("a", job)
    with pytest.raises(Crowded):
        lanes.add("a", "one more")
    for lane in ("b", "c", "d"):
        for job in range(MOST_OF_A_LANE):
            lanes.add(lane, job)
    with pytest.raises(Crowded, match="ask again"):
        lanes.add("a", "one more")
    assert len(lanes) == MOST_WAITING


def test_who_has_most_waiting_gives_up_what_came_last_for_one_with_less():
    lanes = Lanes(MOST_WAITING)
    for index in range(MOST_WAITING):
        lanes.add("abcd"[index % 4], index)
    assert [lanes.add("quiet", f"q{index}") for index in range(4)] == [252, 253, 254, 255]
    assert len(lanes) == MOST_WAITING
    with pytest.raises(Crowded):
        lanes.add("a", "one more")
    order = taken(lanes)
    assert [order.index(f"q{index}") for index in range(4)] == [4, 9, 14, 19]


def test_of_as_many_lanes_as_may_wait_none_is_put_out_for_another():
    lanes = Lanes(2)
    for job in range(MOST_WAITING):
        assert lanes.add(f"a{job}", job) is None
    with pytest.raises(Crowded):
        lanes.add("b", "one more")


def test_a_quiet_shop_is_always_served_however_many_flood(run):
    """Twelve shops ask for 40 pages each, again and again; one asks for a page now and then."""

    async def go():
        enough = asyncio.Event()
        refused = served = 0
        answers, before = [], []

        async def flood(pool, lane):
            nonlocal refused, served
            while not enough.is_set():
                try:
                    await pool.run("fence_jobs:sleep", [Part(0.005)], str, lane=lane)
                    served += 1
                except Crowded:
                    refused += 1
                    await asyncio.sleep(0.02)

        async with Fence(2, Limits(), ["fence_jobs:echo", "fence_jobs:sleep"]) as pool:
            await pool.warm()
            async with asyncio.timeout(60):
                tasks = [asyncio.create_task(flood(pool, f"shop {index % 12}")) for index in range(480)]
                while refused <= 100:  # noqa: ASYNC110 - it is counted by others
                    await asyncio.sleep(0.01)
                while len(answers) <= 20 or served <= 100:
                    others = served
                    answer = await pool.run("fence_jobs:echo", [Part("a")], fence_jobs.Answer, lane="quiet")
                    answers.append(answer.text)
                    before.append(served - others)
                    await asyncio.sleep(0.01)
                enough.set()
                await asyncio.gather(*tasks)
        return answers, before

    answers, before = run(go())
    assert set(answers) == {"a"}
    # One of each shop may be served first, and those under way; in one line it would be all that wait.
    assert max(before) < MOST_WAITING / 4


def test_others_hardly_notice_a_lane_that_means_harm(run):
    """Two workers; one lane has eight endless jobs at all times, another asks every 10 ms."""
    names = ["fence_jobs:echo", "fence_jobs:spin", "fence_jobs:spin_in_c", "fence_jobs:hold"]

    async def go():
        breaches, ended_meanwhile = [], []

        async def harm(pool, job, value):
            while True:
                try:
                    await pool.run(f"fence_jobs:{job}", [Part(value)], object, lane="bad")
                except Breached as breach:
                    breaches.append(breach.kind)

        async with Fence(2, Limits(cpu=0.5, wall=20.0), names) as pool:
            await pool.warm()
            jobs = [("spin", ""), ("spin_in_c", ""), ("hold", 900)] * 3
            tasks = [asyncio.create_task(harm(pool, *job)) for job in jobs[:8]]
            async with asyncio.timeout(60):
                while len(breaches) < 8 or len(ended_meanwhile) <= 50:
                    before = len(breaches)
                    await pool.run("fence_jobs:echo", [Part("a")], fence_jobs.Answer, lane="good")
                    if before >= 2:
                        ended_meanwhile.append(len(breaches) - before)
                    await asyncio.sleep(0.01)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return ended_meanwhile

    # Until the first breaches both workers are taken; from then on one is always left to the others. Were
    # it not, each would wait until one of the endless jobs is ended.
    ended_meanwhile = run(go())
    assert ended_meanwhile.count(0) > len(ended_meanwhile) / 2
