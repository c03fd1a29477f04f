"""A pytest process of its own, in a folder of its own, as users of the plug-in have it."""

import subprocess
import sys

import pytest

from running import environment

PATIENCE = 90
PYTEST = [sys.executable, "-m", "pytest", "-W", "error", "--strict-markers", "-p", "no:cacheprovider"]
# Another plug-in that is here, and takes seconds to load.
PYTEST += ["-p", "no:schemathesis"]


class Run:
    """A folder with tests, which pytest runs there."""

    def __init__(self, folder):
        self.folder = folder

    def write(self, text, name="test_it.py"):
        (self.folder / name).write_text(text, encoding="utf-8")

    def start(self, *options):
        return subprocess.Popen(
            [*PYTEST, *options],
            cwd=self.folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __call__(self, *options):
        """What pytest printed, and how it ended."""
        done = self.start(*options)
        printed, _ = done.communicate(timeout=PATIENCE)
        return printed, done.returncode


@pytest.fixture
def run(tmp_path):
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return Run(tmp_path)
