"""Every write, sync, open, truncation and deletion of SQLite's fails once: nothing is lost, half or untrue.

`make test` fails every twelfth deed of an order's life, and some of the many that make a new store; `make
soak` (TILL_TEST_DEEDS=all) each of them.
"""

import os
from collections import Counter

import pytest
from disk_run import MANNERS, apart

ALL = os.environ.get("TILL_TEST_DEEDS") == "all"


@pytest.mark.long
def test_04_each_deed_of_the_disk_fails_at_work(stocked, copied, tmp_path):
    rounds = apart("work", copied, stocked.shop, tmp_path / "out", step=1 if ALL else 12)
    kinds, refused = Counter(), 0
    for each in rounds:
        kinds.update(kind for kind, _ in each.struck)
        assert each.findings == [], each
        assert set(each.statuses) <= {200, 503}, each
        assert each.after == [200] * 4, each
        refused += 503 in each.statuses
    assert {each.manner for each in rounds if not each.struck} == set(MANNERS)
    assert {"write", "sync"} <= set(kinds)
    assert refused > len(MANNERS)
    print(f"\n{len(rounds)} rounds at work, {dict(kinds)} failed, {refused} requests refused, nothing lost")


def test_04_each_deed_of_the_disk_fails_at_the_start(stocked, tmp_path):
    rounds = apart("start", tmp_path / "new", stocked.shop, tmp_path / "out", step=1 if ALL else 40)
    for each in rounds:
        assert each.statuses == [401], each
        assert each.opened or "cannot be" in each.told, each
    assert {each.manner for each in rounds if not each.struck} == set(MANNERS)
    stopped = sum(not each.opened for each in rounds)
    assert stopped > len(MANNERS)
    print(f"\n{len(rounds)} rounds at the start, {stopped} stopped cleanly")
