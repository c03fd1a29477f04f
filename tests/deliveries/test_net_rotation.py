"""The rotation of a secret on each of the two stores, and by two at once."""

import asyncio

import pytest

from till import keys
from till.apps.app import App
from till.apps.store import Apps, NothingToSwitch, RotationUnderWay
from till.clock import DAY
from till.deliveries.keyring import secrets_of
from till.deliveries.signature import Secrets

NOON = 1_767_268_800_000_000
APP = App(client_id="A" * 32, name="Test", scopes=frozenset({"read_orders"}), partner=False)
SEALER = keys.Sealer(bytes(32))


def sealed(secret):
    return SEALER.seal(secret, about=APP.client_id)


@pytest.fixture
def secrets(run, db):
    """An app whose secret is `first`; what it signs with at a moment."""
    run(db.write(lambda tx: Apps(tx).add(APP, sealed_secret=sealed("first"), at=NOON)))
    return lambda at: run(db.read(lambda tx: secrets_of(tx, APP.client_id, sealer=SEALER, at=at)))


def rotating(db, secret, *, grace=DAY, at=NOON):
    return db.write(lambda tx: Apps(tx).rotate_secret(APP.client_id, sealed(secret), grace=grace, at=at))


def switching(db, *, at=NOON):
    return db.write(lambda tx: Apps(tx).switch_secret(APP.client_id, at=at))


def test_a_rotation_overlaps_is_switched_and_ends(run, db, secrets):
    assert run(rotating(db, "second")) == NOON + DAY
    assert secrets(NOON) == Secrets(current="second", previous="first", compat_previous=True)
    assert run(switching(db)) == NOON + DAY
    assert secrets(NOON + DAY - 1) == Secrets(current="second", previous="first")
    assert secrets(NOON + DAY) == Secrets(current="second")


def test_what_has_ended_needs_no_switch(run, db, secrets):
    run(rotating(db, "second"))
    with pytest.raises(NothingToSwitch):
        run(switching(db, at=NOON + DAY))
    assert run(rotating(db, "third", at=NOON + DAY)) == NOON + 2 * DAY
    assert secrets(NOON + DAY) == Secrets(current="third", previous="second", compat_previous=True)


def test_a_leaked_secret_is_replaced_at_once(run, db, secrets):
    run(rotating(db, "second"))
    with pytest.raises(RotationUnderWay):
        run(rotating(db, "third", grace=0))
    run(switching(db))
    assert run(rotating(db, "third", grace=0)) is None
    assert secrets(NOON) == Secrets(current="third")


def test_of_two_rotations_at_once_one_is_refused(run, db, secrets):
    async def both():
        return await asyncio.gather(rotating(db, "one"), rotating(db, "two"), return_exceptions=True)

    done = run(both())
    assert sorted(type(each).__name__ for each in done) == ["RotationUnderWay", "int"]
    assert secrets(NOON).previous == "first"
