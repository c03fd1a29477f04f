"""Find what the tests need beyond Python, PostgreSQL's server, Chromium and Node.js, or install it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from postgres import programs  # noqa: E402 - the tests' own way of finding it


def postgresql() -> Path | None:
    try:
        found: Path = programs()
    except RuntimeError:
        return None
    return found


def chromium() -> Path | None:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = next(filter(None, map(shutil.which, names)), None)
    return Path(found) if found else None


def node() -> Path | None:
    found = shutil.which("node")
    return Path(found) if found else None


@dataclass(frozen=True)
class Tool:
    name: str
    package: str
    find: Callable[[], Path | None]


TOOLS = (
    Tool("PostgreSQL server", "postgresql", postgresql),
    Tool("Chromium", "chromium", chromium),
    Tool("Node.js", "nodejs", node),
)


def install(missing: list[Tool]) -> None:
    packages = [tool.package for tool in missing]
    print(f"installing {' '.join(packages)}", flush=True)
    # Never start what is installed: the tests start servers of their own.
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        done = subprocess.run(["apt-get", "-q", *command], env=quiet, check=False)
        if done.returncode:
            sys.exit(f"apt-get {command[0]} failed: install {' and '.join(packages)} by hand")


def main() -> None:
    missing = [tool for tool in TOOLS if tool.find() is None]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        install(missing)
        missing = [tool for tool in TOOLS if tool.find() is None]
    for tool in TOOLS:
        print(f"{tool.name}: {tool.find() or 'missing'}")
    if missing:
        names = " and ".join(tool.name for tool in missing)
        packages = " ".join(tool.package for tool in missing)
        sys.exit(
            f"The tests need {names}: install the packages {packages} (on Debian: sudo apt-get"
            f" install {packages}) and put their programs into PATH."
        )


if __name__ == "__main__":
    main()
