"""Sessions at rest: a cookie's digest, whose it is, and until when; and the token that its forms carry."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from till import keys
from till.clock import DAY, SECOND
from till.db.port import Tx
from till.staff.person import Visitor
from till.staff.store import People, person_of

IDLE = 12 * 3_600 * SECOND
LONGEST = 7 * DAY
# How late the store may know that somebody was seen: a write for every page would be many.
SEEN_EVERY = 60 * SECOND
COOKIE_BYTES = 32

ADD = """
    INSERT INTO sessions (digest, person_id, created_at, seen_at, expires_at)
    VALUES (:digest, :person_id, :at, :at, :expires_at)
"""
FIND = """
    SELECT s.seen_at, p.id, p.email, p.name, p.created_at, p.deactivated_at
    FROM sessions s JOIN people p ON p.id = s.person_id
    WHERE s.digest = :digest AND s.expires_at > :at AND s.seen_at > :idle AND p.deactivated_at IS NULL
"""
SEE = "UPDATE sessions SET seen_at = :at WHERE digest = :digest AND seen_at < :at"
END = "DELETE FROM sessions WHERE digest = :digest"
FORGET = "DELETE FROM sessions WHERE expires_at <= :at OR seen_at <= :idle"


@dataclass(frozen=True, slots=True)
class Found:
    """Who a cookie is of, and when the store last knew that it was used."""

    visitor: Visitor
    seen_at: int


@dataclass(frozen=True, slots=True)
class Sessions:
    """The sessions that are alive."""

    tx: Tx

    async def begin(self, person_id: int, *, at: int, instead_of: str | None = None) -> str:
        """A new session, and the cookie's value, which is stored nowhere; the one before it ends.

        The value is always the server's own: none that a client sent ever becomes a session.
        """
        if instead_of is not None:
            await self.end(instead_of)
        cookie = secrets.token_urlsafe(COOKIE_BYTES)
        await self.tx.execute(
            ADD, digest=keys.digest(cookie), person_id=person_id, at=at, expires_at=at + LONGEST
        )
        return cookie

    async def find(self, cookie: str, *, at: int) -> Found | None:
        """Who the cookie is of; None where its session ended, idled for 12 hours, or is 7 days old."""
        digest = keys.digest(cookie)
        rows = await self.tx.fetch(FIND, digest=digest, at=at, idle=at - IDLE)
        if not rows:
            return None
        person = person_of(rows[0][1:])
        memberships = await People(self.tx).memberships(person.id)
        visitor = Visitor(person=person, memberships=memberships, csrf=form_token(cookie), session=digest)
        return Found(visitor, rows[0][0])

    async def see(self, session: bytes, *, at: int) -> None:
        """Let idling begin anew."""
        await self.tx.execute(SEE, digest=session, at=at)

    async def end(self, cookie: str) -> None:
        await self.tx.execute(END, digest=keys.digest(cookie))


async def forget_old(tx: Tx, *, at: int) -> None:
    """Drop the sessions that ended by themselves."""
    await tx.execute(FORGET, at=at, idle=at - IDLE)


def form_token(cookie: str) -> str:
    """The token that forms carry beside this cookie: whoever cannot read the cookie cannot make it."""
    return hmac.new(cookie.encode("utf-8", "surrogateescape"), b"till form", hashlib.sha256).hexdigest()
