"""Schemathesis against the real server: thousands of requests made from the document, every check on.

`make test` makes the same each time; `make soak` (TILL_TEST_CASES=3) three times as many of those that are
drawn, and others every time.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from running import environment
from till.oauth.described import BESIDE
from till.slices import ENDPOINTS

ASKED = os.environ.get("TILL_TEST_CASES")
FEWEST = 10_000 if ASKED else 8_000
HERE = Path(__file__).parent


def config_in(folder):
    """The configuration, with as many more examples as are asked for, and then without its seed."""
    text = (HERE / "schemathesis.toml").read_text(encoding="utf-8")
    if ASKED:
        text = re.sub(
            r"(?<=^max-examples = )\d+",
            lambda found: str(int(found[0]) * int(ASKED)),
            text,
            flags=re.MULTILINE,
        )
        text = re.sub(r"^seed = \d+\n", "", text, flags=re.MULTILINE)
    made = folder / "schemathesis.toml"
    made.write_text(text, encoding="utf-8")
    return made


@pytest.mark.long
def test_32_every_answer_is_as_the_document_says(server, tmp_path):
    report = tmp_path / "report.json"
    arguments = ["--config-file", str(config_in(tmp_path)), "run", f"{server.url}/openapi.json"]
    arguments += ["--checks", "all", "--no-color"]
    arguments += ["--header", f"X-Genstore-Access-Token: {server.app.accessToken}"]
    arguments += ["--report", "json", "--report-json-path", str(report)]
    done = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", *arguments],
        env=environment(
            SCHEMATHESIS_HOOKS=str(HERE / "real_things.py"),
            CONTRACT_ROOT=f"{server.url}/api/202412",
            CONTRACT_TOKEN=server.app.accessToken,
            CONTRACT_FOLDER=str(server.folder),
            CONTRACT_CLIENT=server.app.clientId,
            CONTRACT_SECRET=server.app.clientSecret,
            PYTHONPATH=str(HERE),
        ),
        capture_output=True,
        text=True,
        check=False,
        timeout=1_500 * int(ASKED or 1),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    told = json.loads(report.read_text(encoding="utf-8"))
    assert told["test_cases"]["generated"] >= FEWEST, told
    print(f"\n{told['test_cases']['generated']:,} cases")
    never = [
        name
        for name, phases in told["valid_rates"].items()
        if not any(phase["accepted"] for phase in phases.values())
    ]
    assert (len(told["valid_rates"]), never) == (len(ENDPOINTS) + len(BESIDE), [])
