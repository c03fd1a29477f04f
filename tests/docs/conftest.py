"""A reader of the pages, in a copy of the repository."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reading import ROOT, Reader
from running import environment


@pytest.fixture
def desk(tmp_path, postgres):
    """Make a copy of the repository, so that nothing is left in it, and this environment."""
    files = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout.split("\0")
    for name in filter(None, files):
        if (ROOT / name).exists():
            place = tmp_path / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes((ROOT / name).read_bytes())
            place.chmod((ROOT / name).stat().st_mode)
    (tmp_path / ".venv").symlink_to(Path(sys.prefix))
    for stamp in ("run.stamp", "dev.stamp"):
        (Path(sys.prefix) / stamp).touch()
    path = f"{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}"
    variables = environment(
        PATH=path,
        XDG_STATE_HOME=str(tmp_path / "state"),
        DATABASE_URL=postgres.create_database(),
        EMPTY_DATABASE_URL=postgres.create_database(),
    )
    return tmp_path, variables


@pytest.fixture
def reader(desk):
    found = Reader(*desk)
    yield found
    found.leave()
