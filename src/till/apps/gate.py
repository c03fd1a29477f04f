"""The gate: from the headers of a request to a caller, or a refusal (rulings.md §1, §6.5)."""

import time
from collections.abc import Iterable
from functools import lru_cache

from msgspec import Struct

from till import keys
from till.apps import scope
from till.apps.app import Installation, admit
from till.apps.buckets import OwnBuckets, SharedBuckets
from till.caller import Caller, Protected
from till.db.port import Database, Row, Tx
from till.errors import Forbidden, Unauthenticated
from till.shop import Fidelity
from till.shops.store import shop_of
from till.web.call import Request

HEADER = "x-genstore-access-token"
FIND = """
    SELECT i.id, i.shop_id, i.client_id, i.scopes, i.protected, i.fidelity, a.partner, a.name,
        s.id, s.handle, s.currency, s.timezone, s.settings, s.rendering
    FROM tokens t
    JOIN installations i ON i.shop_id = t.shop_id AND i.id = t.installation_id
    JOIN apps a ON a.client_id = i.client_id
    JOIN shops s ON s.id = i.shop_id
    WHERE t.digest = :digest AND t.revoked_at IS NULL AND i.uninstalled_at IS NULL
"""
SECONDS_KNOWN = 1.0
MOST_KNOWN = 10_000


class InvalidToken(Unauthenticated):
    """The token is missing, unknown, revoked, or of another shop than the host."""


class MissingScope(Forbidden):
    """The installation was not granted what the call needs."""


class Gate(Struct):
    """Lets requests in; `bases` are the domains whose first label must be the token's shop."""

    db: Database
    buckets: OwnBuckets | SharedBuckets
    bases: tuple[str, ...]
    fidelity: Fidelity
    known: dict[bytes, tuple[object, Caller]] = {}

    async def identify(self, request: Request) -> Caller:
        """Who asks; `InvalidToken` for nobody, or for a token of another shop than the host's."""
        token = request.headers.get(HEADER)
        if not token:
            raise InvalidToken("The request has no X-Genstore-Access-Token: send the app's token.")
        caller = await self._caller(keys.digest(token))
        label = self._shop_label(request.host)
        if caller is None or (label is not None and label != caller.shop.handle):
            raise InvalidToken(
                "The access token is not valid for this shop: it is unknown, revoked, or of another shop."
            )
        return caller

    async def _caller(self, digest: bytes) -> Caller | None:
        """Who holds a token: asked anew after every commit, or once a second where asking is a round trip."""
        mark = self.db.mark() or time.monotonic() // SECONDS_KNOWN
        seen, caller = self.known.get(digest, (None, None))
        if caller is not None and seen == mark:
            return caller

        async def find(tx: Tx) -> list[Row]:
            return await tx.fetch(FIND, digest=digest)

        rows = await self.db.read(find)
        if not rows:
            self.known.pop(digest, None)
            return None
        caller = _caller(tuple(rows[0]), self.fidelity)
        if len(self.known) >= MOST_KNOWN:
            self.known.clear()
        self.known[digest] = (mark, caller)
        return caller

    def _shop_label(self, host: str) -> str | None:
        """The shop that the host names, where it lies under a base domain."""
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        label, _, rest = name.lower().rstrip(".").partition(".")
        return label if rest in self.bases else None

    def allow(self, caller: Caller, scopes: Iterable[str]) -> None:
        """`MissingScope` when the caller holds none of `scopes`."""
        if not caller.scopes.isdisjoint(scopes):
            return
        missing = min(scopes)
        raise MissingScope(
            f"This needs the scope {' or '.join(sorted(scopes))}, which the installation was not granted.",
            fields={"scope": [f"{missing} is missing"]},
        )


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
