"""Access tokens at rest: minted once, kept as digests, revoked one by one or together."""

from enum import StrEnum

from till import keys
from till.db.port import Tx
from till.errors import NotFound

MOST_OFFLINE = 50

KEEP = """
    INSERT INTO tokens (digest, shop_id, installation_id, created_at, kind, person_id, expires_at, code)
    VALUES (:digest, :shop_id, :installation_id, :at, :kind, :person_id, :expires_at, :code)
"""
# Makes room for one more: of the live ones the newest stay.
MAKE_ROOM = """
    UPDATE tokens SET revoked_at = :at
    WHERE shop_id = :shop_id AND installation_id = :installation_id AND kind = 'offline'
        AND revoked_at IS NULL AND digest NOT IN (
            SELECT digest FROM tokens
            WHERE shop_id = :shop_id AND installation_id = :installation_id AND kind = 'offline'
                AND revoked_at IS NULL
            ORDER BY created_at DESC, digest LIMIT :most
        )
"""
FORGET_ENDED = """
    DELETE FROM tokens
    WHERE shop_id = :shop_id AND installation_id = :installation_id AND expires_at <= :at
"""
REVOKE = """
    UPDATE tokens SET revoked_at = :at WHERE digest = :digest AND revoked_at IS NULL
    RETURNING installation_id
"""
REVOKE_OF_INSTALLATION = """
    UPDATE tokens SET revoked_at = :at
    WHERE shop_id = :shop_id AND installation_id = :installation_id AND revoked_at IS NULL
"""
REVOKE_OF_PERSON = "UPDATE tokens SET revoked_at = :at WHERE person_id = :person_id AND revoked_at IS NULL"
REVOKE_OF_PERSON_IN = f"{REVOKE_OF_PERSON} AND shop_id = :shop_id"
REVOKE_OF_CODE = "UPDATE tokens SET revoked_at = :at WHERE code = :code AND revoked_at IS NULL"


class TokenNotFound(NotFound):
    """No live token is this one."""


class Kind(StrEnum):
    """How a token was come by: at the install of a custom app, for good, or for a person's day."""

    CUSTOM = "custom"
    OFFLINE = "offline"
    ONLINE = "online"


async def mint(  # noqa: PLR0913 - what is kept of a token, and nothing else
    tx: Tx,
    *,
    shop_id: int,
    installation_id: int,
    kind: Kind,
    at: int,
    expires_at: int | None = None,
    person_id: int | None = None,
    code: bytes | None = None,
) -> str:
    """A new access token of an installation, which is nowhere kept and never shown again.

    `code` is the digest of the authorization code that it was given for. Of offline tokens an installation
    has 50 at most; the oldest give way.
    """
    token = keys.mint_token()
    whose = {"shop_id": shop_id, "installation_id": installation_id, "at": at}
    if kind is Kind.OFFLINE:
        await tx.execute(MAKE_ROOM, **whose, most=MOST_OFFLINE - 1)
    if kind is Kind.ONLINE:
        await tx.execute(FORGET_ENDED, **whose)
    await tx.execute(
        KEEP,
        **whose,
        digest=keys.digest(token),
        kind=kind,
        person_id=person_id,
        expires_at=expires_at,
        code=code,
    )
    return token


async def revoke(tx: Tx, token: str, *, at: int) -> int:
    """Kill one access token; answers the installation it was of."""
    rows = await tx.fetch(REVOKE, digest=keys.digest(token), at=at)
    if not rows:
        raise TokenNotFound("There is no such token, or it was revoked before.")
    return int(rows[0][0])


async def revoke_of_installation(tx: Tx, *, shop_id: int, installation_id: int, at: int) -> None:
    """Kill every token of an installation."""
    await tx.execute(REVOKE_OF_INSTALLATION, shop_id=shop_id, installation_id=installation_id, at=at)


async def revoke_of_person(tx: Tx, person_id: int, *, at: int, shop_id: int | None = None) -> None:
    """Kill every token that a person was given, in one shop or, where none is named, in all."""
    if shop_id is None:
        await tx.execute(REVOKE_OF_PERSON, person_id=person_id, at=at)
    else:
        await tx.execute(REVOKE_OF_PERSON_IN, person_id=person_id, shop_id=shop_id, at=at)


async def revoke_of_code(tx: Tx, code: bytes, *, at: int) -> None:
    """Kill every token that an authorization code, of this digest, was exchanged for."""
    await tx.execute(REVOKE_OF_CODE, code=code, at=at)
