"""`till app rotate-secret` and `switch-secret`, each command a real process, on a store of its own."""

import asyncio

import pytest

from running import answer, till, where
from till import clock
from till.db.open import open_database
from till.deliveries.keyring import secrets_of
from till.deliveries.signature import Secrets
from till.keys import Sealer, load_key


@pytest.fixture
def at(tmp_path):
    return where(tmp_path / "data")


@pytest.fixture
def app(at):
    return answer("app", "create", "Packing", "--scopes", "read_orders", *at)


@pytest.fixture
def secrets(tmp_path, app):
    """What an app's deliveries are signed with at a moment, now if none is given."""

    async def look(moment):
        db = await open_database(folder=tmp_path / "data", url=None)
        try:
            sealer = Sealer(load_key(tmp_path / "data" / "till.key"))
            return await db.read(lambda tx: secrets_of(tx, app["clientId"], sealer=sealer, at=moment))
        finally:
            await db.close()

    return lambda moment=None: asyncio.run(look(clock.now() if moment is None else moment))


def refused(*arguments):
    done = till(*arguments, check=False)
    assert done.stdout == ""
    return done.returncode, done.stderr


def test_a_new_secret_lives_beside_the_old_one_for_a_day(at, app, secrets):
    before = clock.now()
    made = answer("app", "rotate-secret", app["clientId"], *at)
    assert set(made) == {"clientId", "clientSecret", "previousUntil"}
    assert made["clientSecret"] != app["clientSecret"]
    both = Secrets(current=made["clientSecret"], previous=app["clientSecret"], compat_previous=True)
    assert secrets() == both
    assert secrets(before + clock.DAY) == both
    assert secrets(clock.now() + clock.DAY) == Secrets(current=made["clientSecret"])
    ends = [clock.iso(moment + clock.DAY, "UTC") for moment in (before, clock.now())]
    assert ends[0] <= made["previousUntil"] <= ends[1]


def test_a_switch_moves_the_one_header_and_keeps_the_list(at, app, secrets):
    made = answer("app", "rotate-secret", app["clientId"], "--grace", "2h", *at)
    switched = answer("app", "switch-secret", app["clientId"], *at)
    assert switched == {"clientId": app["clientId"], "switched": True, "previousUntil": made["previousUntil"]}
    assert secrets() == Secrets(current=made["clientSecret"], previous=app["clientSecret"])
    code, said = refused("app", "switch-secret", app["clientId"], *at)
    assert code == 1
    assert "there is nothing to switch" in said


def test_a_second_rotation_waits_for_the_switch(at, app, secrets):
    first = answer("app", "rotate-secret", app["clientId"], *at)
    code, said = refused("app", "rotate-secret", app["clientId"], *at)
    assert code == 1
    assert f"`till app switch-secret {app['clientId']}`" in said
    assert secrets().current == first["clientSecret"]
    answer("app", "switch-secret", app["clientId"], *at)
    second = answer("app", "rotate-secret", app["clientId"], *at)
    assert secrets() == Secrets(
        current=second["clientSecret"], previous=first["clientSecret"], compat_previous=True
    )


def test_without_grace_the_old_secret_ends_at_once(at, app, secrets):
    made = answer("app", "rotate-secret", app["clientId"], "--grace", "0s", *at)
    assert made["previousUntil"] is None
    assert secrets() == Secrets(current=made["clientSecret"])
    assert secrets(0) == Secrets(current=made["clientSecret"])


def test_the_text_of_it_says_the_same(at, app):
    said = till("app", "rotate-secret", app["clientId"], "--grace", "7d", *at).stdout
    facts = dict(line.split(maxsplit=1) for line in said.splitlines())
    assert set(facts) == {"clientId", "clientSecret", "previousUntil"}
    assert len(facts["clientSecret"]) == 64


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--grace", "8d"], 1, "at most 7 days"),
        (["--grace", "soon"], 2, "give a time span such as 90s"),
        (["--grace", "-1h"], 2, "give a time span such as 90s"),
    ],
)
def test_a_grace_is_a_span_of_at_most_a_week(at, app, secrets, arguments, code, sentence):
    done, said = refused("app", "rotate-secret", app["clientId"], *arguments, *at)
    assert done == code
    assert sentence in said
    assert secrets() == Secrets(current=app["clientSecret"])


@pytest.mark.parametrize("command", ["rotate-secret", "switch-secret"])
def test_an_unknown_app_is_named(at, app, command):
    code, said = refused("app", command, "NOBODY", *at)
    assert code == 1
    assert "There is no app 'NOBODY'" in said
