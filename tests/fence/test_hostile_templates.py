"""delivery.md test 37: whatever a template wants, it ends that render alone, and soon."""

import re
import resource
from pathlib import Path

import hostile
import pytest

from till.fence.limits import Breached, Limits
from till.fence.pool import Fence, Part, RenderJob
from till.liquid.bundle import Bundle
from till.storefront.surveying import catalogue_of
from till.storefront.visit import Visit

SAMPLE = Path(__file__).parents[1] / "storefront" / "sample"
LAYOUT = {"layout/theme.liquid": "{{ content_for_layout }}"}
INSIDE = re.compile(r"class|method|function|module|object at|builtin|lambda|root:|0x[0-9a-f]{6}")
LATE, MOST_MEMORY = 0.1, 512_000_000
# What a process has in memory at its end is let go of by the kernel, on its account: seconds a byte, at most.
LETTING_GO = 5e-10
MOST_GROWN = 32 * 1024  # KiB of this process
JOBS = ("till.storefront.rendering:render", "till.liquid.parsing:parse", "fence_jobs:bare")


class Tried:
    """A pool with one worker, and what each thing that was tried there took."""

    def __init__(self, pool):
        self.pool = pool
        self.catalogue = catalogue_of(SAMPLE)
        self.wrong = []

    async def attempt(self, name, doing):
        """What came of it, or the Breached; what it took is looked at."""
        before = {pid: cpu_of(pid) for pid in self.pool.pids}
        seen = len(self.pool.replaced)
        try:
            outcome = await doing
        except Breached as breach:
            outcome = breach
        for one in self.pool.replaced[seen:]:
            self.look(name, one.cpu - before.get(one.pid, 0), one.peak)
        for pid in self.pool.pids:
            self.look(name, cpu_of(pid) - before.get(pid, 0), peak_of(pid))
        if isinstance(outcome, Breached) and outcome.kind not in {"cpu", "memory", "depth", "output"}:
            self.wrong.append((name, outcome.kind, outcome.detail))
        return outcome

    def look(self, name, cpu, peak):
        if cpu > self.pool.limits.cpu + LATE + peak * LETTING_GO or peak > MOST_MEMORY:
            self.wrong.append((name, cpu, peak))

    def render(self, name, files):
        async def bundle():
            return Bundle(name, name, {**LAYOUT, **files}, {})

        async def world():
            return self.catalogue

        visit = Visit(path="/")
        return self.pool.render(
            RenderJob(bundle_key=name, bundle=bundle, world_key="sample", world=world, visit=visit)
        )

    async def on(self, name):
        """The next render works."""
        page = await self.render("fine", {"templates/index.liquid": "{{ 'fine' | upcase }}"})
        if page.body != "FINE" or page.faults:
            self.wrong.append((name, "the next render", page.body))


def cpu_of(pid):
    """User and system time in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def peak_of(pid):
    return int(re.search(r"VmHWM:\s*(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) * 1024


def tried(run, names, doing, judge, cpu=2.0):
    """Have `doing` done to every template, and none of it hurts; `judge` says what is wrong with one."""
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    async def go():
        async with Fence(1, Limits(cpu=cpu, wall=240), JOBS) as pool:
            them = Tried(pool)
            await them.on("start")
            for name, files in names.items():
                outcome = await them.attempt(name, doing(them, name, files))
                if said := judge(outcome):
                    them.wrong.append((name, said))
                await them.on(name)
            return them.wrong

    assert run(go()) == []
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - grown < MOST_GROWN


def test_37_no_template_sees_anything_of_python(run):
    def judge(outcome):
        if isinstance(outcome, Breached):
            return outcome.kind
        return INSIDE.findall(outcome.body)

    tried(run, hostile.CURIOUS, Tried.render, judge)


def test_37_a_greedy_template_ends_its_own_render(run):
    def judge(outcome):
        if isinstance(outcome, Breached):
            return "" if outcome.file.endswith(".liquid") and outcome.line else "not said where"
        kinds = {fault.kind for fault in outcome.faults}
        return "" if kinds & {"limit", "syntax"} else f"answered {outcome.body[:100]!r}"

    tried(run, hostile.GREEDY, Tried.render, judge)


def test_37_a_large_template_is_answered_or_ended(run):
    tried(run, hostile.LARGE, Tried.render, lambda _: "", cpu=0.8)


def test_37_parsing_is_behind_the_same_fence(run):
    def judge(outcome):
        return "" if isinstance(outcome, Breached | list) else "no answer"

    every = {**hostile.CURIOUS, **hostile.LARGE, "deep": hostile.GREEDY["brackets in brackets"]}
    tried(run, every, lambda them, _, files: them.pool.parse(files), judge, cpu=0.8)


@pytest.mark.parametrize("name", hostile.UNBOUNDED)
def test_37_the_fence_holds_where_liquid_has_no_limits(run, name):
    def judge(outcome):
        return "" if isinstance(outcome, Breached) or outcome == "an error" else f"answered {outcome[:100]!r}"

    def doing(them, _, files):
        return them.pool.run("fence_jobs:bare", [Part(files)], str)

    tried(run, {name: hostile.GREEDY[name]}, doing, judge, cpu=0.8)
