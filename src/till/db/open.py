"""Opens the database that the settings name, and brings it to the schema of this release."""

from pathlib import Path

from till.db.migrate import migrate
from till.db.port import Database
from till.db.postgres import Postgres
from till.db.sqlite import Sqlite

SCHEMES = ("postgresql://", "postgres://")


async def open_database(*, folder: Path, url: str | None) -> Database:
    """Open PostgreSQL at `url`, or SQLite in `folder` if there is none."""
    database = await choose(folder, url)
    try:
        await migrate(database)
    except BaseException:
        await database.close()
        raise
    return database


async def choose(folder: Path, url: str | None) -> Database:
    if url is None:
        return Sqlite.open(folder)
    if url.startswith(SCHEMES):
        return await Postgres.open(url)
    raise ValueError(
        "A database URL begins with postgresql://, e.g. postgresql://till@localhost/till;"
        " leave it out to store in SQLite."
    )
