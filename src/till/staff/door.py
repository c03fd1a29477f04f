"""The door: who a request's cookie shows, signing in and out, and what comes of an invitation."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field

from msgspec import Struct

from till.clock import Clock
from till.db.port import Database, Tx
from till.errors import Forbidden
from till.staff import invitations, sessions, throttle
from till.staff.invitations import Invitation, Invitations, Kind
from till.staff.origin import (
    Asked,
    CrossSite,
    NeedsHttps,
    Network,
    Origin,
    check_same_site,
    cookies_of,
    origin_of,
)
from till.staff.passwords import Passwords, checked, normal
from till.staff.person import Person, Visitor, email_of, name_of
from till.staff.sessions import SEEN_EVERY, Sessions, form_token
from till.staff.store import People
from till.staff.throttle import Throttle, attempt_of

COOKIE = "till"
# For the forms of those who have no session yet; it proves nothing but that one browser had the form.
FORM_COOKIE = "till-form"
# The most of an e-mail that is looked at, for it comes from anybody.
LONGEST_EMAIL = 320


class WrongCredentials(Forbidden):
    """Nobody may sign in with this e-mail address and password; which of them is wrong is not said."""


class Entry(Struct, frozen=True, kw_only=True):
    """What somebody typed to come in."""

    email: str
    password: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Lets people in and out. `proxies` are the networks whose X-Forwarded headers are believed."""

    db: Database
    clock: Clock
    mint: Callable[[], int]
    proxies: tuple[Network, ...] = ()
    plain_sign_in: bool = False
    passwords: Passwords = field(default_factory=Passwords)

    def origin(self, request: Asked) -> Origin:
        """Where the request came from, as the browser sees this server."""
        return origin_of(request, self.proxies)

    def check_secure(self, request: Asked) -> Origin:
        """The origin; `NeedsHttps` where a cookie or password would travel in the clear."""
        origin = self.origin(request)
        if not (origin.is_secure or origin.is_loopback or self.plain_sign_in):
            raise NeedsHttps(
                "Signing in needs https: open this page with https://, or on the server's own machine."
            )
        return origin

    async def visitor(self, request: Asked) -> Visitor | None:
        """Who signed in, as the request's cookie shows; None for nobody, or once the session ended."""
        origin = self.origin(request)
        cookie = cookies_of(request, origin, COOKIE)
        if cookie is None or not (origin.is_secure or origin.is_loopback or self.plain_sign_in):
            return None
        at = self.clock()
        found = await self.db.read(lambda tx: Sessions(tx).find(cookie, at=at))
        if found is None:
            return None
        if at - found.seen_at >= SEEN_EVERY:
            await self.db.write(lambda tx: Sessions(tx).see(found.visitor.session, at=at))
        return found.visitor

    def check_form(self, request: Asked, sent: str, visitor: Visitor | None) -> Origin:
        """`CrossSite` unless a page of this server sent it, with the token `sent` of this session.

        Without a visitor the token is bound to the cookie that came with the form.
        """
        origin = self.check_secure(request)
        check_same_site(request, origin)
        if visitor is not None:
            wanted = visitor.csrf
        else:
            cookie = cookies_of(request, origin, FORM_COOKIE)
            wanted = form_token(cookie) if cookie else ""
        if not wanted or not hmac.compare_digest(wanted.encode(), sent.encode("utf-8", "replace")):
            raise CrossSite("This form is too old, or not of this session: open the page again.")
        return origin

    async def sign_in(self, request: Asked, entry: Entry) -> str:
        """Prove e-mail and password, and begin a session; answers the new cookie's value.

        The session that the browser had ends. `WrongCredentials`, or `TooManyAttempts`, with the same
        words and after the same time whether or not there is such an account.
        """
        person_id = await self._prove(request, entry)
        at, old = self.clock(), self._old(request)

        async def begin(tx: Tx) -> str:
            return await Sessions(tx).begin(person_id, at=at, instead_of=old)

        return await self.db.write(begin)

    async def sign_out(self, request: Asked) -> None:
        """End the session of the request's cookie, on the server."""
        cookie = self._old(request)
        if cookie is not None:
            await self.db.write(lambda tx: Sessions(tx).end(cookie))

    async def invitation(self, token: str) -> tuple[Invitation, Person | None]:
        """What a link offers, and the person that it is for, if that one is known."""
        at = self.clock()

        async def look(tx: Tx) -> tuple[Invitation, Person | None]:
            found = await Invitations(tx).find(token, at=at)
            return found, (await People(tx).look_up(found.email) if found.email else None)

        return await self.db.read(look)

    async def accept(self, request: Asked, token: str, entry: Entry) -> str:
        """Spend a link, and begin a session of whoever it made; answers the new cookie's value.

        Somebody who has an account proves it with the password, and all earlier sessions end; others
        get one with the password and name that they typed.
        """
        offered, person = await self.invitation(token)
        if person is None:
            email = offered.email or email_of(entry.email)
            person = await self.db.read(lambda tx: People(tx).look_up(email))
        if person is None:
            return await self._make(request, token, entry, email=email)
        if offered.kind is Kind.RESET:
            password = await self.passwords.hash(checked(entry.password, email=person.email))
        else:
            await self._prove(request, Entry(email=person.email, password=entry.password))
            password = None
        at, old, known = self.clock(), self._old(request), person

        async def work(tx: Tx) -> str:
            spent = await Invitations(tx).spend(token, at=at)
            await People(tx).end_sessions(known.id)
            if password is not None:
                await People(tx).set_password(known.id, password)
                await Throttle(tx).clear(known.email)
            await Invitations(tx).fulfil(spent, known.id, at=at)
            return await Sessions(tx).begin(known.id, at=at, instead_of=old)

        return await self.db.write(work)

    async def _make(self, request: Asked, token: str, entry: Entry, *, email: str) -> str:
        """Spend a link for somebody who has no account yet."""
        person = Person(id=self.mint(), email=email, name=name_of(entry.name), created_at=self.clock())
        password = await self.passwords.hash(checked(entry.password, email=email))
        at, old = self.clock(), self._old(request)

        async def work(tx: Tx) -> str:
            spent = await Invitations(tx).spend(token, at=at)
            if not await People(tx).anybody():
                await Invitations(tx).withdraw_set_up()
            await People(tx).add(person, password=password)
            await Invitations(tx).fulfil(spent, person.id, at=at)
            return await Sessions(tx).begin(person.id, at=at, instead_of=old)

        return await self.db.write(work)

    async def forget_old(self) -> None:
        """Drop sessions, links and failures that have had their time."""
        at = self.clock()

        async def work(tx: Tx) -> None:
            await sessions.forget_old(tx, at=at)
            await invitations.forget_old(tx, at=at)
            await throttle.forget_old(tx, at=at)

        await self.db.write(work)

    def _old(self, request: Asked) -> str | None:
        return cookies_of(request, self.origin(request), COOKIE)

    async def _prove(self, request: Asked, entry: Entry) -> int:
        """The id of whoever has this e-mail address and password."""
        email = entry.email[:LONGEST_EMAIL].strip().lower()
        attempt = attempt_of(email, self.origin(request).address)
        at = self.clock()
        await self.db.write(lambda tx: Throttle(tx).count(attempt, at=at))
        known = await self.db.read(lambda tx: People(tx).password(email))
        person_id, stored = known or (0, None)
        if not await self.passwords.proves(entry.password, stored) or stored is None:
            raise WrongCredentials("E-mail address or password is wrong.")
        outdated = self.passwords.is_outdated(stored)
        renewed = await self.passwords.hash(normal(entry.password)) if outdated else None

        async def succeed(tx: Tx) -> None:
            await Throttle(tx).succeed(attempt)
            if renewed is not None:
                await People(tx).rehash(person_id, proven=stored, password=renewed)

        await self.db.write(succeed)
        return person_id
