"""The apps that one shop has, at rest; what becomes of them, and is told of it, is in till.apps.life."""

from dataclasses import dataclass

from till.apps import scope, tokens
from till.apps.app import Installation
from till.caller import Protected
from till.db.port import Row, Tx
from till.errors import Invalid, NotFound
from till.shop import Fidelity, Shop
from till.webhooks.fanout import renew

COLUMNS = "id, shop_id, client_id, scopes, protected, asked, fidelity, version, uninstalled_at"
ADD = """
    INSERT INTO installations
        (shop_id, id, client_id, scopes, protected, asked, fidelity, created_at)
    VALUES (:shop_id, :id, :client_id, :scopes, :protected, :asked, :fidelity, :at)
"""
FIND = f"""
    SELECT {COLUMNS} FROM installations
    WHERE shop_id = :shop_id AND client_id = :client_id AND uninstalled_at IS NULL
"""
GET = f"SELECT {COLUMNS} FROM installations WHERE shop_id = :shop_id AND id = :id"
ALL = f"""
    SELECT {COLUMNS} FROM installations WHERE shop_id = :shop_id AND uninstalled_at IS NULL ORDER BY id
"""
SET = """
    UPDATE installations SET scopes = :scopes, protected = :protected, asked = :asked,
        version = :version, uninstalled_at = :uninstalled_at
    WHERE shop_id = :shop_id AND id = :id
"""
# Of an app that is back, nothing is to be forgotten.
STAY = """
    UPDATE installations SET redact_at = NULL
    WHERE shop_id = :shop_id AND client_id = :client_id AND redact_at IS NOT NULL
"""
FORGET = "UPDATE installations SET redact_at = :at WHERE shop_id = :shop_id AND id = :id"
SET_FIDELITY = """
    UPDATE installations SET fidelity = :fidelity WHERE shop_id = :shop_id AND id = :id
"""


class AlreadyInstalled(Invalid):
    """An app is installed at most once in a shop."""


class NotInstalled(NotFound):
    """The app is not in this shop."""


@dataclass(frozen=True, slots=True)
class Installations:
    """The apps that one shop has."""

    tx: Tx
    shop: Shop

    async def put(self, installation: Installation, *, at: int) -> None:
        """Store a new installation; `AlreadyInstalled` where the shop has the app."""
        if await self._rows(installation.client_id):
            raise AlreadyInstalled(
                f"The app is already installed in {self.shop.handle!r}: uninstall it first.",
                fields={"clientId": ["is already installed in this shop"]},
            )
        await self.tx.execute(STAY, shop_id=self.shop.id, client_id=installation.client_id)
        await self.tx.execute(
            ADD,
            shop_id=self.shop.id,
            id=installation.id,
            client_id=installation.client_id,
            scopes=scope.spell(installation.scopes),
            protected=",".join(sorted(installation.protected)),
            asked=",".join(sorted(installation.asked)),
            fidelity=installation.fidelity or "",
            at=at,
        )

    async def add(self, installation: Installation, *, at: int) -> str:
        """Store a new installation, and answer its access token, which is shown nowhere else."""
        await self.put(installation, at=at)
        return await self.mint_token(installation.id, at=at)

    async def mint_token(self, installation_id: int, *, at: int) -> str:
        """One more access token for an installation, beside those that it has."""
        return await tokens.mint(
            self.tx, shop_id=self.shop.id, installation_id=installation_id, kind=tokens.Kind.CUSTOM, at=at
        )

    async def find(self, client_id: str) -> Installation:
        """The live installation of an app; `NotInstalled` where the shop has none."""
        found = await self.look(client_id)
        if found is None:
            raise NotInstalled(f"The app {client_id!r} is not installed in {self.shop.handle!r}.")
        return found

    async def look(self, client_id: str) -> Installation | None:
        """The live installation of an app, if the shop has one."""
        rows = await self._rows(client_id)
        return installation_of(rows[0]) if rows else None

    async def get(self, installation_id: int) -> Installation:
        """The installation of an id that another row gives, so there is one, live or not."""
        return installation_of((await self.tx.fetch(GET, shop_id=self.shop.id, id=installation_id))[0])

    async def all(self) -> list[Installation]:
        """The live ones, the oldest first."""
        return [installation_of(row) for row in await self.tx.fetch(ALL, shop_id=self.shop.id)]

    async def change(self, installation: Installation) -> None:
        """Store what has changed: what it was granted, or that it has gone."""
        await self.tx.execute(
            SET,
            shop_id=self.shop.id,
            id=installation.id,
            scopes=scope.spell(installation.scopes),
            protected=",".join(sorted(installation.protected)),
            asked=",".join(sorted(installation.asked)),
            version=installation.version,
            uninstalled_at=installation.uninstalled_at,
        )

    async def forget_at(self, installation_id: int, at: int | None) -> None:
        """Say when an app that has gone is to be told to forget the shop; None when it was."""
        await self.tx.execute(FORGET, shop_id=self.shop.id, id=installation_id, at=at)

    async def set_fidelity(self, client_id: str, fidelity: Fidelity | None) -> Installation:
        """Choose how an installation is answered, and what it is told."""
        found = await self.find(client_id)
        await self.tx.execute(SET_FIDELITY, shop_id=self.shop.id, id=found.id, fidelity=fidelity or "")
        await renew(self.tx, self.shop.id)
        return found

    async def _rows(self, client_id: str) -> list[Row]:
        return await self.tx.fetch(FIND, shop_id=self.shop.id, client_id=client_id)


def installation_of(row: Row) -> Installation:
    """An installation from its `COLUMNS`."""
    installation_id, shop_id, client_id, scopes, protected, asked, fidelity, version, uninstalled_at = row
    return Installation(
        id=installation_id,
        shop_id=shop_id,
        client_id=client_id,
        scopes=scope.parse(scopes),
        protected=frozenset(Protected(word) for word in protected.split(",") if word),
        asked=frozenset(filter(None, asked.split(","))),
        fidelity=Fidelity(fidelity) if fidelity else None,
        version=version,
        uninstalled_at=uninstalled_at,
    )
