"""The gate: from the headers of a request to a caller, or a refusal (rulings.md §1, §6.5)."""

import base64
import binascii
import hashlib
import time
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import unquote_plus

from msgspec import Struct

from till import keys
from till.apps import clients, scope
from till.apps.app import Installation, admit
from till.apps.buckets import OwnBuckets, SharedBuckets
from till.caller import Caller, Protected
from till.clock import Clock
from till.db.port import Database, Row, Tx
from till.errors import Forbidden, Unauthenticated
from till.keys import Sealer
from till.shop import Fidelity, Shop
from till.shops.store import shop_of
from till.web.call import Request

HEADER = "x-genstore-access-token"
FIND = """
    SELECT t.expires_at, i.id, i.shop_id, i.client_id, i.scopes, i.protected, i.fidelity, a.partner, a.name,
        s.id, s.handle, s.currency, s.timezone, s.settings, s.rendering
    FROM tokens t
    JOIN installations i ON i.shop_id = t.shop_id AND i.id = t.installation_id
    JOIN apps a ON a.client_id = i.client_id
    JOIN shops s ON s.id = i.shop_id
    WHERE t.digest = :digest AND t.revoked_at IS NULL AND i.uninstalled_at IS NULL
        AND (t.person_id IS NULL OR EXISTS (
            SELECT 1 FROM memberships m JOIN people p ON p.id = m.person_id
            WHERE m.shop_id = t.shop_id AND m.person_id = t.person_id AND p.deactivated_at IS NULL
        ))
"""
SECONDS_KNOWN = 1.0
MOST_KNOWN = 10_000


NOWHERE = Shop(id=0, handle="", currency="USD", timezone="UTC")


class InvalidToken(Unauthenticated):
    """The token is missing, unknown, expired, revoked, or of another shop than the host."""


class InvalidClient(Unauthenticated):
    """No app has these credentials."""


class MissingScope(Forbidden):
    """The installation was not granted what the call needs."""


class Known(Struct, frozen=True):
    """Who held a token when the store was at `mark`; `expires_at` ends it, whatever is remembered."""

    mark: object
    caller: Caller
    expires_at: int | None


class Gate(Struct):
    """Lets requests in; `bases` are the domains whose first label must be the token's shop."""

    db: Database
    buckets: OwnBuckets | SharedBuckets
    bases: tuple[str, ...]
    fidelity: Fidelity
    clock: Clock
    sealer: Sealer
    known: dict[bytes, Known] = {}

    async def identify(self, request: Request, *, whole_app: bool = False) -> Caller:
        """Who asks; `InvalidToken` for nobody, or for a token of another shop than the host's.

        Where `whole_app`, an app may ask for all its shops at once, by its own credentials (HTTP Basic).
        """
        token = _token(request)
        if token is None:
            basic = _credentials(request, "basic")
            if whole_app and basic is not None:
                return await self._whole_app(basic)
            raise InvalidToken("The request has no X-Genstore-Access-Token: send the app's token.")
        caller = await self._caller(keys.digest(token))
        label = shop_label(request.host, self.bases)
        if caller is None or (label is not None and label != caller.shop.handle):
            raise InvalidToken(
                "The access token is not valid for this shop: it is unknown, expired, revoked, or of "
                "another shop."
            )
        return caller

    async def _caller(self, digest: bytes) -> Caller | None:
        """Who holds a token: asked anew after every commit, or once a second where asking is a round trip."""
        mark = self.db.mark() or time.monotonic() // SECONDS_KNOWN
        known = self.known.get(digest)
        if known is None or known.mark != mark:
            known = await self._look_up(digest, mark)
        if known is None or (known.expires_at is not None and self.clock() >= known.expires_at):
            self.known.pop(digest, None)
            return None
        return known.caller

    async def _look_up(self, digest: bytes, mark: object) -> Known | None:
        async def find(tx: Tx) -> list[Row]:
            return await tx.fetch(FIND, digest=digest)

        rows = await self.db.read(find)
        if not rows:
            return None
        expires_at, *found = rows[0]
        if len(self.known) >= MOST_KNOWN:
            self.known.clear()
        known = self.known[digest] = Known(mark, _caller(tuple(found), self.fidelity), expires_at)
        return known

    async def _whole_app(self, basic: str) -> Caller:
        """An app that proved by its secret who it is; it has no shop, and a bucket of its own."""
        client_id, spellings = basic_pair(basic)

        async def look(tx: Tx) -> clients.Client | None:
            return await clients.proven(tx, self.sealer, client_id, *spellings, at=self.clock())

        client = await self.db.read(look)
        if client is None:
            raise InvalidClient("No app has this client id with this client secret: check both.")
        return Caller(
            shop=NOWHERE,
            installation_id=_own_bucket(client_id),
            client_id=client_id,
            app_name=client.name,
            scopes=scope.parse(client.scopes),
            fidelity=self.fidelity,
            whole_app=True,
        )

    def allow(self, caller: Caller, scopes: Iterable[str]) -> None:
        """`MissingScope` when the caller holds none of `scopes`; of itself, an app may know all."""
        if caller.whole_app or not caller.scopes.isdisjoint(scopes):
            return
        missing = min(scopes)
        raise MissingScope(
            f"This needs the scope {' or '.join(sorted(scopes))}, which the installation was not granted.",
            fields={"scope": [f"{missing} is missing"]},
        )


def shop_label(host: str, bases: tuple[str, ...]) -> str | None:
    """The shop that a `Host` names, where it lies under a base domain."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    label, _, rest = name.lower().rstrip(".").partition(".")
    return label if rest in bases else None


def basic_pair(credentials: str) -> tuple[str, tuple[str, ...]]:
    """Client id and secret of HTTP Basic credentials; `InvalidClient`.

    The secret is spelled as RFC 6749 §2.3.1 has it, form-encoded, or else, where that differs, as it was
    sent: many clients encode nothing.
    """
    try:
        user, colon, password = base64.b64decode(credentials, validate=True).decode().partition(":")
        client_id = unquote_plus(user, errors="strict")
        spellings = dict.fromkeys((unquote_plus(password, errors="replace"), password))
        if colon and "\0" not in "".join((client_id, *spellings)):
            return client_id, tuple(spellings)
    except (binascii.Error, ValueError):
        pass
    raise InvalidClient("The Authorization header is not Basic with a client id and a client secret.")


def _token(request: Request) -> str | None:
    """The token that was sent, in the header of its own or as a Bearer; two must be the same."""
    own, bearer = request.headers.get(HEADER), _credentials(request, "bearer")
    if own and bearer and own != bearer:
        raise InvalidToken(
            "X-Genstore-Access-Token and Authorization hold different tokens: send one, or the same in both."
        )
    return own or bearer or None


def _credentials(request: Request, wanted: str) -> str | None:
    """What an `Authorization` of the `wanted` scheme says."""
    scheme, _, said = request.headers.get("authorization", "").partition(" ")
    return said.strip() if scheme.lower() == wanted else None


def _own_bucket(client_id: str) -> int:
    """Where the requests of a whole app are counted: below zero, where no installation is."""
    return -1 - int.from_bytes(hashlib.sha256(client_id.encode()).digest()[:6], "big")


@lru_cache(maxsize=4096)
def _caller(row: tuple[object, ...], fidelity: Fidelity) -> Caller:
    installation_id, shop_id, client_id, scopes, protected, own, partner, name = row[:8]
    installation = Installation(
        id=int(str(installation_id)),
        shop_id=int(str(shop_id)),
        client_id=str(client_id),
        scopes=scope.parse(str(scopes)),
        protected=frozenset(Protected(word) for word in str(protected).split(",") if word),
        fidelity=Fidelity(str(own)) if own else None,
    )
    return admit(installation, shop_of(row[8:]), partner=bool(partner), fidelity=fidelity, app_name=str(name))
