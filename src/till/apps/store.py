"""Apps, installations and tokens at rest."""

from dataclasses import dataclass

from till import keys
from till.apps import scope
from till.apps.app import App, Installation
from till.caller import Protected
from till.db.port import Row, Tx
from till.errors import Invalid, NotFound
from till.shop import Fidelity, Shop
from till.webhooks.fanout import renew
from till.webhooks.leaving import leave

ADD_APP = """
    INSERT INTO apps (client_id, name, scopes, partner, secret, created_at)
    VALUES (:client_id, :name, :scopes, :partner, :secret, :at)
"""
FIND_APP = "SELECT client_id, name, scopes, partner FROM apps WHERE client_id = :client_id"
SEALED = "SELECT secret FROM apps WHERE client_id = :client_id"
ALL_APPS = "SELECT client_id, name, scopes, partner FROM apps ORDER BY created_at, client_id"
ADD_INSTALLATION = """
    INSERT INTO installations
        (shop_id, id, client_id, scopes, protected, fidelity, created_at)
    VALUES (:shop_id, :id, :client_id, :scopes, :protected, :fidelity, :at)
"""
FIND_INSTALLATION = """
    SELECT id, shop_id, client_id, scopes, protected, fidelity FROM installations
    WHERE shop_id = :shop_id AND client_id = :client_id AND uninstalled_at IS NULL
"""
END_INSTALLATION = """
    UPDATE installations SET uninstalled_at = :at WHERE shop_id = :shop_id AND id = :id
"""
SET_FIDELITY = """
    UPDATE installations SET fidelity = :fidelity WHERE shop_id = :shop_id AND id = :id
"""
KEEP_DIGEST = """
    INSERT INTO tokens (digest, shop_id, installation_id, created_at)
    VALUES (:digest, :shop_id, :installation_id, :at)
"""
REVOKE = """
    UPDATE tokens SET revoked_at = :at WHERE digest = :digest AND revoked_at IS NULL
    RETURNING installation_id
"""
REVOKE_ALL = """
    UPDATE tokens SET revoked_at = :at
    WHERE shop_id = :shop_id AND installation_id = :installation_id AND revoked_at IS NULL
"""


class AppNotFound(NotFound):
    """No app has this client id."""


class AlreadyInstalled(Invalid):
    """An app is installed at most once in a shop."""


class NotInstalled(NotFound):
    """The app is not in this shop."""


class TokenNotFound(NotFound):
    """No live token is this one."""


@dataclass(frozen=True, slots=True)
class Apps:
    tx: Tx

    async def add(self, app: App, *, sealed_secret: bytes, at: int) -> App:
        await self.tx.execute(
            ADD_APP,
            client_id=app.client_id,
            name=app.name,
            scopes=scope.spell(app.scopes),
            partner=int(app.partner),
            secret=sealed_secret,
            at=at,
        )
        return app

    async def find(self, client_id: str) -> App:
        rows = await self.tx.fetch(FIND_APP, client_id=client_id)
        if not rows:
            raise AppNotFound(f"There is no app {client_id!r}: `till app list` names them.")
        return _app(rows[0])

    async def sealed_secret(self, client_id: str) -> bytes:
        """The client secret as it was sealed; only the key's holder can read it."""
        rows = await self.tx.fetch(SEALED, client_id=client_id)
        if not rows:
            raise AppNotFound(f"There is no app {client_id!r}: `till app list` names them.")
        return bytes(rows[0][0])

    async def all(self) -> list[App]:
        return [_app(row) for row in await self.tx.fetch(ALL_APPS)]


@dataclass(frozen=True, slots=True)
class Installations:
    """The apps that one shop has."""

    tx: Tx
    shop: Shop

    async def add(self, installation: Installation, *, at: int) -> str:
        """Install, and answer the access token, which is nowhere kept and never shown again."""
        if await self._rows(installation.client_id):
            raise AlreadyInstalled(
                f"The app is already installed in {self.shop.handle!r}: uninstall it first.",
                fields={"clientId": ["is already installed in this shop"]},
            )
        await self.tx.execute(
            ADD_INSTALLATION,
            shop_id=self.shop.id,
            id=installation.id,
            client_id=installation.client_id,
            scopes=scope.spell(installation.scopes),
            protected=",".join(sorted(installation.protected)),
            fidelity=installation.fidelity or "",
            at=at,
        )
        return await self.mint_token(installation.id, at=at)

    async def mint_token(self, installation_id: int, *, at: int) -> str:
        """One more access token for an installation, beside those that it has."""
        token = keys.mint_token()
        await self.tx.execute(
            KEEP_DIGEST,
            digest=keys.digest(token),
            shop_id=self.shop.id,
            installation_id=installation_id,
            at=at,
        )
        return token

    async def find(self, client_id: str) -> Installation:
        rows = await self._rows(client_id)
        if not rows:
            raise NotInstalled(f"The app {client_id!r} is not installed in {self.shop.handle!r}.")
        return _installation(rows[0])

    async def remove(self, client_id: str, *, at: int) -> Installation:
        """Uninstall: its tokens and subscriptions die with it, in one transaction; the history stays."""
        found = await self.find(client_id)
        await leave(self.tx, shop_id=self.shop.id, installation_id=found.id, at=at)
        await self.tx.execute(END_INSTALLATION, shop_id=self.shop.id, id=found.id, at=at)
        await self.tx.execute(REVOKE_ALL, shop_id=self.shop.id, installation_id=found.id, at=at)
        return found

    async def set_fidelity(self, client_id: str, fidelity: Fidelity | None) -> Installation:
        found = await self.find(client_id)
        await self.tx.execute(SET_FIDELITY, shop_id=self.shop.id, id=found.id, fidelity=fidelity or "")
        await renew(self.tx, self.shop.id)
        return found

    async def _rows(self, client_id: str) -> list[Row]:
        return await self.tx.fetch(FIND_INSTALLATION, shop_id=self.shop.id, client_id=client_id)


async def revoke(tx: Tx, token: str, *, at: int) -> int:
    """Kill one access token; answers the installation it was of."""
    rows = await tx.fetch(REVOKE, digest=keys.digest(token), at=at)
    if not rows:
        raise TokenNotFound("There is no such token, or it was revoked before.")
    return int(rows[0][0])


def _app(row: Row) -> App:
    client_id, name, scopes, partner = row
    return App(client_id=client_id, name=name, scopes=scope.parse(scopes), partner=bool(partner))


def _installation(row: Row) -> Installation:
    installation_id, shop_id, client_id, scopes, protected, fidelity = row
    return Installation(
        id=installation_id,
        shop_id=shop_id,
        client_id=client_id,
        scopes=scope.parse(scopes),
        protected=frozenset(Protected(word) for word in protected.split(",") if word),
        fidelity=Fidelity(fidelity) if fidelity else None,
    )
