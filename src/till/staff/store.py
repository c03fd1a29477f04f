"""People and their memberships at rest."""

from dataclasses import dataclass

from till.db.port import DuplicateRow, Row, Tx
from till.errors import Invalid, NotFound
from till.shop import Shop
from till.shops.store import shop_of
from till.staff.person import Membership, Person, Role

ADD = """
    INSERT INTO people (id, email, name, password, created_at)
    VALUES (:id, :email, :name, :password, :created_at)
"""
COLUMNS = "id, email, name, created_at, deactivated_at"
FIND = f"SELECT {COLUMNS} FROM people WHERE email = :email"
GET = f"SELECT {COLUMNS} FROM people WHERE id = :id"
ALL = f"SELECT {COLUMNS} FROM people ORDER BY email"
ANYBODY = "SELECT 1 FROM people LIMIT 1"
PASSWORD = "SELECT id, password FROM people WHERE email = :email AND deactivated_at IS NULL"  # noqa: S105 - SQL
SET_PASSWORD = "UPDATE people SET password = :password WHERE id = :id"  # noqa: S105 - SQL
# Only over the hash that was just proven, so that a password that was set meanwhile stays.
REHASH = "UPDATE people SET password = :password WHERE id = :id AND password = :proven"
SET_ACTIVE = "UPDATE people SET deactivated_at = :at WHERE id = :id"
DELETE = "DELETE FROM people WHERE id = :id"
JOIN = """
    INSERT INTO memberships (shop_id, person_id, role, created_at)
    VALUES (:shop_id, :person_id, :role, :at)
    ON CONFLICT (shop_id, person_id) DO UPDATE SET role = excluded.role
"""
LEAVE = "DELETE FROM memberships WHERE shop_id = :shop_id AND person_id = :person_id RETURNING role"
LEAVE_ALL = "DELETE FROM memberships WHERE shop_id IN (SELECT id FROM shops) AND person_id = :person_id"
SHOPS = """
    SELECT m.role, s.id, s.handle, s.currency, s.timezone, s.settings, s.rendering
    FROM memberships m JOIN shops s ON s.id = m.shop_id
    WHERE m.person_id = :person_id ORDER BY s.handle
"""
MEMBERS = """
    SELECT p.id, p.email, p.name, p.created_at, p.deactivated_at, m.role
    FROM memberships m JOIN people p ON p.id = m.person_id
    WHERE m.shop_id = :shop_id ORDER BY p.email
"""
WITHDRAW = "DELETE FROM invitations WHERE email = :email AND used_at IS NULL"
END_SESSIONS = "DELETE FROM sessions WHERE person_id = :person_id"


class EmailTaken(Invalid):
    """An e-mail address names one person of a server."""


class PersonNotFound(NotFound):
    """Nobody has this e-mail address or id."""


class NotAMember(NotFound):
    """The person does not belong to the shop."""


@dataclass(frozen=True, slots=True)
class People:
    """The accounts of this server, and to which shops they belong."""

    tx: Tx

    async def add(self, person: Person, *, password: str | None) -> Person:
        """Keep a new person; `password` is the hash. `EmailTaken` where there is one of that e-mail."""
        try:
            await self.tx.execute(
                ADD,
                id=person.id,
                email=person.email,
                name=person.name,
                password=password,
                created_at=person.created_at,
            )
        except DuplicateRow:
            raise EmailTaken(
                "Somebody with this e-mail address is here already: sign in instead.",
                fields={"email": ["is taken"]},
            ) from None
        return person

    async def anybody(self) -> bool:
        """Whether there is anybody at all."""
        return bool(await self.tx.fetch(ANYBODY))

    async def look_up(self, email: str) -> Person | None:
        rows = await self.tx.fetch(FIND, email=email)
        return person_of(rows[0]) if rows else None

    async def find(self, email: str) -> Person:
        found = await self.look_up(email)
        if found is None:
            raise PersonNotFound(f"There is nobody with the e-mail {email}: `till staff list` names all.")
        return found

    async def get(self, person_id: int) -> Person:
        """The person of an id; `PersonNotFound` where there is none any more."""
        rows = await self.tx.fetch(GET, id=person_id)
        if not rows:
            raise PersonNotFound("There is no such person any more.")
        return person_of(rows[0])

    async def all(self) -> list[Person]:
        return [person_of(row) for row in await self.tx.fetch(ALL)]

    async def password(self, email: str) -> tuple[int, str | None] | None:
        """Id and password hash of somebody who may sign in; None for nobody, or who was deactivated."""
        rows = await self.tx.fetch(PASSWORD, email=email)
        return (int(rows[0][0]), rows[0][1]) if rows else None

    async def set_password(self, person_id: int, password: str) -> None:
        """Give a new password hash; all sessions end."""
        await self.tx.execute(SET_PASSWORD, id=person_id, password=password)
        await self.end_sessions(person_id)

    async def end_sessions(self, person_id: int) -> None:
        """Sign somebody out everywhere."""
        await self.tx.execute(END_SESSIONS, person_id=person_id)

    async def rehash(self, person_id: int, *, proven: str, password: str) -> None:
        """Keep the same password under newer parameters; `proven` is the hash that it was proven by."""
        await self.tx.execute(REHASH, id=person_id, proven=proven, password=password)

    async def deactivate(self, email: str, *, at: int) -> Person:
        """Let somebody in no more; sessions end and links are void. The memberships stay for a return."""
        found = await self.find(email)
        await self.tx.execute(WITHDRAW, email=found.email)
        await self.tx.execute(SET_ACTIVE, id=found.id, at=found.deactivated_at or at)
        await self.end_sessions(found.id)
        return await self.get(found.id)

    async def reactivate(self, email: str) -> Person:
        found = await self.find(email)
        await self.tx.execute(SET_ACTIVE, id=found.id, at=None)
        return await self.get(found.id)

    async def remove(self, email: str) -> Person:
        """Forget somebody: account, memberships, sessions and links. Histories keep the bare id."""
        found = await self.find(email)
        await self.tx.execute(WITHDRAW, email=found.email)
        await self.tx.execute(LEAVE_ALL, person_id=found.id)
        await self.end_sessions(found.id)
        await self.tx.execute(DELETE, id=found.id)
        return found

    async def join(self, person_id: int, shop_id: int, role: Role, *, at: int) -> None:
        """Make somebody part of a shop, or give another role there."""
        await self.tx.execute(JOIN, shop_id=shop_id, person_id=person_id, role=role, at=at)

    async def leave(self, person: Person, shop: Shop) -> None:
        """Take somebody out of one shop; all sessions end, for the rights changed."""
        if not await self.tx.fetch(LEAVE, shop_id=shop.id, person_id=person.id):
            raise NotAMember(f"{person.email} does not belong to the shop {shop.handle!r}.")
        await self.tx.execute(WITHDRAW, email=person.email)
        await self.end_sessions(person.id)

    async def memberships(self, person_id: int) -> tuple[Membership, ...]:
        rows = await self.tx.fetch(SHOPS, person_id=person_id)
        return tuple(Membership(role=Role(row[0]), shop=shop_of(row[1:])) for row in rows)

    async def members(self, shop_id: int) -> list[tuple[Person, Role]]:
        """Who belongs to a shop, deactivated people too."""
        rows = await self.tx.fetch(MEMBERS, shop_id=shop_id)
        return [(person_of(row[:5]), Role(row[5])) for row in rows]


def person_of(row: Row) -> Person:
    """A person from the columns of `COLUMNS`."""
    person_id, email, name, created_at, deactivated_at = row
    return Person(id=person_id, email=email, name=name, created_at=created_at, deactivated_at=deactivated_at)
