"""Asks a fence for the jobs of the tests."""

from types import FunctionType

import fence_jobs
import pytest

from till.fence.limits import Breached, Limits
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
