"""Who an app is by its own credentials: its client id and its client secret (genstore.md §2.1)."""

import hmac

from msgspec import Struct

from till.db.port import Tx
from till.keys import Sealer

FIND = """
    SELECT name, scopes, secret, previous_secret, previous_until, compat_previous FROM apps
    WHERE client_id = :client_id
"""
# What a guess at the secret of nobody is compared with, so that it takes as long.
NOBODYS = "0" * 64


class Client(Struct, frozen=True, kw_only=True):
    """An app by its credentials. `secrets` are those that are good now, the present one first.

    `signs` is what Till signs with: the secret before, until all parts of the app have the new one.
    """

    client_id: str
    name: str
    scopes: str
    secrets: tuple[str, ...]
    signs: str


async def known(tx: Tx, sealer: Sealer, client_id: str, *, at: int) -> Client | None:
    """The app of a client id, unproven, or None; during a rotation both its secrets are good."""
    rows = await tx.fetch(FIND, client_id=client_id)
    if not rows:
        return None
    name, scopes, secret, previous, until, is_compat = rows[0]
    sealed = [secret, *([previous] if previous is not None and until is not None and at < until else [])]
    secrets = tuple(sealer.unseal(bytes(each), about=client_id) for each in sealed)
    signs = secrets[-1] if is_compat else secrets[0]
    return Client(client_id=client_id, name=name, scopes=scopes, secrets=secrets, signs=signs)


async def proven(tx: Tx, sealer: Sealer, client_id: str, *spellings: str, at: int) -> Client | None:
    """The app of this client id whose secret is one of `spellings`, or None.

    No guess takes longer than another.
    """
    client = await known(tx, sealer, client_id, at=at)
    secrets = [each.encode() for each in (client.secrets if client else (NOBODYS,))]
    given = [each.encode("utf-8", "surrogateescape") for each in spellings]
    good = [hmac.compare_digest(secret, each) for secret in secrets for each in given]
    return client if any(good) else None
