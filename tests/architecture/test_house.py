"""The house's rules, read off the source: one door to storage, keys that begin with the shop, small files."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "till"
FILES = sorted(SOURCE.rglob("*.py"))
PARTS = [ROOT / folder for folder in ("src", "tests", "examples", "bench", "scripts")]
SQL = re.compile(r"\s*(?:SELECT|INSERT|UPDATE|DELETE|LOCK)\s", re.ASCII)
# Beside the stores: what keeps the node leases, the key's fingerprint, the buckets, the kept answers,
# the events; the gate's one look-up; what moves all rows of all tables; the clauses of the search; and what
# is kept of orders beside their rows: counts, timelines, where parts are, which holds lapse.
MAY_SPEAK_SQL = {
    "apps/buckets.py",
    "apps/gate.py",
    "apps/history.py",
    "apps/installations.py",
    "apps/clients.py",
    "apps/codes.py",
    "apps/store.py",
    "apps/tokens.py",
    "customers/query.py",
    "customers/search.py",
    "customers/statements.py",
    "customers/store.py",
    "deliveries/app_stats.py",
    "deliveries/claims.py",
    "deliveries/counting.py",
    "deliveries/feed.py",
    "deliveries/figures.py",
    "deliveries/given.py",
    "deliveries/health.py",
    "deliveries/keyring.py",
    "deliveries/lanes.py",
    "deliveries/loading.py",
    "deliveries/log.py",
    "deliveries/mending.py",
    "deliveries/notices.py",
    "deliveries/rates.py",
    "deliveries/statements.py",
    "deliveries/retention.py",
    "deliveries/settling.py",
    "deliveries/stats.py",
    "deliveries/store.py",
    "deliveries/trips.py",
    "dev/clock.py",
    "monitor/counts.py",
    "monitor/facts.py",
    "monitor/installed.py",
    "monitor/keeping.py",
    "monitor/search.py",
    "move.py",
    "orders/counts.py",
    "orders/journal.py",
    "orders/lapse.py",
    "orders/part_index.py",
    "orders/query.py",
    "orders/store.py",
    "pages.py",
    "privacy/departed.py",
    "privacy/holding.py",
    "privacy/leaving.py",
    "privacy/person.py",
    "privacy/sweeping.py",
    "privacy/topics.py",
    "privacy/traces.py",
    "privacy/whole.py",
    "privacy/wishes.py",
    "shops/store.py",
    "staff/invitations.py",
    "staff/sessions.py",
    "staff/store.py",
    "staff/throttle.py",
    "storefront/carts_kept.py",
    "themes/blobs.py",
    "themes/installing_uploads.py",
    "themes/sketches.py",
    "themes/statements.py",
    "themes/writers.py",
    "vault.py",
    "web/kept.py",
    "webhooks/configured.py",
    "webhooks/fanout.py",
    "webhooks/leaving.py",
    "webhooks/outbox.py",
}
SHOPS_OWN = (
    "orders",
    "order_counts",
    "order_terms",
    "order_parts",
    "order_timeline",
    "counters",
    "changes",
    "events",
    "installations",
    "buckets",
    "customers",
    "customer_keys",
    "event_forms",
    "subscriptions",
    "deliveries",
    "attempts",
    "delivery_counts",
    "lane_rates",
    "app_history",
    "memberships",
    "former_subscriptions",
    "api_counts",
    "request_log",
    "erasures",
    "themes",
    "theme_versions",
    "current_theme",
    "publications",
    "blobs",
    "theme_uploads",
    "sketches",
    "carts",
)
# Found by what the bearer has, which is how the shop is found.
OF_THE_BEARER = ("tokens", "codes", "invitations")
# What an app has in all shops, where a person belongs, and what falls due in any.
ACROSS_SHOPS = (
    "memberships_of_person",
    "installations_of_app",
    "installations_to_forget",
    "app_history_of_app",
    "api_counts_of_app",
    "erasures_due",
    "theme_uploads_due",
)
# The directory's own look-up (a token is how the shop is found), and the search table of SQLite, whose words
# hold the shop.
SPANS_SHOPS = (
    "max(c.hour) FROM api_counts c",  # of an app in all its shops, or with its clause in one
    "FROM tokens t",
    "INTO order_terms (rowid",
    "order_terms WHERE rowid",
    "order_terms MATCH",
    "INTO order_terms (order_terms",
    "FROM erasures WHERE next_at",
    "FROM kept_answers\n    WHERE created_at <",
)


# What these stand for begins with the shop.
NAMES_THE_SHOP = ("{where.sql}", "{where.clause}", "{clause}", "{PLACE}", "{OWN}", "{OF_THEME}")


def name(path):
    return path.relative_to(SOURCE).as_posix()


def statements(path):
    """The SQL texts of a module, f-strings with their holes left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inner = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if node in inner:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        elif isinstance(node, ast.JoinedStr):
            text = "".join(
                part.value if isinstance(part, ast.Constant) else f"{{{ast.unparse(part.value)}}}"
                for part in node.values
            )
        else:
            continue
        if SQL.match(text):
            yield text


@pytest.mark.parametrize("path", FILES, ids=name)
def test_sql_stands_only_where_storage_is(path):
    allowed = name(path) in MAY_SPEAK_SQL or name(path).startswith("db/")
    assert allowed or not list(statements(path))


@pytest.mark.parametrize("path", [path for path in FILES if name(path) in MAY_SPEAK_SQL], ids=name)
def test_sql_on_a_shops_table_names_the_shop(path):
    for statement in statements(path):
        if any(mark in statement for mark in SPANS_SHOPS):
            continue
        if re.search(rf"\b(?:FROM|INTO|UPDATE|JOIN) (?:{'|'.join(SHOPS_OWN)})\b", statement):
            assert "shop_id" in statement or any(hole in statement for hole in NAMES_THE_SHOP), statement


@pytest.mark.parametrize("path", FILES, ids=name)
def test_every_module_says_in_one_sentence_what_it_is_for(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_no_file_is_too_long_to_be_read_at_a_glance():
    long = [
        (path.relative_to(ROOT).as_posix(), lines)
        for part in PARTS
        for path in part.rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 300
    ]
    assert long == []


def test_every_index_and_key_of_a_shops_table_begins_with_the_shop():
    for path in sorted((SOURCE / "db" / "migrations").glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        for table, body in re.findall(r"CREATE TABLE (\w+) \((.*?)\n\);", text, re.DOTALL):
            if "shop_id BIGINT" in body and table not in OF_THE_BEARER:
                assert re.search(r"PRIMARY KEY \(shop_id|shop_id BIGINT PRIMARY KEY", body), table
        for index, table, columns in re.findall(r"CREATE (?:UNIQUE )?INDEX (\w+) ON (\w+) \(([^)]*)\)", text):
            if table in SHOPS_OWN and index not in ACROSS_SHOPS:
                assert columns.startswith("shop_id"), (table, columns)


def test_no_two_files_of_tests_have_the_same_name():
    """They are imported by it, so that the one would be taken for the other."""
    names = [path.name for path in Path(__file__).parent.parent.rglob("*.py") if path.name != "conftest.py"]
    assert [name for name, count in Counter(names).items() if count > 1] == []
