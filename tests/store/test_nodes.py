"""Every process mints ids as a node of its own, and no id is ever minted twice."""

import asyncio
import os
import subprocess
import sys

import pytest

from till.clock import SECOND, now
from till.db import nodes
from till.db.nodes import LEASE, NodeLease, best, machine
from till.db.open import open_database
from till.db.port import StoreUnavailable
from till.errors import Unavailable
from till.ids import BORROW_MS, NODES, Minter, milliseconds

AT = 1_800_000_000 * SECOND


def dead():
    """A process id that nobody has any more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def held(by, until):
    return dict.fromkeys(range(NODES), (f"{by}/x", until))


def test_processes_that_start_at_once_get_nodes_of_their_own(db, run):
    async def act():
        leases = await asyncio.gather(*(NodeLease.take(db) for _ in range(NODES)))
        taken = {lease.minter.node for lease in leases}
        with pytest.raises(StoreUnavailable, match="All 32 nodes"):
            await NodeLease.take(db, patience=0)
        await leases[7].release()
        again = await NodeLease.take(db)
        for lease in [again, *leases]:
            await lease.release()
        return taken, leases[7].minter.node == again.minter.node

    assert run(act()) == (set(range(NODES)), True)


def test_a_lease_that_is_renewed_goes_on_minting(db, run, monkeypatch):
    monkeypatch.setattr(nodes, "RENEW_SECONDS", 0.01)

    async def act():
        lease = await NodeLease.take(db)
        until = lease.minter.until
        async with asyncio.timeout(20):
            while lease.minter.until <= until + 50:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.01)
        lease.minter()
        await lease.release()

    run(act())


def test_a_lease_that_somebody_took_is_replaced_by_another(db, run):
    async def act():
        lease = await NodeLease.take(db)
        node = lease.minter.node
        await db.write(lambda tx: tx.execute("UPDATE nodes SET holder = 'another'"))
        await lease._renew()
        other = lease.minter.node
        lease.minter()
        await lease.release()
        return node != other

    assert run(act())


def test_a_released_lease_mints_no_more(db, run):
    async def act():
        lease = await NodeLease.take(db)
        lease.minter()
        await lease.release()
        lease.minter()

    with pytest.raises(Unavailable):
        run(act())


def test_a_minter_stamps_nothing_from_the_end_of_its_lease_on():
    clock = [milliseconds()]
    minter = Minter(3, clock=lambda: clock[0])
    minter.hold(3, until=clock[0] + 2)
    minted = {minter() for _ in range(2 * 128)}
    assert len(minted) == 256
    with pytest.raises(Unavailable):
        minter()
    clock[0] += 100
    with pytest.raises(Unavailable):
        minter()


def test_the_next_holder_mints_past_all_that_a_dead_one_may_have_borrowed():
    clock = [milliseconds()]
    first, second = (Minter(3, clock=lambda: clock[0]) for _ in range(2))
    first.hold(3, until=clock[0] + 20_000)
    minted = [first() for _ in range(BORROW_MS * 128)]
    taken = best(held(f"{machine()}/{dead()}", clock[0] * 1_000 + LEASE), clock[0] * 1_000)
    second.hold(3, until=taken.until // 1_000, after=taken.after)
    clock[0] += 1
    assert second() > max(minted)


def test_a_dead_holders_node_is_free_at_once():
    assert best(held(f"{machine()}/{dead()}", now() + LEASE), now()) is not None


@pytest.mark.parametrize(
    "holder",
    [f"{machine()}/{os.getpid()}", f"{machine()}/1", "other/boot/1"],
    ids=["alive", "alive and another's", "elsewhere"],
)
def test_the_node_of_a_living_or_foreign_holder_is_not_free(holder):
    assert best(held(holder, AT + LEASE), AT) is None


def test_a_clock_that_was_set_back_frees_nothing():
    assert best(held(f"{machine()}/{dead()}", AT + 2 * LEASE), AT) is None


def test_a_node_that_was_never_used_goes_before_one_of_a_dead_holder():
    most = held(f"{machine()}/{dead()}", AT + LEASE)
    del most[20]
    assert best(most, AT).node == 20


def test_a_node_whose_lease_ran_out_starts_at_its_end():
    assert best(held("other/boot/1", AT - 1_000), AT).after == AT // 1_000 - 1


def test_killing_process_after_process_never_runs_out_of_nodes(store, run):
    script = (
        "import asyncio, os, sys\n"
        "from pathlib import Path\n"
        "from till.db.nodes import NodeLease\n"
        "from till.db.open import choose\n"
        "async def main():\n"
        "    db = await choose(Path(sys.argv[1]), sys.argv[2] or None)\n"
        "    for _ in range(20):\n"
        "        lease = await NodeLease.take(db, patience=0)\n"
        "    print(lease.minter(), flush=True)\n"
        "    os.kill(os.getpid(), 9)\n"
        "asyncio.run(main())\n"
    )

    async def migrate():
        await (await open_database(**store)).close()

    run(migrate())
    command = [sys.executable, "-c", script, store["folder"], store["url"] or ""]
    told = [subprocess.run(command, capture_output=True, check=False).stdout for _ in range(4)]
    assert len(set(told)) == 4
    assert all(told)
