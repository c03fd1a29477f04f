"""Schemathesis against the real server: thousands of requests made from the document, every check on."""

import json
import subprocess
import sys
from pathlib import Path

FEWEST = 2_000
CONFIG = Path(__file__).with_name("schemathesis.toml")


def test_every_answer_is_as_the_document_says(server, tmp_path):
    report = tmp_path / "report.json"
    arguments = ["run", f"{server.url}/openapi.json", "--checks", "all", "--no-color"]
    arguments += ["--header", f"X-Genstore-Access-Token: {server.app.accessToken}"]
    arguments += ["--report", "json", "--report-json-path", str(report)]
    done = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    told = json.loads(report.read_text(encoding="utf-8"))
    assert told["test_cases"]["generated"] >= FEWEST, told
