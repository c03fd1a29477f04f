"""docs/explanation/faults.md names tests for every number that it speaks of, and each of them exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "explanation" / "faults.md").read_text(encoding="utf-8")
NUMBERS = [*range(1, 30), 32, 33, 34, 35, 38]
ROWS = {int(row[0]): row[1] for row in re.findall(r"^\| (\d+) \|(.*)$", PAGE, re.MULTILINE)}
LISTED = {number: set(re.findall(r"`([\w/]+\.py)::(test_\w+)`", row)) for number, row in ROWS.items()}


def carrying(number):
    """The tests whose name carries the number, as (file below tests/, name)."""
    found = set()
    for folder in ("cli", "contract", "deliveries", "faults", "web"):
        for path in sorted((ROOT / "tests" / folder).rglob("test_*.py")):
            names = re.findall(
                rf"^(?:async )?def (test_0?{number}_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE
            )
            found |= {(path.relative_to(ROOT / "tests").as_posix(), name) for name in names}
    return found


@pytest.mark.parametrize("number", NUMBERS)
def test_each_number_has_tests_and_those_that_the_page_lists_exist(number):
    assert LISTED[number]
    assert LISTED[number] <= carrying(number)
