"""The tutorial, step by step, with the app in each of its two languages: what is shown is what is seen."""

import re
import time

import pytest

from reading import ROOT, Reader

PAGE = ROOT / "docs" / "tutorial.md"
PART = re.compile(r"^```(sh|text)\n(.*?)^```\n|^(?!```)(.+?)(?=^```|\Z)", re.MULTILINE | re.DOTALL)
STAY = ("till demo", "till listen --forward-to", "python3 examples/", "node examples/")
APPS = {"python": "receiver.py", "node": "receiver.mjs"}
SEEN_WITHIN = 60


class Pupil(Reader):
    """Does what the page says with the app in one language, and looks for what it shows."""

    def __init__(self, folder, variables):
        super().__init__(folder, variables)
        self.shell = folder / "shell.sh"
        self.shell.touch()
        self.app = ""
        self.running = None
        self.printed = ""
        self.last_line = ""
        self.read_before = {}

    def do(self, block):
        """The lines of a block; what stays gets a terminal of its own."""
        self.read_before = {path: len(path.read_text()) for path in self.folder.glob("terminal-*")}
        block = self.here(block).replace("TILL_TOKEN=…", f"TILL_TOKEN={self.variables.get('TOKEN')}")
        head, _, last = block.strip().rpartition("\n")
        if not last.startswith(STAY):
            head, last = block, ""
        self.printed = self.type(head) if head else ""
        self.last_line = head.strip().rpartition("\n")[2]
        if last:
            self.stay(last)

    def stay(self, documented):
        """Start what stays, on a free port, or on the one that it had before."""
        port = re.search(r"--port (\d+)", documented)
        command = documented
        if port:
            url = f"http://127.0.0.1:{port[1]}"
            command = documented.replace(port[0], f"--port {self.urls.get(url, ':0').rpartition(':')[2]}")
        process = self.serve(command, before=f"set -a; . {self.shell}; ")
        if port:
            self.urls.setdefault(url, self.urls.pop("http://127.0.0.1:0", ""))
        if "examples/" in documented:
            self.app, self.running = documented, process

    def type(self, block):
        """In one shell for the whole page: what it has set is there in the next block."""
        return super().type(
            f"set -a; . {self.shell}; set -u\n{block}\nset +u\n{{ export -p; declare -f; }} > {self.shell}"
        )

    def sees(self, shown):
        """Whether each line that is shown was printed since, by the command or in any terminal."""
        until = time.monotonic() + SEEN_WITHIN
        wanted = [self.pattern(line) for line in shown.splitlines()]
        while not all(re.search(each, self.all_that_was_said(), re.MULTILINE) for each in wanted):
            assert time.monotonic() < until, f"{shown}\n--- but\n{self.all_that_was_said()}"
            time.sleep(0.2)
            if self.last_line.startswith("till webhooks deliveries"):
                self.printed = self.type(self.last_line)

    def pattern(self, line):
        words = re.escape(self.here(line)).split("…")
        return r"(?:^|\s)" + ".*".join(re.sub(r"(\\ )+", r"\\s+", each) for each in words).strip()

    def all_that_was_said(self):
        terminals = sorted(self.folder.glob("terminal-*"))
        said = [path.read_text()[self.read_before.get(path, 0) :] for path in terminals]
        lines = "\n".join([self.printed, *said]).splitlines()
        return "\n".join(line for line in lines if not line.startswith('{"at":'))  # the server's log


@pytest.fixture
def pupil(desk):
    found = Pupil(*desk)
    yield found
    found.leave()


def parts():
    """Prose, commands and what is shown, in the order of the page."""
    for kind, inside, prose in PART.findall(PAGE.read_text(encoding="utf-8")):
        yield kind or "prose", inside or prose


@pytest.mark.parametrize("language", APPS)
def test_each_step_shows_what_the_page_shows(pupil, language):
    (other,) = set(APPS) - {language}
    done = 0
    for kind, text in parts():
        if kind == "prose" and "Stop the app with Ctrl-C" in text:
            pupil.end(pupil.running)
        if kind == "text":
            pupil.sees(text)
            done += 1
        if kind == "sh" and APPS[other] not in text:
            pupil.do(text)
        if kind == "prose" and "Start the app again" in text:
            pupil.stay(pupil.app)
    assert done == 9


def test_the_page_says_nothing_that_is_not_tried():
    text = PAGE.read_text(encoding="utf-8")
    assert text.count("```") == 2 * sum(kind != "prose" for kind, _ in parts())
