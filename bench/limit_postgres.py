"""The limit for writes on PostgreSQL: the store's own statements as a script of pgbench, 32 connections."""

import re
import subprocess
import tempfile
import time
from collections import deque
from pathlib import Path
from typing import Any

from bench.load import CONNECTIONS, Result
from bench.samples import FIRST_SHOP, NUMBER, SHOPS
from bench.template import EVENT, ID, SHOP, Statement, templates
from till.db.port import Dialect
from till.db.postgres_statement import PIECE

# Ids of a run: its base, and a step for each transaction and connection.
STEP = 64
FIRST_RUN = 2_000_000_000_000_000
PROBE = 30
RATE = re.compile(r"tps = ([\d.]+)")
FAILED = re.compile(r"number of failed transactions: ([1-9]\d*)")
# Of middling length.
VARIANT = 1


class PgbenchFailed(Exception):
    """A round of pgbench did not come to its end."""


class Script:
    """A transaction for pgbench; long values are variables of it, so that they are sent every time."""

    def __init__(self, work: list[Statement]) -> None:
        self.variables: dict[str, str] = {}
        lines = ["\\set n :n + 1", f"\\set id :base + :n * {STEP} + :client_id"]
        lines += [f"\\set shop_id {FIRST_SHOP + SHOPS} + :id % :shops", "BEGIN;"]
        for index, each in enumerate(work):
            ends = " \\gset" if each.numbers else ";"
            lines.append(" ".join(self._sql(index, each).split()) + ends)
        self.text = "\n".join([*lines, "COMMIT;", ""])

    def _sql(self, index: int, each: Statement) -> str:
        def put(match: re.Match[str]) -> str:
            name = match["name"]
            return match[0] if name is None else self._value(f"v{index}_{name}", each.params[name])

        return PIECE.sub(put, each.sql)

    def _value(self, name: str, value: Any) -> str:
        if isinstance(value, int):
            return self._number(value)
        if isinstance(value, bytes):
            self.variables[name] = _escaped(value)
            return f":{name}"
        if name.endswith("_terms"):
            self.variables[name] = value
            # Every order has words of its own, so that the index grows as it does for the server.
            return f"(:{name} || ' ' || :id)"
        return "NULL" if value is None else "'" + str(value).replace("'", "''") + "'"

    def _number(self, value: int) -> str:
        marks = {ID: ":id", SHOP.id: ":shop_id", NUMBER: ":order_number"}
        if 0 <= value - EVENT < 9:
            return f"(:event_number - {value - EVENT})"
        return marks.get(value, str(value))


def _escaped(value: bytes) -> str:
    """Bytes as PostgreSQL reads them from text."""
    return "".join(chr(c) if 32 <= c < 127 and c != 92 else f"\\{c:03o}" for c in value)


class PostgresLimit:
    def __init__(self, pgbench: Path, url: str) -> None:
        self._pgbench, self._url = pgbench, url
        found = templates(Dialect.POSTGRESQL)[VARIANT]
        self._scripts = {"add": Script(found.add), "cancel": Script(found.cancel)}
        self._base = FIRST_RUN + int(time.time()) * 1_000_000
        self._rate: dict[int, float] = {}
        # What was created and not yet cancelled, as bases and how many transactions each connection did.
        self._made: deque[tuple[int, int]] = deque()

    def close(self) -> None:
        """Nothing is held open between rounds."""

    def create(self, what: str, seconds: float) -> Result:
        """Create in many shops, or in the one that is asked for."""
        shops = 1 if "one shop" in what else SHOPS
        if shops not in self._rate:
            self._rate[shops] = self._run("add", self._base, PROBE, shops).rate
            self._base += PROBE * STEP
        each = self._each(shops, seconds)
        result = self._run("add", self._base, each, shops)
        if shops == SHOPS:
            self._made.append((self._base, each))
        self._base += each * STEP
        return result

    def cancel(self, seconds: float) -> Result:
        """Cancel what one round created, or as much of it as takes these seconds."""
        base, made = self._made.popleft()
        return self._run("cancel", base, min(made, self._each(SHOPS, seconds)), SHOPS)

    def _each(self, shops: int, seconds: float) -> int:
        return max(2, int(self._rate[shops] * seconds / CONNECTIONS))

    def _run(self, what: str, base: int, transactions: int, shops: int) -> Result:
        script = self._scripts[what]
        variables = {"n": -1, "base": base, "shops": shops} | script.variables
        given = [word for name, value in variables.items() for word in ("-D", f"{name}={value}")]
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
            file.write(script.text)
            file.flush()
            command = [str(self._pgbench), "-n", "-M", "prepared", "-c", str(CONNECTIONS), "-j", "2"]
            command += ["-t", str(transactions), "-f", file.name, *given, self._url]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        rate = RATE.search(done.stdout)
        if done.returncode or rate is None or FAILED.search(done.stdout):
            raise PgbenchFailed(f"pgbench left with {done.returncode}: {done.stderr.strip()[-600:]}")
        total = transactions * CONNECTIONS
        return Result(total, total / float(rate[1]))
