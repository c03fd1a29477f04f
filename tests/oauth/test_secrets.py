"""How secrets are compared, and where they do not stand (delivery.md §6)."""

import ast
import hmac
from pathlib import Path

import pytest

from inside import inside
from till import keys
from till.apps import clients

SOURCE = Path(clients.__file__).parents[1]
# What holds a secret, a token or what is made of one, by the name that the code gives it.
SECRETS = {
    "secret",
    "client_secret",
    "token",
    "verifier",
    "sig",
    "signature",
    "challenge",
    "digest",
    "csrf",
    "made",
}


@pytest.fixture
def till(run, tmp_path, ticking):
    """One store is enough: nothing of this is asked of it."""
    with inside(run, now=ticking, folder=tmp_path, url=None) as server:
        yield server


@pytest.fixture
def compared(monkeypatch):
    """What was compared in constant time."""
    seen, compare = [], hmac.compare_digest

    def noting(one, other):
        seen.append((one, other))
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", noting)
    return seen


def proven(hall, client_id, secret):
    sealer = hall.till.parts.api._lent.sealer
    work = clients.proven
    read = hall.till.parts.db.read
    return hall.till.run(read(lambda tx: work(tx, sealer, client_id, secret, at=hall.ticking())))


def test_every_guess_at_a_secret_is_compared_alike(hall, compared):
    guesses = [
        (hall.app.client_id, hall.secret, True),
        (hall.app.client_id, hall.secret[:-1] + "x", False),
        (hall.app.client_id, "x", False),
        (hall.app.client_id, "", False),
        (hall.app.client_id, "ü\udcff", False),
        ("NOBODY00", hall.secret, False),
    ]
    for client_id, secret, good in guesses:
        compared.clear()
        assert (proven(hall, client_id, secret) is not None) is good
        (pair,) = compared
        assert pair[1] == secret.encode("utf-8", "surrogateescape")
        assert len(pair[0]) == 64, "nobody's secret is as long as somebody's"


def test_while_one_secret_follows_another_both_are_always_looked_at(hall, compared):
    sealed = hall.till.parts.api._lent.sealer.seal(keys.mint_secret(), about=hall.app.client_id)
    sql = """UPDATE apps SET previous_secret = secret, secret = :sealed, previous_until = :until
        WHERE client_id = :client_id"""
    told = {"sealed": sealed, "until": hall.ticking() + 10**9, "client_id": hall.app.client_id}
    hall.till.write(lambda tx: tx.execute(sql, **told))
    for secret, good in ((hall.secret, True), ("x", False)):
        compared.clear()
        assert (proven(hall, hall.app.client_id, secret) is not None) is good
        assert len(compared) == 2


def names_in(node):
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            yield each.id
        elif isinstance(each, ast.Attribute):
            yield each.attr


def comparisons(path):
    """Where a secret is compared by `==` or `!=`, with the text of it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops):
            constant = any(isinstance(each, ast.Constant) for each in (node.left, *node.comparators))
            if not constant and SECRETS & set(names_in(node)):
                yield ast.unparse(node)


def test_no_secret_is_compared_letter_by_letter():
    files = [*(SOURCE / "oauth").rglob("*.py"), *(SOURCE / "staff").rglob("*.py")]
    files += [SOURCE / "apps" / name for name in ("clients.py", "codes.py", "gate.py", "tokens.py")]
    assert len(files) > 20
    found = {path.name: list(comparisons(path)) for path in files}
    assert {name: said for name, said in found.items() if said} == {}


def test_this_test_sees_a_comparison_that_it_should(tmp_path):
    path = tmp_path / "bad.py"
    path.write_text("def f(client, secret):\n    return client.secret == secret or secret != ''\n")
    assert list(comparisons(path)) == ["client.secret == secret"]
