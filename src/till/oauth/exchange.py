"""Gives tokens for codes and session tokens to whoever has the app's secret (RFC 6749 §4.1.3, RFC 8693)."""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass

from till import keys
from till.apps import clients, codes, tokens
from till.apps.app import Installation
from till.apps.clients import Client
from till.apps.codes import Code
from till.apps.gate import InvalidClient
from till.apps.installations import Installations
from till.clock import DAY, SECOND, Clock
from till.db.port import Database, Tx
from till.keys import Sealer
from till.oauth.refused import InvalidGrant, InvalidRequest, InvalidScope, UnsupportedGrantType
from till.oauth.session_token import Claims, SessionTokens
from till.oauth.wire import Granted, TokenRequest
from till.shop import Shop
from till.shops.store import Shops
from till.staff.person import Person
from till.staff.store import People, PersonNotFound

ONLINE_LIFE = DAY
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}\Z")
CODE = ("authorization-code", "authorization_code")
EXCHANGE = ("token-exchange", "urn:ietf:params:oauth:grant-type:token-exchange")
ONLINE = ("online-access-token", "urn:genstore:params:oauth:token-type:online-access-token")
OFFLINE = (
    "offline-access-token",
    "urn:genstore:params:oauth:token-type:offline-access-token",
    "urn:ietf:params:oauth:token-type:access_token",
)
SUBJECT = (
    "urn:ietf:params:oauth:token-type:id_token",
    "urn:ietf:params:oauth:token-type:jwt",
    "session-token",
)

Outcome = Granted | InvalidGrant | InvalidScope


@dataclass(frozen=True, slots=True)
class Exchange:
    """The token endpoint without its HTTP."""

    db: Database
    sealer: Sealer
    clock: Clock
    session_tokens: SessionTokens

    async def grant(self, wish: TokenRequest, *, shop: str | None) -> Granted:
        """The token that is asked for; `shop` is the handle that the request names, if it names one.

        Raises `InvalidClient`, `InvalidGrant`, `InvalidRequest`, `InvalidScope`, `UnsupportedGrantType`.
        """
        client = await self._client(wish)
        kind = wish.one("grantType")
        if kind is None:
            raise InvalidRequest("grantType is missing: give authorization-code or token-exchange.")
        if kind in CODE:
            granted = await self._by_code(client, wish, shop)
        elif kind in EXCHANGE:
            granted = await self._by_session_token(client, wish, shop)
        else:
            raise UnsupportedGrantType("grantType is neither authorization-code nor token-exchange.")
        if isinstance(granted, Granted):
            return granted
        raise granted

    async def _client(self, wish: TokenRequest) -> Client:
        async def look(tx: Tx) -> Client | None:
            return await clients.proven(
                tx, self.sealer, wish.client_id, *wish.client_secrets, at=self.clock()
            )

        client = await self.db.read(look)
        if client is None:
            raise InvalidClient("No app has this client id with this client secret: check both.")
        return client

    async def _by_code(self, client: Client, wish: TokenRequest, handle: str | None) -> Outcome:
        code = wish.one("code")
        if code is None:
            raise InvalidRequest("code is missing: give the one that the redirect brought.")
        shop_id = await self.db.read(lambda tx: codes.shop_of(tx, code))
        if shop_id is None:
            return InvalidGrant("There is no such code.")
        at = self.clock()

        # The refusal is answered, not raised: that the code is spent, and its tokens revoked, must stay.
        async def work(tx: Tx) -> Outcome:
            spent = await codes.spend(tx, code, client_id=client.client_id, at=at)
            if spent is None:
                if await codes.was_used(tx, code, client_id=client.client_id):
                    await tokens.revoke_of_code(tx, keys.digest(code), at=at)
                    return InvalidGrant("The code was used before: what it was exchanged for is revoked.")
                return InvalidGrant("There is no such code.")
            wrong = _wrong(spent, wish, at=at)
            if wrong is not None:
                return wrong
            shop = await Shops(tx).get(spent.shop_id)
            installed = await Installations(tx, shop).look(client.client_id)
            if (
                installed is None
                or installed.id != spent.installation_id
                or handle not in (None, shop.handle)
            ):
                return InvalidGrant("The code is not for this shop, or the app is not installed any more.")
            person = await _member(tx, spent.person_id, shop) if spent.online else None
            if spent.online and person is None:
                return InvalidGrant("Whoever let the app in does not belong to the shop any more.")
            return await _mint(tx, installed, wish, person, at=at, code=code)

        return await self.db.write(work, shop_id=shop_id)

    async def _by_session_token(self, client: Client, wish: TokenRequest, handle: str | None) -> Outcome:
        token = wish.one("subjectToken")
        if token is None:
            raise InvalidRequest("subjectToken is missing: give the session token.")
        if wish.one("subjectTokenType") not in (None, *SUBJECT):
            raise InvalidRequest(f"subjectTokenType is unknown: give {SUBJECT[0]}, or leave it out.")
        kind = wish.one("requestedTokenType") or OFFLINE[0]
        if kind not in (*ONLINE, *OFFLINE):
            raise InvalidRequest(
                "requestedTokenType is unknown: give online-access-token, or leave it out for an offline one."
            )
        at = self.clock()
        claims = self.session_tokens.read(token, client_id=client.client_id, secrets=client.secrets, at=at)
        if claims is None:
            return InvalidGrant("The session token is not good, or is not any more: ask for a new one.")
        shop = await self.db.read(lambda tx: self._shop_of(tx, claims, handle))
        if shop is None:
            return InvalidGrant("The session token is not of this shop, or of nobody who belongs to it.")

        async def work(tx: Tx) -> Outcome:
            person = await _member(tx, claims.sub, shop)
            installed = await Installations(tx, shop).look(client.client_id)
            if person is None or installed is None:
                return InvalidGrant("The app is not installed in the shop, or the person is not of it.")
            return await _mint(tx, installed, wish, person if kind in ONLINE else None, at=at)

        return await self.db.write(work, shop_id=shop.id)

    async def _shop_of(self, tx: Tx, claims: Claims, handle: str | None) -> Shop | None:
        """The shop that a session token was given for, among those that its person belongs to."""
        for each in await People(tx).memberships(claims.sub):
            if handle in (None, each.shop.handle) and self.session_tokens.is_of(claims, each.shop.id):
                return each.shop
        return None


def _wrong(spent: Code, wish: TokenRequest, *, at: int) -> InvalidGrant | None:
    """What forbids the exchange of a code, beside what it is for."""
    if at >= spent.expires_at:
        return InvalidGrant("The code is too old: let the app be authorized again.")
    url = wish.one("redirectUri")
    # It may be left out: the client's secret and PKCE bind the code (RFC 9700 §2.1.1).
    if url is not None and url != spent.redirect_url:
        return InvalidGrant("redirectUri is not where the code was sent: give the very same.")
    verifier = wish.one("codeVerifier")
    if spent.challenge is None:
        return None if verifier is None else InvalidGrant("The code was asked for without a codeChallenge.")
    if verifier is None or not VERIFIER.match(verifier):
        return InvalidGrant("codeVerifier is missing, or not of 43 to 128 letters, digits, and -._~.")
    made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    if not hmac.compare_digest(made, spent.challenge.encode()):
        return InvalidGrant("codeVerifier is not what the codeChallenge was made of.")
    return None


async def _member(tx: Tx, person_id: int | None, shop: Shop) -> Person | None:
    """An active person who belongs to the shop."""
    if person_id is None:
        return None
    try:
        person = await People(tx).get(person_id)
    except PersonNotFound:
        return None
    belongs = any(each.shop.id == shop.id for each in await People(tx).memberships(person_id))
    return person if belongs and person.deactivated_at is None else None


async def _mint(
    tx: Tx,
    installed: Installation,
    wish: TokenRequest,
    person: Person | None,
    *,
    at: int,
    code: str | None = None,
) -> Granted | InvalidScope:
    """A token of the installation: a person's, for a day, or one that does not end."""
    wanted = (wish.one("scope") or "").replace(",", " ").split()
    if not installed.scopes.issuperset(wanted):
        return InvalidScope(
            "scope is more than the app was granted: leave it out, or ask the merchant first."
        )
    token = await tokens.mint(
        tx,
        shop_id=installed.shop_id,
        installation_id=installed.id,
        kind=tokens.Kind.OFFLINE if person is None else tokens.Kind.ONLINE,
        at=at,
        expires_at=None if person is None else at + ONLINE_LIFE,
        person_id=None if person is None else person.id,
        code=None if code is None else keys.digest(code),
    )
    return Granted(
        access_token=token,
        installation_id=installed.id,
        scopes=installed.scopes,
        exchanged=code is None,
        expires_in=None if person is None else ONLINE_LIFE // SECOND,
        person=person,
    )
