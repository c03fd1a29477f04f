"""Somebody who keeps a shop with `till orders`: its commands as processes, against a server as a process."""

import contextlib
import json
import os
import pty
import subprocess
from types import SimpleNamespace

from running import PATIENCE, command, environment, till


class Keeper:
    """Runs `till orders …`, or another `verb`, with the server and the token in its environment."""

    def __init__(self, url, token, verb="orders"):
        self.url = url
        self.token = token
        self.verb = verb

    def run(self, *arguments, given=None, **more):
        """The finished process, whatever its exit code."""
        known = {"TILL_URL": self.url, "TILL_TOKEN": self.token} | more
        return till(self.verb, *arguments, check=False, given=given, **known)

    def says(self, *arguments, **more):
        """What a command prints that succeeds."""
        done = self.run(*arguments, **more)
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
        return done.stdout

    def json(self, *arguments, **more):
        """The JSON that a command prints that succeeds; it is one line."""
        said = self.says(*arguments, "--json", **more)
        assert said.count("\n") == 1
        return json.loads(said)

    def refused(self, *arguments, **more):
        """Exit code and standard error of a command that fails, without a traceback."""
        done = self.run(*arguments, **more)
        assert done.returncode != 0, (arguments, done.stdout)
        assert "Traceback" not in done.stderr
        assert done.stdout == "" or "--json" in arguments, done.stdout
        return SimpleNamespace(code=done.returncode, sentence=done.stderr, out=done.stdout)

    def order(self, *lines, **options):
        """A new order of these lines, as the server answers it."""
        told = [f"--line={line}" for line in lines or ("Tea=10.00*2", "Pot=25.00")]
        told += [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
        return self.json("create", *told)["order"]

    def answering(self, *arguments, answers):
        """Exit code and output of a command that a person answers at a terminal."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            command("orders", *arguments),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment(TILL_URL=self.url, TILL_TOKEN=self.token),
        )
        os.close(theirs)
        os.write(ours, answers.encode())
        said = b""
        with contextlib.suppress(OSError):  # the terminal goes with the process
            while chunk := os.read(ours, 4_096):
                said += chunk
        os.close(ours)
        return process.wait(PATIENCE), said.decode()
