"""Every command of the README and of docs/howto is run, in its order, and every link leads somewhere."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from running import environment

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs" / "howto").glob("*.md"))]
TEXTS = [
    *ROOT.glob("*.md"),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "examples").rglob("*.md")),
]
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
SERVERS = ("make run", "till serve", "till demo")
READY = re.compile(r"(http://127\.0\.0\.1:\d+)")
TOKEN = re.compile(r"\b[0-9a-f]{64}\b")
PATIENCE = 120


class Reader:
    """Somebody who types what a page says, in a folder of his own, one terminal for each server."""

    def __init__(self, folder, variables):
        self.folder = folder
        self.variables = variables
        self.urls = {}
        self.terminals = []

    def follow(self, block):
        for documented, real in self.urls.items():
            block = block.replace(documented, real)
        if block.strip().startswith("till move"):
            self.leave()  # the page says to stop the server first
        if block.strip().startswith(SERVERS):
            self._serve(block.strip())
        else:
            self._type(block)

    def _type(self, block):
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block],
            cwd=self.folder,
            env=self.variables,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
        assert '"error"' not in done.stdout, f"{block}\n{done.stdout}"

    def _serve(self, command):
        """Start it, wait until it says where it is, and learn the token if it prints one."""
        out = self.folder / f"terminal-{len(self.urls)}.txt"
        with out.open("w") as file:
            process = subprocess.Popen(
                ["bash", "-c", f"exec {command}"],
                cwd=self.folder,
                env=self.variables,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        self.terminals.append(process)
        until = time.monotonic() + PATIENCE
        while not self._is_up(out.read_text(encoding="utf-8"), command):
            assert process.poll() is None, out.read_text(encoding="utf-8")
            assert time.monotonic() < until, out.read_text(encoding="utf-8")
            time.sleep(0.1)

    def _is_up(self, said, command):
        found = READY.findall(said)
        tokens = TOKEN.findall(said)
        if not found or ("serve" not in command and not tokens):
            return False
        port = re.search(r"--port (\d+)", command)
        self.urls[f"http://127.0.0.1:{port[1] if port else 8080}"] = found[-1]
        self.variables |= {"TOKEN": tokens[0]} if tokens else {}
        return True

    def leave(self):
        """Stop every server, as Ctrl-C in its terminal does."""
        while self.terminals:
            process = self.terminals.pop()
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


@pytest.fixture
def reader(tmp_path, postgres):
    """In a copy of the repository, so that nothing is left in it; the environment is this one's."""
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
        DATABASE_URL=postgres.create_database(),
        EMPTY_DATABASE_URL=postgres.create_database(),
    )
    found = Reader(tmp_path, variables)
    yield found
    found.leave()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_of_the_page_works_in_its_order(reader, page):
    blocks = BLOCK.findall(page.read_text(encoding="utf-8"))
    assert blocks
    for block in blocks:
        reader.follow(block)


@pytest.mark.parametrize("page", TEXTS, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_to_a_file(page):
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target
