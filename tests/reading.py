"""Somebody who types what a page says, one terminal for each program that stays."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
SERVERS = ("make run", "till serve", "till demo", "till theme dev")
READY = re.compile(r"(http://127\.0\.0\.1:\d+)")
TOKEN = re.compile(r"\b[0-9a-f]{64}\b")
PATIENCE = 120


class Reader:
    """In a folder of his own; `urls` are the documented ones, and what they are here."""

    def __init__(self, folder, variables):
        self.folder = folder
        self.variables = variables
        self.urls = {}
        self.terminals = []

    def follow(self, block):
        block = self.here(block)
        if block.strip().startswith("till move"):
            self.leave()  # the page says to stop the server first
        if block.strip().startswith(SERVERS):
            self.serve(block.strip())
        else:
            self.type(block)

    def here(self, text):
        """The text with the URLs that are real."""
        for documented, real in self.urls.items():
            text = text.replace(documented, real)
        return text

    def type(self, block):
        """Run it to its end; answers what it printed."""
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
        return done.stdout

    def serve(self, command, *, before=""):
        """Start it, wait until it says where it is, and learn the token if it prints one."""
        out = self.folder / f"terminal-{len(list(self.folder.glob('terminal-*')))}.txt"
        with out.open("w") as file:
            process = subprocess.Popen(
                ["bash", "-c", f"{before}exec {command}"],
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
        return process

    def _is_up(self, said, command):
        found = READY.findall(said)
        tokens = TOKEN.findall(said)
        if not found or (command.startswith(("make run", "till demo")) and not tokens):
            return False
        port = re.search(r"--port (\d+)", command)
        usual = 9292 if command.startswith("till theme dev") else 8080
        self.urls.setdefault(f"http://127.0.0.1:{port[1] if port else usual}", found[0])
        # Where commands ask that are told nothing: at 8080 may be the server of a page read beside this.
        self.variables.setdefault("TILL_URL", self.urls.get("http://127.0.0.1:8080", found[0]))
        self.variables |= {"TOKEN": tokens[0]} if tokens else {}
        return True

    def end(self, process):
        """Stop one, as Ctrl-C in its terminal does."""
        self.terminals.remove(process)
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)

    def leave(self):
        """Stop all of them."""
        for process in list(self.terminals):
            self.end(process)
