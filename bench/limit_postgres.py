"""The limit for writes on PostgreSQL: the store's own statements as a script of pgbench, 32 connections."""

import re
import subprocess
import tempfile
import time
from collections import defaultdict, deque
from pathlib import Path
from typing import Any

from bench.load import CONNECTIONS, Result
from bench.marks import AT, MINTED, NAMES, Mould, is_random
from bench.moves import AFTER, CREATIONS, LIFE
from bench.samples import FIRST_SHOP, LENGTHS, NUMBER, SHOPS, UNPAID
from bench.template import templates_on
from till.clock import DAY
from till.db.postgres_statement import PIECE

# An order's ids begin so far after those of the one before.
STEP = MINTED
FIRST_RUN = 2_000_000_000_000_000
PROBE = 30
RATE = re.compile(r"tps = ([\d.]+)")
FAILED = re.compile(r"number of failed transactions: ([1-9]\d*)")
# What is longer is a document: it is stored as it was recorded, for nothing is found by it.
SHORT = 1_000
# Of middling length, and one of the same length of which nothing was paid.
ANY = 1
NOT_PAID = next(each for each in UNPAID if each % LENGTHS == ANY)
WORD = str(NUMBER)


class PgbenchFailed(Exception):
    """A round of pgbench did not come to its end."""


class Script:
    """A transaction for pgbench; texts are variables of it, so that they are sent every time."""

    def __init__(self, work: list[Mould]) -> None:
        self.variables: dict[str, str] = {}
        self._ids: set[int] = set()
        asked = []
        for index, each in enumerate(work):
            ends = " \\gset" if each.statement.counts else ";"
            asked.append(" ".join(self._sql(index, each).split()) + ends)
            if each.statement.counts:
                behind = each.statement.events()
                asked += [f"\\set {mark} :event_number - {n}" for mark, n in behind.items()]
        lines = [
            "\\set n :n + 1",
            f"\\set id :base + (:n * {CONNECTIONS} + :client_id) * {STEP}",
            f"\\set word 1000000 + (:id / {STEP}) % 9000000",
            f"\\set shop_id {FIRST_SHOP + SHOPS} + (:id / {STEP}) % :shops",
            *(f"\\set id_{step} :id + {step}" for step in sorted(self._ids)),
            "BEGIN;",
        ]
        self.text = "\n".join([*lines, *asked, "COMMIT;", ""])

    def _sql(self, index: int, each: Mould) -> str:
        def put(match: re.Match[str]) -> str:
            name = match["name"]
            return match[0] if name is None else self._value(f"v{index}_", name, each.statement.params[name])

        return PIECE.sub(put, each.statement.sql)

    def _value(self, prefix: str, name: str, value: Any) -> str:
        if value is None:
            return "NULL"
        if isinstance(value, int):
            return self._mark(NAMES[value]) if value in NAMES else str(value)
        if isinstance(value, bytes):
            return self._bytes(prefix + name, value, is_own=not is_random(name, value))
        if name == "terms":
            self.variables[prefix + name] = value
            # Every order has words of its own, so that the index grows as it does for the server.
            return f"(:{prefix}{name} || ' ' || :id)"
        return self._text(prefix + name, value)

    def _mark(self, name: str) -> str:
        if name.startswith("id_"):
            self._ids.add(int(name.removeprefix("id_")))
        return {"at": str(AT), "day": str(AT // DAY)}.get(name, f":{name}")

    def _text(self, name: str, value: str) -> str:
        mark = NAMES.get(int(value), "") if value.isdigit() else ""
        if mark.startswith("id_"):
            return self._mark(mark)
        self.variables[name] = value
        return _own(f":{name}", value)

    def _bytes(self, name: str, value: bytes, *, is_own: bool) -> str:
        own = _own(f":{name}", value.decode()) if is_own else f":{name}"
        if own == f":{name}":
            self.variables[name] = _escaped(value)
            return f":{name}"
        self.variables[name] = value.decode()
        return f"convert_to({own}, 'UTF8')"


def _own(sql: str, value: str) -> str:
    """A text with the order's own word in it, plain or in hexadecimal; a document stays as it is."""
    if len(value) < SHORT:
        for old, new in ((WORD, ":word"), (WORD.encode().hex(), "encode(convert_to(:word, 'UTF8'), 'hex')")):
            if old in value:
                sql = f"replace({sql}, '{old}', {new})"
    return sql


def _escaped(value: bytes) -> str:
    """Bytes as PostgreSQL reads them from text."""
    return "".join(chr(c) if 32 <= c < 127 and c != 92 else f"\\{c:03o}" for c in value)


class PostgresLimit:
    """Each round of pgbench does so many transactions; what a move moves was created by one round before."""

    def __init__(self, pgbench: Path, url: str) -> None:
        self._pgbench, self._url = pgbench, url
        some, unpaid = templates_on(url, ANY, NOT_PAID)
        self._scripts = {what: Script(some.writes[what]) for what in ("create", "cancel")}
        self._scripts |= {what: Script(unpaid.writes[what]) for what in LIFE}
        self._scripts["create unpaid"] = Script(unpaid.writes["create"])
        self._base = FIRST_RUN + int(time.time()) * 1_000_000
        self._rate: dict[int, float] = {}
        # What is to be moved, as bases and how many transactions each connection did.
        self._coming: dict[str, deque[tuple[int, int]]] = defaultdict(deque)

    def close(self) -> None:
        """Nothing is held open between rounds."""

    def ready(self, seconds: float) -> None:
        """Create orders of which nothing is paid, for as long as a round lasts."""
        _, made = self._create("create unpaid", SHOPS, seconds)
        self._coming[LIFE[0]].append(made)

    def write(self, what: str, seconds: float) -> Result:
        """Create in many shops, or in the one that is asked for; or move what one round created."""
        if what not in CREATIONS:
            return self._move(what, seconds)
        shops = 1 if "one shop" in what else SHOPS
        result, made = self._create("create", shops, seconds)
        if shops == SHOPS:
            self._coming["cancel"].append(made)
        return result

    def _create(self, what: str, shops: int, seconds: float) -> tuple[Result, tuple[int, int]]:
        if shops not in self._rate:
            self._rate[shops] = self._run(what, self._fresh(PROBE), PROBE, shops).rate
        each = self._each(shops, seconds)
        base = self._fresh(each)
        return self._run(what, base, each, shops), (base, each)

    def _move(self, what: str, seconds: float) -> Result:
        """Move what a round left, or as much of it as takes these seconds."""
        base, made = self._coming[what].popleft()
        each = min(made, self._each(SHOPS, seconds))
        if what in AFTER:
            self._coming[AFTER[what]].append((base, each))
        return self._run(what, base, each, SHOPS)

    def _fresh(self, transactions: int) -> int:
        base = self._base
        self._base += transactions * CONNECTIONS * STEP
        return base

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
