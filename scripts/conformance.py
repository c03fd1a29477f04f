"""Runs the public Liquid cases through Till's own environment and prints those that fail.

Exits with 1 where fewer pass than promised, or where the list of known failures is not the true one.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import golden


def main() -> int:
    """Run all cases."""
    cases = golden.cases()
    failed = {case["name"]: failure for case in cases if (failure := golden.failure(case))}
    for name, failure in failed.items():
        known = golden.KNOWN.get(name)
        print(f"{'known' if known else 'NEW  '}  {name}: {known or failure}")
    gone = golden.KNOWN.keys() - failed.keys()
    for name in sorted(gone):
        print(f"PASSES {name}: take it from the list in tests/golden.py and docs/explanation/liquid.md")
    passed = len(cases) - len(failed)
    print(f"{passed:,} of {len(cases):,} cases pass; at least {golden.FLOOR:,} have to")
    return int(passed < golden.FLOOR or failed.keys() != golden.KNOWN.keys())


if __name__ == "__main__":
    sys.exit(main())
