"""A server on a disk that is told how to behave, in a process of its own: `python disk_run.py '{…}'`.

The JSON names the `job`, the `folder`, the `token` and the file `out` in which the job leaves what it saw.
"""

import asyncio
import contextlib
import itertools
import json
import os
import pickle
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import apsw
import uvloop
from checker import Asked, Evidence, check, versions_told
from fault_disk import Connection, Disk, Plan, Round
from fault_feed import told as told_event

from builders import a_line
from inside import Inside
from running import environment
from till.db import sqlite
from till.db.port import StoreUnavailable
from till.errors import Unavailable
from till.server import running
from till.settings import Settings

WRITERS = 4


@contextlib.asynccontextmanager
async def serving(folder, token):
    async with running(Settings(data=folder)) as parts:
        yield Inside(parts, None, token=token)


async def write(till, asked, note):
    """Ask for one change, telling `note` before it and after it was answered; the order's number or None."""
    note(asked)
    if asked.verb == "create":
        body = {"order": {"lineItems": [a_line()], "note": asked.mark, "financialStatus": "paid"}}
        reply = await till.ask("POST", "/orders", body)
    elif asked.mark.endswith("cancel"):
        reply = await till.ask("POST", f"/orders/{asked.order}/cancel", {"refund": True})
    else:
        reply = await till.ask("PUT", f"/orders/{asked.order}", {"order": {"note": asked.mark}})
    if reply.status == 200:
        note(replace(asked, order=reply.order["orderId"], version=reply.order["version"]))
    return reply


async def life(till, name, note):
    """A paid order that is created, changed twice and cancelled; the statuses that were answered."""
    reply = await write(till, Asked(name, "create"), note)
    statuses = [reply.status]
    if reply.status == 200:
        order = reply.order["orderId"]
        changes = [Asked(f"{name} {what}", "change", order) for what in ("a", "b", "cancel")]
        statuses += [(await write(till, each, note)).status for each in changes]
    return statuses


# What a power cut leaves


async def until_the_cut(told, disk):
    """Four writers on a disk that remembers; the log is carried over and begun anew all the while.

    A careless store keeps its log, for carrying it over syncs it: on a slow disk nothing else would be left.
    """
    if not told["careless"]:
        sqlite.LONGEST_LOG, sqlite.CHECKPOINT_EVERY = 40, 0.01
    seen = lambda asked: disk.note("seen", note=asked)  # noqa: E731 - one word for what is noted
    async with serving(told["folder"], told["token"]) as till:
        if told["careless"]:
            till.parts.db._writes.execute("PRAGMA synchronous = NORMAL")

        async def writer(number):
            for each in range(told["lives"]):
                assert await life(till, f"{number}/{each}", seen) == [200] * 4

        await asyncio.gather(*map(writer, range(WRITERS)))
    return disk.deeds


# One deed after the other fails

MANNERS = {
    "once": {},
    "torn": {"torn": True},
    "from then on": {"lasting": True},
    "full": {"error": apsw.FullError},
}


async def each_deed_at_work(told, disk):
    """Fail each `step`th deed of an order's life in turn, in each manner, until one is through without."""
    sqlite.LONGEST_LOG, sqlite.CHECKPOINT_EVERY = 4, 0.005
    rounds = []
    for manner, how in MANNERS.items():
        for nth in itertools.count(1, told["step"]):
            folder = shutil.copytree(told["folder"], told["folder"].parent / f"{manner} {nth}")
            rounds.append(await fail_at_work(disk, Plan(nth, **how), folder, told["token"], manner))
            shutil.rmtree(folder, ignore_errors=True)
            if not rounds[-1].struck:
                break
    return rounds


async def fail_at_work(disk, plan, folder, token, manner):
    asked, found = {}, Round(manner, plan.struck)
    seen = lambda each: asked.update({each.mark: each})  # noqa: E731 - one word for what is noted
    async with serving(folder, token) as till:
        disk.plan = plan
        found.statuses = await life(till, "failing", seen)
        disk.plan = None
        found.after = await life(till, "after", seen)
    found.findings = await looked_at(folder, token, list(asked.values()))
    return found


async def looked_at(folder, token, asked):
    """What the checker says of a folder once all works again, and what SQLite says of its file."""
    async with serving(folder, token) as till:
        page = (await till.ask("GET", "/events?limit=250&sign=true")).json
        events = [told_event(each) for each in page["events"]]
        found = check(Evidence(asked=asked, pages=[(0, events, int(page["cursor"]))]))
        for order, version in versions_told(events).items():
            reply = await till.ask("GET", f"/orders/{order}")
            if reply.status != 200 or reply.order["version"] != version:
                found.append((order, version, reply.body))
        if till.parts.db._reads.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            found.append("integrity")
    return found


async def each_deed_of_the_start(told, disk):
    """Fail each `step`th deed of the making of a new store in turn; then start again on a sound disk."""
    rounds = []
    for manner, how in MANNERS.items():
        for nth in itertools.count(1, told["step"]):
            folder = told["folder"].parent / f"new, {manner} {nth}"
            rounds.append(await fail_at_the_start(disk, Plan(nth, **how), folder, manner))
            shutil.rmtree(folder, ignore_errors=True)
            if not rounds[-1].struck:
                break
    return rounds


async def fail_at_the_start(disk, plan, folder, manner):
    found, disk.plan = Round(manner, plan.struck), plan
    try:
        async with serving(folder, ""):
            pass
    except (StoreUnavailable, Unavailable) as refused:
        found.opened, found.told = False, str(refused)
    disk.plan = None
    async with serving(folder, "") as till:
        found.statuses = [(await till.ask("GET", "/orders")).status]
    return found


JOBS = {"cut": until_the_cut, "work": each_deed_at_work, "start": each_deed_of_the_start}


def apart(job, folder, shop, out, **more):
    """Do a job in a process of its own; answers what it saw."""
    told = {"job": job, "folder": str(folder), "token": shop.accessToken, "out": str(out), **more}
    done = subprocess.run(
        [sys.executable, __file__, json.dumps(told)],
        env=environment(PYTHONPATH=os.pathsep.join(sys.path)),
        capture_output=True,
        text=True,
        check=False,
        timeout=1_200,
    )
    assert done.returncode == 0, done.stderr[-4_000:]
    return pickle.loads(out.read_bytes())


def main():
    told = json.loads(sys.argv[1])
    told["folder"] = Path(told["folder"])
    apsw.Connection = Connection
    disk = Disk(remembers=told["job"] == "cut")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(JOBS[told["job"]](told, disk))
    Path(told["out"]).write_bytes(pickle.dumps(found))


if __name__ == "__main__":
    main()
