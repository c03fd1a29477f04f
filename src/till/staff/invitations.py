"""Links by which somebody becomes staff, the server's first owner, or gets a new password."""

from dataclasses import dataclass
from enum import StrEnum

from msgspec import Struct

from till import keys
from till.clock import DAY
from till.db.port import Row, Tx
from till.errors import NotFound
from till.shops.store import Shops
from till.staff.person import Role
from till.staff.store import People

LIFE = 3 * DAY
ADD = """
    INSERT INTO invitations (digest, shop_id, email, role, created_at, expires_at)
    VALUES (:digest, :shop_id, :email, :role, :at, :expires_at)
"""
FIND = """
    SELECT shop_id, email, role FROM invitations
    WHERE digest = :digest AND used_at IS NULL AND expires_at > :at
"""
# One statement finds and spends, so that of two who come with one link one is refused.
SPEND = """
    UPDATE invitations SET used_at = :at
    WHERE digest = :digest AND used_at IS NULL AND expires_at > :at
    RETURNING shop_id, email, role
"""
WITHDRAW_SET_UP = """
    DELETE FROM invitations WHERE shop_id IS NULL AND email IS NULL AND used_at IS NULL
"""
WITHDRAW_RESETS = "DELETE FROM invitations WHERE email = :email AND role = 'reset' AND used_at IS NULL"
FORGET = "DELETE FROM invitations WHERE expires_at < :before"


class InvitationNotFound(NotFound):
    """The link is unknown, used or too old."""


class Kind(StrEnum):
    """What a link is for: a role, or a new password."""

    OWNER = "owner"
    STAFF = "staff"
    RESET = "reset"


class Invitation(Struct, frozen=True, kw_only=True):
    """What a link offers: without `shop_id` in all shops there are, without `email` to whoever has it."""

    kind: Kind
    shop_id: int | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Invitations:
    """The links that are out."""

    tx: Tx

    async def add(self, invitation: Invitation, *, at: int) -> str:
        """Keep an invitation; answers the link's token, which is stored nowhere and good for three days."""
        token = keys.mint_token()
        await self.tx.execute(
            ADD,
            digest=keys.digest(token),
            shop_id=invitation.shop_id,
            email=invitation.email,
            role=invitation.kind,
            at=at,
            expires_at=at + LIFE,
        )
        return token

    async def set_up(self, *, at: int) -> str | None:
        """The token of a link for the first person of this server; None once there is somebody."""
        if await People(self.tx).anybody():
            return None
        return await self.add(Invitation(kind=Kind.OWNER), at=at)

    async def find(self, token: str, *, at: int) -> Invitation:
        """What the link of `token` offers; `InvitationNotFound` where it offers nothing any more."""
        return _read(await self.tx.fetch(FIND, digest=keys.digest(token), at=at))

    async def spend(self, token: str, *, at: int) -> Invitation:
        """As `find`, and nobody can use the link again."""
        return _read(await self.tx.fetch(SPEND, digest=keys.digest(token), at=at))

    async def fulfil(self, invitation: Invitation, person_id: int, *, at: int) -> None:
        """Give the person what an invitation that was spent offers."""
        if invitation.kind is Kind.RESET:
            await self.tx.execute(WITHDRAW_RESETS, email=invitation.email)
            return
        places = [invitation.shop_id] if invitation.shop_id is not None else await self._everywhere()
        for shop_id in places:
            await People(self.tx).join(person_id, shop_id, Role(invitation.kind), at=at)

    async def _everywhere(self) -> list[int]:
        return [shop.id for shop in await Shops(self.tx).all()]

    async def withdraw_set_up(self) -> None:
        """Make the links void that were for whoever comes first: somebody came."""
        await self.tx.execute(WITHDRAW_SET_UP)


async def forget_old(tx: Tx, *, at: int) -> None:
    """Drop the links that ended a month ago."""
    await tx.execute(FORGET, before=at - 30 * DAY)


def _read(rows: list[Row]) -> Invitation:
    if not rows:
        raise InvitationNotFound(
            "This link was used, is more than three days old, or was never given: ask for a new one."
        )
    shop_id, email, kind = rows[0]
    return Invitation(kind=Kind(kind), shop_id=shop_id, email=email)
