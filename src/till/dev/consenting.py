"""Consent without a browser, and session tokens without the admin: an app's tests need both at a call."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from msgspec import UNSET, Struct, UnsetType

from till.apps.app import Grant, apart
from till.db.port import Tx
from till.dialect import readers
from till.oauth import authorize, consent
from till.oauth.granting import Granting, Way
from till.oauth.refused import InvalidRequest
from till.oauth.session_token import SessionTokens
from till.shop import Shop
from till.shops.store import Shops
from till.staff.person import Person, Role, Visitor, email_of
from till.staff.store import People
from till.web.services import Services

Needed = Annotated[str, readers.text(255, shortest=1, nullable=False)]
Text = Annotated[str | UnsetType, readers.text(2_048, shortest=1, nullable=False)]


class SessionTokenRequest(Struct, kw_only=True, frozen=True, rename="camel"):
    """Who uses which app where; without an e-mail the shop's owner does."""

    client_id: Needed
    shop: Needed
    email: Text = UNSET


class AuthorizeRequest(Struct, kw_only=True, frozen=True, rename="camel"):
    """What an app asks for, with the parameters of the authorize URL, and in which shop."""

    client_id: Needed
    shop: Needed
    email: Text = UNSET
    redirect_uri: Text = UNSET
    scope: Text = UNSET
    state: Text = UNSET
    access_mode: Text = UNSET
    code_challenge: Text = UNSET
    code_challenge_method: Text = UNSET


class SessionToken(Struct, frozen=True, rename="camel"):
    """A session token, as the admin gives it to an app that it shows."""

    session_token: str


class Consented(Struct, frozen=True, rename="camel"):
    """Where the browser would be sent back to, with the code in its query."""

    redirect_url: str


@dataclass(frozen=True, slots=True)
class Consenting:
    """Acts as people of a shop; whoever is not there yet is made."""

    services: Services
    session_tokens: SessionTokens

    async def session_token(self, wish: SessionTokenRequest) -> SessionToken:
        """A session token of the app, good for a minute."""
        _, client = await Granting(self.services).app_of(wish.client_id)
        visitor, shop = await self._somebody(wish.shop, wish.email)
        token = self.session_tokens.mint(
            client_id=client.client_id,
            secret=client.signs,
            person_id=visitor.person.id,
            shop_id=shop.id,
            at=self.services.clock(),
        )
        return SessionToken(token)

    async def authorize(self, wish: AuthorizeRequest) -> Consented:
        """Accept all that the app asks for; what a page would have refused is refused."""
        said = {
            "redirectUri": wish.redirect_uri,
            "scope": wish.scope,
            "state": wish.state,
            "accessMode": wish.access_mode,
            "codeChallenge": wish.code_challenge,
            "codeChallengeMethod": wish.code_challenge_method,
        }
        pairs = [
            ("responseType", "code"),
            *((name, text) for name, text in said.items() if text is not UNSET),
        ]
        given = authorize.given([(name, str(text)) for name, text in pairs])
        granting = Granting(self.services)
        app, client = await granting.app_of(wish.client_id)
        url = authorize.target(given, app)
        asked = authorize.read(given, app)
        visitor, shop = await self._somebody(wish.shop, wish.email)
        way = Way(app=app, client=client, url=url, given=given, visitor=visitor, shop=shop)
        installed = await granting.installed(way)
        grant = None
        if consent.lacks(app, installed, asked.scopes):
            boxes = apart(app, asked.scopes)
            grant = Grant(scopes=asked.scopes, protected=app.protected & boxes, asked=boxes)
        return Consented(await granting.granted(way, asked, grant))

    async def _somebody(self, handle: str, email: str | UnsetType) -> tuple[Visitor, Shop]:
        """A person of the shop, and the shop."""
        at, mint = self.services.clock(), self.services.mint

        async def work(tx: Tx) -> tuple[Visitor, Shop]:
            shop = await Shops(tx).find(handle)
            person = await _person(tx, shop, email, mint=mint, at=at)
            memberships = await People(tx).memberships(person.id)
            return Visitor(person=person, memberships=memberships, csrf="", session=b""), shop

        return await self.services.db.write(work)


async def _person(tx: Tx, shop: Shop, email: str | UnsetType, *, mint: Callable[[], int], at: int) -> Person:
    """Somebody active of the shop: the one of `email`, or its owner."""
    people = People(tx)
    if isinstance(email, str):
        found, role = await people.look_up(email_of(email)), Role.STAFF
    else:
        owners = [who for who, role in await people.members(shop.id) if role is Role.OWNER]
        active = [who for who in owners if who.deactivated_at is None]
        found, role = next(iter(active), None), Role.OWNER
    if found is None:
        wanted = email_of(email) if isinstance(email, str) else f"owner@{shop.handle}.example"
        found = Person(id=mint(), email=wanted, name=wanted.partition("@")[0], created_at=at)
        await people.add(found, password=None)
    if found.deactivated_at is not None:
        raise InvalidRequest("This person was deactivated, and uses no app any more: name somebody else.")
    if not any(each.shop.id == shop.id for each in await people.memberships(found.id)):
        await people.join(found.id, shop.id, role, at=at)
    return found
