"""Workers: what they do, what they keep, and what becomes of one that goes too far."""

import asyncio
import os
import resource
import signal
import sys
import time
from pathlib import Path

import fence_jobs
import pytest
from fence_asking import ask, breach_of, fence

from till.errors import Unavailable
from till.fence import crew
from till.fence.crew import UNSTARTED
from till.fence.hiring import Hiring, NoWorkers
from till.fence.limits import MIB, Limits
from till.fence.pool import Fence, Part


def alive(pid):
    return Path(f"/proc/{pid}").exists() or os.system(f"kill -0 {pid} 2>/dev/null") == 0


async def gone(pool):
    """Wait until the one worker, which has nothing to do, has been seen to be no more."""
    async with asyncio.timeout(20):
        while not pool._idle[0].is_gone:  # noqa: ASYNC110 - nothing tells that it is
            await asyncio.sleep(0.01)


def test_a_worker_keeps_working(run):
    async def go():
        async with fence(1) as pool:
            return [await ask(pool, "echo", text, kind=fence_jobs.Answer) for text in ("a", "b", "ü")]

    first, second, third = run(go())
    assert [first.text, second.text, third.text] == ["a", "b", "ü"]
    assert (first.seen, third.seen) == (1, 3)
    assert first.pid == second.pid == third.pid != os.getpid()


def test_every_worker_ends_with_the_pool(run):
    async def go():
        async with fence(2) as pool:
            await pool.warm()
            pids = pool.pids
            assert len(pids) == 2
            assert all(map(alive, pids))
        return pids

    assert not any(map(alive, run(go())))


@pytest.mark.parametrize(
    ("job", "value", "kind"),
    [
        ("spin", "", "cpu"),
        ("spin_in_c", "", "cpu"),
        ("spin_in_kernel", "", "cpu"),
        ("sleep", 30.0, "wall"),
        ("hold", 600, "memory"),
        ("hold_in_c", 600, "memory"),
        ("long", 3 * MIB, "output"),
        ("long", 30 * MIB, "output"),
        ("crash", "", "crashed"),
        ("abort", "", "crashed"),
        ("fail", "by a defect", "failed"),
        ("recurse", 0, "depth"),
    ],
)
def test_a_breach_ends_that_job_alone(run, job, value, kind):
    limits = {"cpu": 0.8 if kind == "cpu" else 20, "wall": 1.5 if kind == "wall" else 240}
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    async def go():
        async with fence(1, **limits) as pool:
            breach = await breach_of(pool, job, value)
            after = await ask(pool, "echo", "still here", kind=fence_jobs.Answer)
            return breach, after, pool.replaced

    breach, after, replaced = run(go())
    assert breach.kind == kind
    assert breach.message.endswith(".")
    assert after.text == "still here"
    assert [one.kind for one in replaced] == ([] if kind == "output" else [kind])
    assert all(one.cpu <= limits["cpu"] + 0.15 and one.peak <= 512_000_000 for one in replaced)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - grown < 20_000


def test_what_is_kept_is_sent_once(run):
    sent = []

    def part(key, size):
        async def load():
            sent.append(key)
            return bytes(size)

        return Part(key=key, load=load)

    async def go():
        async with fence(1) as pool:
            said = []
            for key, size in [
                ("a", 10),
                ("a", 10),
                ("b", 20 * MIB),
                ("c", 20 * MIB),
                ("a", 10),
                ("c", 20 * MIB),
            ]:
                parts = [part(key, size), Part("x")]
                said.append(await pool.run("fence_jobs:length", parts, str))
            return said

    assert run(go()) == ["10 x", "10 x", f"{20 * MIB} x", f"{20 * MIB} x", "10 x", f"{20 * MIB} x"]
    # When c came, a and b were too much beside it, and the oldest went first.
    assert sent == ["a", "b", "c", "a"]


def test_what_cannot_be_fetched_is_the_askers_error(run):
    async def gone():
        raise LookupError("The theme is gone.")

    async def go():
        async with fence(1) as pool:
            with pytest.raises(LookupError, match="gone"):
                await pool.run("fence_jobs:length", [Part(key="a", load=gone), Part("x")], str)
            return await ask(pool, "echo", "on"), pool.replaced

    answer, replaced = run(go())
    assert answer["text"] == "on"
    assert replaced == []


def test_a_cancelled_job_frees_its_worker(run, monkeypatch):
    async def go():
        async with fence(1, wall=30) as pool:
            kept = (await ask(pool, "echo", "", kind=fence_jobs.Answer)).pid
            with monkeypatch.context() as patient:
                patient.setattr(crew, "GRACE", 30)
                short = asyncio.create_task(ask(pool, "sleep", 0.3))
                await asyncio.sleep(0.05)
                short.cancel()
                same = (await ask(pool, "echo", "", kind=fence_jobs.Answer)).pid
            long = asyncio.create_task(ask(pool, "spin", ""))
            await asyncio.sleep(0.05)
            long.cancel()
            began = time.monotonic()
            other = (await ask(pool, "echo", "", kind=fence_jobs.Answer)).pid
            return kept, same, other, time.monotonic() - began, pool.replaced

    kept, same, other, took, replaced = run(go())
    assert kept == same != other
    assert took < 15  # it would have gone on for thirty
    assert [(one.pid, one.kind) for one in replaced] == [(kept, "cancelled")]


def test_a_job_that_waits_can_be_cancelled(run):
    async def go():
        async with fence(1) as pool:
            first = asyncio.create_task(ask(pool, "sleep", 5.0))
            await asyncio.sleep(0.05)
            waiting = asyncio.create_task(ask(pool, "echo", "never"))
            await asyncio.sleep(0.05)
            waiting.cancel()
            await asyncio.sleep(0)
            first.cancel()
            return await ask(pool, "echo", "next", kind=fence_jobs.Answer)

    assert run(go()).seen == 1


def test_a_worker_killed_from_outside_is_replaced(run):
    async def go():
        async with fence(1) as pool:
            pid = (await ask(pool, "echo", "", kind=fence_jobs.Answer)).pid
            os.kill(pid, 9)
            await gone(pool)
            idle = await ask(pool, "echo", "there")
            long = asyncio.create_task(breach_of(pool, "sleep", 20.0))
            await asyncio.sleep(0.1)
            os.kill(pool.pids[0], 9)
            return idle["text"], (await long).kind, [one.kind for one in pool.replaced]

    # A system that runs out of memory kills so.
    assert run(go()) == ("there", "memory", ["memory", "memory"])


def test_a_keeper_that_ends_is_started_again(run):
    async def go():
        async with fence(1) as pool:
            await ask(pool, "echo", "")
            os.kill(pool._crew._hiring._process.pid, 9)
            await gone(pool)
            return (await ask(pool, "echo", "there"))["text"], pool.replaced

    answer, replaced = run(go())
    assert answer == "there"
    assert [one.kind for one in replaced] == ["crashed"]


def test_a_job_that_is_not_there_is_said_to_the_log(run):
    noticed = []

    async def go():
        async with Fence(1, jobs=["fence_jobs:nothing"], noticed=noticed.append) as pool:
            with pytest.raises(NoWorkers, match="ask again later") as caught:
                await pool.run("fence_jobs:nothing", [], str)
        return caught.value.detail

    assert "has no attribute 'nothing'" in run(go())
    (one,) = noticed
    assert (one.kind, "has no attribute 'nothing'" in one.detail) == (UNSTARTED, True)


def test_where_the_system_starts_no_process_it_is_unavailable(run, monkeypatch):
    async def go():
        async with fence(1) as pool:
            monkeypatch.setattr(sys, "executable", "/nowhere/python")
            with pytest.raises(NoWorkers) as caught:
                await ask(pool, "echo", "")
            monkeypatch.undo()
            return caught.value.detail, (await ask(pool, "echo", "there"))["text"]

    detail, text = run(go())
    assert "/nowhere/python" in detail
    assert text == "there"


def test_who_waits_when_the_pool_ends_is_told(run):
    async def go():
        async with fence(1) as pool:
            tasks = [asyncio.create_task(ask(pool, "sleep", 5.0)) for _ in range(2)]
            await asyncio.sleep(0.3)
        return await asyncio.gather(*tasks, return_exceptions=True)

    assert [type(error) for error in run(go())] == [Unavailable, Unavailable]


def test_a_new_keeper_is_not_ended_by_asking_it_for_a_worker_of_the_one_before(run):
    async def go():
        hiring = Hiring([], Limits())
        old, link = await hiring.hire()
        link.close()
        hiring._process.kill()
        new, link = await hiring.hire()
        found = [await hiring.end(pid) for pid in (old, new)]
        link.close()
        await hiring.close()
        return [each.status for each in found]

    assert run(go()) == [0, -signal.SIGKILL]
