"""Plain Liquid, by the public cases: none fails that is not listed, and none is listed that passes."""

import subprocess
import sys
from pathlib import Path

import pytest

import golden
from till.liquid.environment import ThemeEnvironment

DOC = Path(__file__).parents[2] / "docs" / "explanation" / "liquid.md"
CASES = golden.cases()


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_case_is_answered_as_liquid_answers_it(case):
    failure = golden.failure(case)
    if case["name"] in golden.KNOWN:
        assert failure, f"{case['name']} passes: take it from the list"
    else:
        assert failure is None, f"{case['template']!r} {failure}"


def test_enough_cases_pass():
    assert len(CASES) == 1_054
    assert len(CASES) - len(golden.KNOWN) >= golden.FLOOR
    assert golden.KNOWN.keys() <= {case["name"] for case in CASES}


def test_the_list_stands_in_the_docs():
    page = DOC.read_text(encoding="utf-8")
    assert [name for name in golden.KNOWN if f"`{name}`" not in page] == []


def test_the_cases_run_with_the_store_and_the_limits():
    environment = ThemeEnvironment({}, golden.LIMITS)
    assert {"section", "form", "paginate", "content_for", "stylesheet"} <= environment.tags.keys()
    assert {"money", "asset_url", "t"} <= environment.filters.keys()
    assert None not in {
        environment.loop_iteration_limit,
        environment.output_stream_limit,
        environment.local_namespace_limit,
    }


def test_the_fixture_is_the_public_one():
    assert "MIT" in golden.CASES.with_name("LICENSE").read_text(encoding="utf-8")


def test_the_command_agrees():
    script = Path(__file__).parents[2] / "scripts" / "conformance.py"
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert f"{len(CASES) - len(golden.KNOWN):,} of 1,054 cases pass" in done.stdout
