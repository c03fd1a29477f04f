"""Schemathesis against the real server: thousands of requests made from the document, every check on."""

import json
import subprocess
import sys
from pathlib import Path

from running import environment
from till.slices import ENDPOINTS

FEWEST = 8_000
HERE = Path(__file__).parent


def test_every_answer_is_as_the_document_says(server, tmp_path):
    report = tmp_path / "report.json"
    arguments = ["--config-file", str(HERE / "schemathesis.toml"), "run", f"{server.url}/openapi.json"]
    arguments += ["--checks", "all", "--no-color"]
    arguments += ["--header", f"X-Genstore-Access-Token: {server.app.accessToken}"]
    arguments += ["--report", "json", "--report-json-path", str(report)]
    done = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", *arguments],
        env=environment(
            SCHEMATHESIS_HOOKS=str(HERE / "real_things.py"),
            CONTRACT_ROOT=f"{server.url}/api/202412",
            CONTRACT_TOKEN=server.app.accessToken,
        ),
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    told = json.loads(report.read_text(encoding="utf-8"))
    assert told["test_cases"]["generated"] >= FEWEST, told
    never = [
        name
        for name, phases in told["valid_rates"].items()
        if not any(phase["accepted"] for phase in phases.values())
    ]
    assert (len(told["valid_rates"]), never) == (len(ENDPOINTS), [])
