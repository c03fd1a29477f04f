"""`python -m bench.uncounted PYTHON -m till …`: the same server, which counts and logs no call of an app."""

import sys
from typing import Any

from till.cli.main import run
from till.web import noting
from till.web.tally import Tally


def _none(*_: Any, **__: Any) -> None:
    """Count nothing."""


if __name__ == "__main__":
    setattr(Tally, "note", _none)  # noqa: B010 - what is measured is the difference to the real one
    vars(noting)["masked"] = lambda path, query, _: f"{path}?{query}" if query else path
    sys.argv = ["till", *sys.argv[4:]]
    run()
