"""The key that lies outside the database, and the proof that it is the one this database was sealed with."""

from till.db.port import Database, Tx
from till.errors import Invalid
from till.keys import KEY_BYTES, Sealer, load_key
from till.settings import Settings

CLAIM = """
    INSERT INTO facts (name, value) VALUES ('key', :value) ON CONFLICT (name) DO NOTHING
"""
CLAIMED = "SELECT value FROM facts WHERE name = 'key'"


class AnotherKey(Invalid):
    """The database was sealed with another key."""


def key_of(settings: Settings) -> bytes:
    """The key that the settings give, or that lies in the data folder; made there on first use."""
    if settings.key is None:
        settings.data.mkdir(parents=True, exist_ok=True)
        return load_key(settings.data / "till.key")
    try:
        key = bytes.fromhex(settings.key)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise Invalid(f"TILL_KEY must be {KEY_BYTES * 2} hex characters.")
    return key


async def open_vault(db: Database, key: bytes) -> Sealer:
    """The sealer for `db`; `AnotherKey` when its secrets were sealed with another key."""
    sealer = Sealer(key)

    async def claim(tx: Tx) -> str:
        await tx.execute(CLAIM, value=sealer.fingerprint)
        return str((await tx.fetch(CLAIMED))[0][0])

    async def look(tx: Tx) -> list[object]:
        return [row[0] for row in await tx.fetch(CLAIMED)]

    found = await db.read(look)
    owner = found[0] if found else await db.write(claim)
    if owner != sealer.fingerprint:
        raise AnotherKey(
            "The secrets in this database were sealed with another key: copy its till.key into the data "
            "folder, or give it as TILL_KEY."
        )
    return sealer
