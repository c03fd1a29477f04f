"""The power goes at a random moment: what was acknowledged is there when it is back, whole and told.

`make test` cuts 40 times, `make soak` (TILL_TEST_CUTS=500) as often as the contract asks.
"""

import os

import apsw
import pytest
from checker import Evidence, check, versions_told
from disk_run import apart
from fault_disk import after_power_cut, cuts
from fault_feed import pages

CUTS = int(os.environ.get("TILL_TEST_CUTS", "40"))
LIVES = 12


def told_until(deeds):
    """The requests that were begun, each with its answer if it came before the cut."""
    return list({deed.note.mark: deed.note for deed in deeds if deed.kind == "seen"}.values())


def findings_after(opened, base, deeds, folder, chance):
    """Cut the power after these deeds, and look at what is found."""
    after_power_cut(base, deeds, folder, chance)
    with opened(folder) as till:
        seen = Evidence(asked=told_until(deeds))
        seen.pages = pages(lambda path: till.get(path).json)
        for order, version in versions_told(seen.events).items():
            assert till.get(f"/orders/{order}").order["version"] == version
    database = apsw.Connection(str(folder / "till.db"))
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    database.close()
    return seen, check(seen)


@pytest.mark.long
def test_03_what_was_acknowledged_survives_any_power_cut(stocked, copied, opened, tmp_path):
    deeds = apart("cut", copied, stocked.shop, tmp_path / "out", lives=LIVES, careless=False)
    acknowledged = 0
    for number, (length, chance) in enumerate(cuts(deeds, CUTS, "cuts")):
        found, findings = findings_after(
            opened, stocked.folder, deeds[:length], tmp_path / f"{number}", chance
        )
        assert findings == [], f"cut {number} after {length} deeds"
        acknowledged += sum(each.version is not None for each in found.asked)
    assert acknowledged > CUTS
    print(f"\n{CUTS} cuts in {len(deeds)} deeds, {acknowledged} acknowledged changes, 0 lost")


def test_03_the_proof_sees_what_a_store_loses_that_does_not_sync(stocked, copied, opened, tmp_path):
    deeds = apart("cut", copied, stocked.shop, tmp_path / "out", lives=LIVES, careless=True)
    kinds = set()
    for number, (length, chance) in enumerate(cuts(deeds, 10, "careless")):
        kinds |= {
            each.kind
            for each in findings_after(
                opened, stocked.folder, deeds[:length], tmp_path / f"{number}", chance
            )[1]
        }
    assert "lost" in kinds


def test_03_every_connection_that_writes_is_durable(copied, opened):
    with opened(copied) as till:
        for each in (till.parts.db._writes, till.parts.db._checkpoints._connection):
            assert each.execute("PRAGMA synchronous").fetchall() == [(2,)]
            assert each.execute("PRAGMA journal_mode").fetchall() == [("wal",)]
