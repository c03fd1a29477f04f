"""Databases that are lent to one test after the other, emptied in between."""

import asyncio
import time
from contextlib import contextmanager

import asyncpg

# What was deleted stays on the disk, and would be read over.
LIVES = 25

EMPTY = """
DO $$
DECLARE
    name text;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'migrations'
            AND pg_relation_size(oid) > 0
    LOOP
        EXECUTE format('DELETE FROM %I', name);
    END LOOP;
END $$
"""

OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
# Somebody who is there for longer may write into the next test's database.
PATIENCE = 1.0

# Tells of all that a test could have made, changed or dropped besides rows: what is made has a new number,
# what is written anew another file.
SHAPE = """
SELECT
    (SELECT sum(oid::bigint) + sum(relfilenode::bigint) FROM pg_class),
    (SELECT concat_ws(',', count(*), sum(attnotnull::int), sum(attisdropped::int), sum(atthasdef::int))
        FROM pg_attribute),
    (SELECT sum(oid::bigint) FROM pg_constraint),
    (SELECT sum(oid::bigint) FROM pg_trigger),
    (SELECT sum(oid::bigint) FROM pg_proc),
    (SELECT sum(oid::bigint) FROM pg_namespace),
    (SELECT string_agg(setconfig::text, ';') FROM pg_db_role_setting),
    (SELECT string_agg(migrations::text, ';' ORDER BY migrations::text) FROM migrations)
"""


class Emptied:
    """Lends databases like `template`; one that a test left in another shape is dropped."""

    def __init__(self, server, template):
        self._server = server
        self._template = template
        self._free = []
        self._shape = asyncio.run(shape_of(server.url(template)))

    @contextmanager
    def lent(self):
        """The URL of an empty database, for one test."""
        url, lives = self._free.pop() if self._free else (self._server.create_database(self._template), LIVES)
        yield url
        if lives > 1 and self._was_emptied(url):
            self._free.append((url, lives - 1))
        else:
            self._server.drop_database(url)

    def _was_emptied(self, url):
        try:
            return asyncio.run(emptied(url)) == self._shape
        except (OSError, asyncpg.PostgresError):
            return False


async def shape_of(url):
    """What tells one shape of a database from another."""
    connection = await asyncpg.connect(url)
    try:
        return tuple(await connection.fetchrow(SHAPE))
    finally:
        await connection.close()


async def emptied(url):
    """Delete all rows, and answer the shape that is left; None where somebody else is still there."""
    connection = await asyncpg.connect(url)
    until = time.monotonic() + PATIENCE
    try:
        while await connection.fetchval(OTHERS):
            if time.monotonic() > until:
                return None
            await asyncio.sleep(0.005)
        await connection.execute(EMPTY)
        return tuple(await connection.fetchrow(SHAPE))
    finally:
        await connection.close()
