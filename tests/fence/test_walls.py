"""What a worker may not, and what it has not."""

import asyncio
import os
import resource
import signal
import subprocess
from pathlib import Path

import fence_jobs
import pytest
from fence_asking import ask, breach_of, fence

from till.fence.hand import resident_by_ps
from till.fence.limits import MIB, Limits


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


def network_of(pid):
    return Path(f"/proc/{pid}/ns/net").readlink()


def test_a_worker_is_in_a_network_of_its_own(run):
    if subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("this kernel lets us leave no network")

    async def go():
        async with fence(1) as pool:
            await ask(pool, "echo", "")
            return network_of(pool.pids[0])

    assert run(go()) != network_of("self")


def test_what_a_worker_holds_is_watched_from_outside(run):
    async def go():
        async with fence(1) as pool:
            await ask(pool, "echo", "")
            # As on a system on which no process can be bounded: only this side knows of a limit.
            pool._crew._limits = Limits(memory=150 * MIB, wall=60)
            held = await ask(pool, "hold_and_sleep", 50, 0.5)
            return held, await breach_of(pool, "hold_and_sleep", 300, 30.0)

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
