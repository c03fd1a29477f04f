"""The list of tables is the schema of both stores, so nothing is left behind when a shop moves."""

from till.db.port import Dialect
from till.db.tables import DIRECTORY, NOT_COPIED, OWNED

TABLES = {
    Dialect.SQLITE: """
        SELECT name FROM sqlite_schema
        WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'order_terms_%'
    """,
    Dialect.POSTGRESQL: "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
}
COLUMNS = {
    Dialect.SQLITE: "SELECT name FROM pragma_table_info(:name)",
    Dialect.POSTGRESQL: """
        SELECT column_name FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name = :name
    """,
}


def test_every_table_is_listed_with_every_column(run, db):
    def ask(sql, **params):
        return {row[0] for row in run(db.read(lambda tx: tx.fetch(sql, **params)))}

    listed = {table.name: set(table.columns) for table in (*DIRECTORY, *OWNED)}
    assert ask(TABLES[db.dialect]) == set(listed) | set(NOT_COPIED)
    assert {name: ask(COLUMNS[db.dialect], name=name) for name in listed} == listed


def test_the_key_of_what_a_shop_owns_begins_with_the_shop():
    assert all(table.key[0] == "shop_id" for table in OWNED)
