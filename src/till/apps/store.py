"""Apps, installations and tokens at rest."""

from dataclasses import dataclass

from till.apps import scope, tokens
from till.apps.app import App, Installation
from till.caller import Protected
from till.clock import DAY, iso
from till.db.port import Row, Tx
from till.errors import Invalid, NotFound
from till.shop import Fidelity, Shop
from till.webhooks.fanout import renew
from till.webhooks.leaving import leave

LONGEST_GRACE = 7 * DAY

ADD_APP = """
    INSERT INTO apps (client_id, name, scopes, partner, secret, created_at)
    VALUES (:client_id, :name, :scopes, :partner, :secret, :at)
"""
FIND_APP = "SELECT client_id, name, scopes, partner FROM apps WHERE client_id = :client_id"
SEALED = "SELECT secret FROM apps WHERE client_id = :client_id"
# The secret that was keeps its place until the overlap ends; the platform's one header stays with it.
ROTATE = """
    UPDATE apps SET secret = :secret, previous_secret = secret, previous_until = :until, compat_previous = 1
    WHERE client_id = :client_id AND NOT (compat_previous = 1 AND previous_until > :at) RETURNING client_id
"""
REPLACE = """
    UPDATE apps SET secret = :secret, previous_secret = NULL, previous_until = NULL, compat_previous = 0
    WHERE client_id = :client_id AND NOT (compat_previous = 1 AND previous_until > :at) RETURNING client_id
"""
OVERLAP = "SELECT previous_until, compat_previous FROM apps WHERE client_id = :client_id"
SWITCH = "UPDATE apps SET compat_previous = 0 WHERE client_id = :client_id"
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


class AppNotFound(NotFound):
    """No app has this client id."""


class RotationUnderWay(Invalid):
    """Receivers still rely on the secret before the present one."""


class NothingToSwitch(Invalid):
    """The present secret signs everything already."""


class AlreadyInstalled(Invalid):
    """An app is installed at most once in a shop."""


class NotInstalled(NotFound):
    """The app is not in this shop."""


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
            raise _unknown(client_id)
        return _app(rows[0])

    async def sealed_secret(self, client_id: str) -> bytes:
        """The client secret as it was sealed; only the key's holder can read it."""
        rows = await self.tx.fetch(SEALED, client_id=client_id)
        if not rows:
            raise _unknown(client_id)
        return bytes(rows[0][0])

    async def rotate_secret(self, client_id: str, sealed: bytes, *, grace: int, at: int) -> int | None:
        """Give an app a new secret; the old one is good beside it for `grace` microseconds, at most 7 days.

        Answers when that ends, None where there is no overlap. `RotationUnderWay` while one lasts that
        was not switched.
        """
        if not 0 <= grace <= LONGEST_GRACE:
            raise Invalid(
                "The old secret can be kept for at most 7 days: give a grace from 0s to 7d.",
                fields={"grace": ["must be 0s to 7d"]},
            )
        if grace:
            changed = await self.tx.fetch(ROTATE, client_id=client_id, secret=sealed, at=at, until=at + grace)
        else:
            changed = await self.tx.fetch(REPLACE, client_id=client_id, secret=sealed, at=at)
        if not changed:
            until, _ = await self._overlap(client_id)
            raise RotationUnderWay(
                f"The secret was changed before, and the old one signs until {iso(until or at, 'UTC')}: "
                f"give the new one to all receivers, `till app switch-secret {client_id}`, and rotate again."
            )
        return at + grace if grace else None

    async def switch_secret(self, client_id: str, *, at: int) -> int:
        """Let the present secret sign the platform's header, too; answers when the old one ends."""
        until, is_compat = await self._overlap(client_id)
        if until is None or at >= until or not is_compat:
            raise NothingToSwitch(
                "The present secret signs X-Genstore-Hmac-Sha256 already: there is nothing to switch."
            )
        await self.tx.execute(SWITCH, client_id=client_id)
        return until

    async def _overlap(self, client_id: str) -> tuple[int | None, bool]:
        rows = await self.tx.fetch(OVERLAP, client_id=client_id)
        if not rows:
            raise _unknown(client_id)
        until, is_compat = rows[0]
        return until, bool(is_compat)

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
        return await tokens.mint(
            self.tx, shop_id=self.shop.id, installation_id=installation_id, kind=tokens.Kind.CUSTOM, at=at
        )

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
        await tokens.revoke_of_installation(self.tx, shop_id=self.shop.id, installation_id=found.id, at=at)
        return found

    async def set_fidelity(self, client_id: str, fidelity: Fidelity | None) -> Installation:
        found = await self.find(client_id)
        await self.tx.execute(SET_FIDELITY, shop_id=self.shop.id, id=found.id, fidelity=fidelity or "")
        await renew(self.tx, self.shop.id)
        return found

    async def _rows(self, client_id: str) -> list[Row]:
        return await self.tx.fetch(FIND_INSTALLATION, shop_id=self.shop.id, client_id=client_id)


def _unknown(client_id: str) -> AppNotFound:
    return AppNotFound(f"There is no app {client_id!r}: `till app list` names them.")


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
