"""PostgreSQL plans for the tables as it last counted them, and its autovacuum looks only once a minute.

Until then, the plans made for an empty table read all of what has meanwhile piled up in it.
"""

from till.db.port import Database, Dialect, Tx

# A table is counted again once so many rows of it changed, and half as many as it has.
LEAST = 1_000
GROWN = f"""
    SELECT c.relname FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
    WHERE s.schemaname = current_schema()
        AND s.n_mod_since_analyze >= {LEAST} + GREATEST(c.reltuples, 0) / 2
"""


async def count_grown(db: Database) -> list[str]:
    """Have PostgreSQL count the tables that have grown, and answer their names; SQLite needs none of it."""
    if db.dialect is not Dialect.POSTGRESQL:
        return []
    grown = [str(name) for (name,) in await db.read(lambda tx: tx.fetch(GROWN))]

    async def count(tx: Tx) -> None:
        for name in grown:
            # Whoever is counting it already does so for all.
            await tx.execute(f'ANALYZE (SKIP_LOCKED) "{name}"')

    if grown:
        await db.read(count, heavy=True)
    return grown
