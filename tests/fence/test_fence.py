"""Workers: what they do, what they keep, what they may not, and what becomes of one that goes too far."""

import asyncio
import os
import resource
import signal
import time
from pathlib import Path
from types import FunctionType

import fence_jobs
import pytest

from till.errors import Unavailable
from till.fence.hand import resident_by_ps
from till.fence.hiring import NoWorkers
from till.fence.limits import MIB, Breached, Limits
from till.fence.pool import Fence, Part

JOBS = [f"fence_jobs:{name}" for name, held in vars(fence_jobs).items() if isinstance(held, FunctionType)]


def fence(workers=2, **limits):
    return Fence(workers, Limits(**limits), JOBS)


async def ask(pool, job, *values, kind=object, lane=""):
    return await pool.run(f"fence_jobs:{job}", [Part(value) for value in values], kind, lane=lane)


async def breach_of(pool, job, *values, lane=""):
    with pytest.raises(Breached) as caught:
        await ask(pool, job, *values, lane=lane)
    return caught.value


def alive(pid):
    return Path(f"/proc/{pid}").exists() or os.system(f"kill -0 {pid} 2>/dev/null") == 0


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


def test_a_worker_has_nothing_of_the_server(run, monkeypatch):
    monkeypatch.setenv("TILL_KEY", "secret")

    async def go():
        async with fence(1) as pool:
            return await ask(pool, "describe", "", kind=fence_jobs.Situation)

    with Path(__file__).open():  # a file of the server
        it = run(go())
    assert it.environment == {}
    assert it.folder == "/"
    assert it.sockets == 1
    assert len(it.files) <= 5  # the three of every process, its link, and what it reads its own memory from
    assert it.uid != 0


@pytest.mark.parametrize(
    ("job", "value"),
    [
        ("read_file", "/etc/passwd"),
        ("read_file", __file__.replace(".py", ".toml")),
        ("write_file", "/tmp/till-fence"),
        ("connect", "127.0.0.1"),
        ("start", "/bin/true"),
        ("list_folder", "/"),
        ("fork", ""),
        ("raise_limit", ""),
        ("load_library", "libc.so.6"),
    ],
)
def test_the_door_is_closed(run, job, value):
    async def go():
        async with fence(1) as pool:
            return await breach_of(pool, job, value)

    breach = run(go())
    assert breach.kind == "failed"
    assert "Walled: A worker may not do" in breach.detail
    assert not Path("/tmp/till-fence").exists()


@pytest.mark.parametrize(
    ("job", "value", "kind"),
    [
        ("spin", "", "cpu"),
        ("spin_in_c", "", "cpu"),
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


def test_a_long_job_gives_way_and_its_worker_is_replaced(run):
    async def go():
        async with fence(1) as pool:
            short = [await ask(pool, "work", seconds) for seconds in (0.0, 0.2)]
            first, long = pool.pids, await ask(pool, "work", 0.9)
            return short, long, first, await ask(pool, "work", 0.0), pool.pids, pool.replaced

    short, long, first, after, second, replaced = run(go())
    assert short == [os.nice(0)] * 2
    assert long > after == os.nice(0)
    assert first != second
    assert [(one.pid, one.kind) for one in replaced] == [(first[0], "worn")]


def test_a_worker_that_holds_much_is_replaced(run):
    async def go():
        async with fence(1, memory=128 * MIB) as pool:
            return await ask(pool, "hold_on", 70), (await ask(pool, "echo", ""))["seen"], pool.replaced

    held, seen, replaced = run(go())
    assert (held, seen) == (70, 1)
    assert [one.kind for one in replaced] == ["worn"]


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


def test_a_cancelled_job_frees_its_worker(run):
    async def go():
        async with fence(1, wall=30) as pool:
            kept = (await ask(pool, "echo", "", kind=fence_jobs.Answer)).pid
            short = asyncio.create_task(ask(pool, "sleep", 0.1))
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
    assert took < 1
    assert [(one.pid, one.kind) for one in replaced] == [(kept, "cancelled")]


def test_a_job_that_waits_can_be_cancelled(run):
    async def go():
        async with fence(1) as pool:
            first = asyncio.create_task(ask(pool, "sleep", 0.2))
            await asyncio.sleep(0.05)
            waiting = asyncio.create_task(ask(pool, "echo", "never"))
            await asyncio.sleep(0.05)
            waiting.cancel()
            await first
            return await ask(pool, "echo", "next", kind=fence_jobs.Answer)

    assert run(go()).seen == 1


def test_a_worker_killed_from_outside_is_replaced(run):
    async def go():
        async with fence(1) as pool:
            pid = (await ask(pool, "echo", "", kind=fence_jobs.Answer)).pid
            os.kill(pid, 9)
            await asyncio.sleep(0.2)
            idle = await ask(pool, "echo", "there")
            long = asyncio.create_task(breach_of(pool, "sleep", 20.0))
            await asyncio.sleep(0.1)
            os.kill(pool.pids[0], 9)
            return idle["text"], (await long).kind, [one.kind for one in pool.replaced]

    # A system that runs out of memory kills so.
    assert run(go()) == ("there", "memory", ["memory", "memory"])


def test_a_signal_to_all_processes_is_for_the_server(run):
    async def go():
        async with fence(1) as pool:
            await ask(pool, "echo", "")
            keeper = pool._crew._hiring._process.pid
            for pid in (keeper, *pool.pids):
                os.kill(pid, signal.SIGTERM)
                os.kill(pid, signal.SIGINT)
            await asyncio.sleep(0.2)
            answers = await ask(pool, "echo", "a"), await ask(pool, "echo", "b")
            return [one["text"] for one in answers], os.getsid(keeper), pool.replaced

    answers, session, replaced = run(go())
    assert answers == ["a", "b"]
    assert session != os.getsid(0)
    assert replaced == []


@pytest.mark.skipif(
    os.geteuid() != 0, reason="only root looks at and leaves networks without asking the kernel"
)
def test_a_worker_is_in_a_network_of_its_own(run):
    async def go():
        async with fence(1) as pool:
            await ask(pool, "echo", "")
            return os.readlink(f"/proc/{pool.pids[0]}/ns/net")

    assert run(go()) != os.readlink("/proc/self/ns/net")


def test_a_keeper_that_ends_is_started_again(run):
    async def go():
        async with fence(1) as pool:
            await ask(pool, "echo", "")
            os.kill(pool._crew._hiring._process.pid, 9)
            await asyncio.sleep(0.1)
            return (await ask(pool, "echo", "there"))["text"], pool.replaced

    answer, replaced = run(go())
    assert answer == "there"
    assert [one.kind for one in replaced] == ["crashed"]


def test_a_job_that_is_not_there_is_said(run):
    async def go():
        async with Fence(1, jobs=["fence_jobs:nothing"]) as pool:
            with pytest.raises(NoWorkers) as caught:
                await pool.run("fence_jobs:nothing", [], str)
        return str(caught.value)

    assert "has no attribute 'nothing'" in run(go())


def test_who_waits_when_the_pool_ends_is_told(run):
    async def go():
        async with fence(1) as pool:
            tasks = [asyncio.create_task(ask(pool, "sleep", 5.0)) for _ in range(2)]
            await asyncio.sleep(0.3)
        return await asyncio.gather(*tasks, return_exceptions=True)

    assert [type(error) for error in run(go())] == [Unavailable, Unavailable]


def test_what_a_worker_holds_is_watched_from_outside(run):
    async def go():
        async with fence(1) as pool:
            await ask(pool, "echo", "")
            # As on a system on which no process can be bounded: only this side knows of a limit.
            pool._crew._limits = Limits(memory=150 * MIB)
            held = await ask(pool, "hold_and_sleep", 50)
            return held, await breach_of(pool, "hold_and_sleep", 300)

    held, breach = run(go())
    assert held == 50
    assert breach.kind == "memory"
    assert "needs more than 150 MiB of memory" in breach.message


def test_memory_is_told_where_only_ps_knows(run):
    async def go():
        return await resident_by_ps(os.getpid()), await resident_by_ps(2**22 + 1)

    held, none = run(go())
    pages = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    assert held == pytest.approx(pages, rel=0.1)
    assert none == 0
