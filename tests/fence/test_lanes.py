"""Who is served next."""

import asyncio
import time

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
    for job in range(MOST_WAITING - MOST_OF_A_LANE):
        lanes.add(f"b{job}", job)
    with pytest.raises(Crowded, match="ask again"):
        lanes.add("c", "one more")
    assert len(lanes) == MOST_WAITING


def test_others_hardly_notice_a_lane_that_means_harm(run):
    """Two workers; one lane has eight endless jobs at all times, another asks every 10 ms."""
    names = ["fence_jobs:echo", "fence_jobs:spin", "fence_jobs:spin_in_c", "fence_jobs:hold"]

    async def go():
        until = time.monotonic() + 6
        waits, lags, breaches = [], [], []

        async def harm(pool, job, value):
            while time.monotonic() < until:
                try:
                    await pool.run(f"fence_jobs:{job}", [Part(value)], object, lane="bad")
                except Breached as breach:
                    breaches.append(breach.kind)

        async def beat():
            while time.monotonic() < until:
                before = time.monotonic()
                await asyncio.sleep(0.01)
                lags.append(time.monotonic() - before - 0.01)

        async with Fence(2, Limits(cpu=0.5, wall=2.0), names) as pool:
            await pool.warm()
            jobs = [("spin", ""), ("spin_in_c", ""), ("hold", 900)] * 3
            tasks = [asyncio.create_task(harm(pool, *job)) for job in jobs[:8]]
            tasks.append(asyncio.create_task(beat()))
            await asyncio.sleep(0.05)
            while time.monotonic() < until - 1.5:
                before = time.monotonic()
                await pool.run("fence_jobs:echo", [Part("a")], fence_jobs.Answer, lane="good")
                waits.append(time.monotonic() - before)
                await asyncio.sleep(0.01)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return waits, lags, breaches

    waits, lags, breaches = run(go())
    assert len(breaches) >= 2
    assert len(waits) > 50
    # Until the first breach both workers are taken; from then on one is always left to the others.
    assert max(waits) < 2.0 + 0.5
    assert sorted(waits[2:])[int(len(waits) * 0.95) - 2] < 0.25
    assert sorted(lags)[int(len(lags) * 0.99)] < 0.1
