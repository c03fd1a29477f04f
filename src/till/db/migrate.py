"""Brings a database to the schema of this release: numbered SQL files, once each, in order."""

import hashlib
import re
from dataclasses import dataclass
from functools import partial
from importlib import resources

from till.clock import now
from till.db.port import Database, Dialect, DuplicateRow, Tx

CREATE = """CREATE TABLE IF NOT EXISTS migrations (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL, digest TEXT NOT NULL, applied_at BIGINT NOT NULL
)"""
LOCK = "LOCK TABLE migrations IN EXCLUSIVE MODE"
APPLIED = "SELECT number, name, digest FROM migrations ORDER BY number"
ADD = """INSERT INTO migrations (number, name, digest, applied_at)
    VALUES (:number, :name, :digest, :at)"""
HAS_LZ4 = """SELECT 1 FROM pg_settings
    WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)"""

FILE = re.compile(r"(\d{4})_(\w+)(?:\.(sqlite|postgres))?\.sql")
# What a semicolon does not end: literals, quoted names, comments, dollar-quoted text.
PIECE = re.compile(
    r"""(?P<comment>--[^\n]*|/\*.*?\*/)|(?P<end>;)"""
    r"""|'(?:[^']|'')*'|"[^"]*"|(?P<dollar>\$\w*\$).*?(?P=dollar)|.""",
    re.DOTALL,
)
COMPRESSION = re.compile(r"\bSET\s+COMPRESSION\s+lz4\b", re.IGNORECASE)


class MigrationRefused(Exception):
    """The database is not one that this release can bring forward."""


@dataclass(frozen=True, slots=True)
class Migration:
    number: int
    name: str
    text: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def label(self) -> str:
        return f"{self.number:04}_{self.name}"


async def migrate(db: Database) -> list[str]:
    """Apply what is missing and name it; several processes may do so at once."""
    known = migrations(db.dialect)
    await create_table(db)
    return [item.label for item in known if await db.write(partial(step, item, known))]


async def create_table(db: Database) -> None:
    async def create(tx: Tx) -> None:
        await tx.execute(CREATE)

    try:
        await db.write(create)
    except DuplicateRow:  # PostgreSQL's answer when another process created it at the same moment
        await db.write(create)


async def step(item: Migration, known: list[Migration], tx: Tx) -> bool:
    """Apply one migration in a transaction of its own, unless somebody has."""
    if tx.dialect is Dialect.POSTGRESQL:
        await tx.execute(LOCK)
    applied = {number: (name, digest) for number, name, digest in await tx.fetch(APPLIED)}
    refuse_strangers(applied, known)
    if item.number in applied:
        return False
    for statement in statements(item.text):
        if await understood(statement, tx):
            await tx.execute(statement)
    await tx.execute(ADD, number=item.number, name=item.name, digest=item.digest, at=now())
    return True


def refuse_strangers(applied: dict[int, tuple[str, str]], known: list[Migration]) -> None:
    ours = {item.number: item for item in known}
    for number, (name, digest) in applied.items():
        if number not in ours:
            raise MigrationRefused(
                f"This database holds migration {number:04}_{name}, which this release of Till does"
                " not know: it was made by a newer release, so start that one."
            )
        if ours[number].digest != digest:
            raise MigrationRefused(
                f"Migration {ours[number].label} was applied to this database with another text"
                " than this release has: restore the release it was made with."
            )


async def understood(statement: str, tx: Tx) -> bool:
    """Tell whether this server can run it: lz4 is a choice of those who built PostgreSQL."""
    return not COMPRESSION.search(statement) or bool(await tx.fetch(HAS_LZ4))


def migrations(dialect: Dialect) -> list[Migration]:
    """Read those that ship with this release, in order."""
    wanted = (None, "sqlite" if dialect is Dialect.SQLITE else "postgres")
    found = []
    for file in resources.files("till.db").joinpath("migrations").iterdir():
        match = FILE.fullmatch(file.name)
        if match and match[3] in wanted:
            found.append(Migration(int(match[1]), match[2], file.read_text(encoding="utf-8")))
    return sorted(found, key=lambda item: item.number)


def statements(text: str) -> list[str]:
    """Split SQL at its semicolons, and leave the comments out."""
    pieces = [""]
    for match in PIECE.finditer(text):
        if match["end"]:
            pieces.append("")
        elif not match["comment"]:
            pieces[-1] += match[0]
    return [piece.strip() for piece in pieces if piece.strip()]
