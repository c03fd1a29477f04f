"""A real browser for tests, that waits as long as a busy machine takes."""

import contextlib
import sys
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))

from tools import chromium

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
]
# Milliseconds; who waits for something that comes loses nothing by it.
PATIENCE = 120_000
expect.set_options(timeout=PATIENCE)


@contextlib.contextmanager
def browser():
    path = chromium()
    assert path is not None, "no Chromium: run scripts/tools.py"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(path), args=FLAGS, timeout=PATIENCE)
        yield _Patient(opened)
        opened.close()


class _Patient:
    """The browser, of which everything that it opens has that patience."""

    def __init__(self, opened):
        self._opened = opened

    def new_context(self, **options):
        return _patient(self._opened.new_context(**options))

    def new_page(self, **options):
        return _patient(self._opened.new_page(**options))


def _patient(opened):
    opened.set_default_timeout(PATIENCE)
    return opened
