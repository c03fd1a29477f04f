"""Ids that tell when they were made."""

import time
import uuid

from till.ids import uuid7


def test_uuids_are_in_the_order_in_which_they_were_made():
    # One every hundredth of a millisecond at most: what is finer is left to chance.
    made = []
    for _ in range(300):
        made.append(uuid7())
        until = time.perf_counter_ns() + 10_000
        while time.perf_counter_ns() < until:
            pass
    assert made == sorted(made)
    assert {uuid.UUID(bytes=each).version for each in made} == {7}
    assert {uuid.UUID(bytes=each).variant for each in made} == {uuid.RFC_4122}
    assert len({each[8:] for each in made}) == 300
