"""Authorization codes at rest: kept as digests, each good for one exchange (RFC 6749 §4.1)."""

from msgspec import Struct

from till import keys
from till.clock import DAY, SECOND
from till.db.port import Row, Tx

LIFE = 60 * SECOND
# One that is sent to an app that was installed without a browser, which may not be listening yet.
SENT_LIFE = 3 * DAY
# How long a used one is remembered, so that whoever shows it again is found out.
REMEMBERED = 7 * DAY

ADD = """
    INSERT INTO codes
        (digest, shop_id, installation_id, person_id, redirect_url, challenge, online, created_at, expires_at)
    VALUES (
        :digest, :shop_id, :installation_id, :person_id, :redirect_url, :challenge, :online, :at, :expires_at
    )
"""
FORGET = "DELETE FROM codes WHERE shop_id = :shop_id AND expires_at < :before"
FIND = "SELECT shop_id FROM codes WHERE digest = :digest"
COLUMNS = "shop_id, installation_id, person_id, redirect_url, challenge, online, expires_at"
# One statement finds and spends, so that of two who come with one code one is refused.
SPEND = f"""
    UPDATE codes SET used_at = :at WHERE digest = :digest AND used_at IS NULL AND installation_id IN (
        SELECT id FROM installations WHERE shop_id = codes.shop_id AND client_id = :client_id
    )
    RETURNING {COLUMNS}
"""
USED = """
    SELECT 1 FROM codes JOIN installations i ON i.shop_id = codes.shop_id AND i.id = codes.installation_id
    WHERE codes.digest = :digest AND codes.used_at IS NOT NULL AND i.client_id = :client_id
"""


class Code(Struct, frozen=True, kw_only=True):
    """What a code is good for, and whom it is bound to.

    `redirect_url` is where it was sent, None where it went to the app itself; `challenge` is the S256 of
    the verifier that must come with it; an `online` one is exchanged for a token of that person.
    """

    shop_id: int
    installation_id: int
    person_id: int | None
    redirect_url: str | None
    challenge: str | None
    online: bool
    expires_at: int


async def mint(tx: Tx, code: Code, *, at: int) -> str:
    """Keep a new code; answers its 32 characters, which are nowhere kept."""
    text = keys.mint_code()
    await tx.execute(FORGET, shop_id=code.shop_id, before=at - REMEMBERED)
    await tx.execute(
        ADD,
        digest=keys.digest(text),
        shop_id=code.shop_id,
        installation_id=code.installation_id,
        person_id=code.person_id,
        redirect_url=code.redirect_url,
        challenge=code.challenge,
        online=int(code.online),
        at=at,
        expires_at=code.expires_at,
    )
    return text


async def shop_of(tx: Tx, text: str) -> int | None:
    """The id of the shop that a code, used or not, is of."""
    rows = await tx.fetch(FIND, digest=keys.digest(text))
    return int(rows[0][0]) if rows else None


async def spend(tx: Tx, text: str, *, client_id: str, at: int) -> Code | None:
    """What a code of this app says, good or too old, and nobody has it again; None where it was used."""
    rows = await tx.fetch(SPEND, digest=keys.digest(text), client_id=client_id, at=at)
    return _code(rows[0]) if rows else None


async def was_used(tx: Tx, text: str, *, client_id: str) -> bool:
    """Whether a code of this app was exchanged before."""
    return bool(await tx.fetch(USED, digest=keys.digest(text), client_id=client_id))


def _code(row: Row) -> Code:
    shop_id, installation_id, person_id, redirect_url, challenge, online, expires_at = row
    return Code(
        shop_id=shop_id,
        installation_id=installation_id,
        person_id=person_id,
        redirect_url=redirect_url,
        challenge=challenge,
        online=bool(online),
        expires_at=expires_at,
    )
