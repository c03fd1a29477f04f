import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHOWN = {"get", "get, p99", "list 50", "list 50, p99", "count"}
SHOWN |= {"create", "create, one shop", "cancel", "pay", "ship", "refund"}
SHOWN |= {"arrived, p95", "arrived beside a dead endpoint, p95", "drain", "create, delivering", "claim"}
SHOWN |= {"get, counted", "get, processor"}
SHOWN |= {"asset read", "asset list", "push of many", "push of one"}
SHOWN |= {
    f"{what}, {share}"
    for what in ("product page", "product page, default theme", "save and repaint")
    for share in ("p50", "p95")
}
SHOWN |= {"start", "shop of a test"}
SHOWN |= {"memory, delivering", "memory, idle", "memory, reads", "memory, writes"}


def bench(*arguments):
    done = subprocess.run(
        [sys.executable, "-m", "bench", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.long
def test_the_bench_measures_every_row_against_its_limit(tmp_path):
    printed = bench(
        *(
            "--quick",
            "--store",
            "sqlite",
            "--orders",
            300,
            "--cache",
            tmp_path,
            "--json",
            tmp_path / "rows.json",
        )
    )
    rows = json.loads((tmp_path / "rows.json").read_text())["rows"]
    assert {row["what"] for row in rows} == SHOWN
    assert all(figure > 0 for row in rows for figure in (row["ratio"], *row["till"], *row["limit"]))
    lines = [line for line in printed.splitlines() if line.startswith("| ")]
    assert len(lines) == len(rows) + 1


@pytest.mark.parametrize("kind", ["get", "list", "create", "refund"])
def test_the_bench_says_what_a_request_costs(tmp_path, kind):
    printed = bench("--profile", kind, "--orders", 300, "--cache", tmp_path)
    assert "answers in" in printed
    assert "tottime" in printed
