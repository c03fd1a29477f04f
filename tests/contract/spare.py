"""Apps and tokens in shops that are served: spare ones, ones with a single scope, ones that have ended."""

import asyncio
from pathlib import Path

from till import clock, keys
from till.apps import codes
from till.apps.app import App, Grant
from till.apps.codes import LIFE, Code
from till.apps.installations import Installations
from till.apps.life import Life
from till.apps.store import Apps
from till.cli.store import opened
from till.settings import Settings
from till.shops.store import Shops

SCOPES = frozenset(
    {"read_orders", "write_orders", "read_customers", "write_customers", "write_apps", "write_themes"}
)


END = "UPDATE tokens SET kind = 'online', expires_at = :at WHERE digest = :digest"


def fresh_token(folder, *, shop="demo", scopes=SCOPES):
    """The access token of a new app in the shop, whose server goes on meanwhile."""
    return asyncio.run(_made(Path(folder), shop, frozenset(scopes)))


def expire(folder, token):
    """Let a token be one of those that end, and have ended a second ago."""
    asyncio.run(_ended(Path(folder), token))


def fresh_code(folder, client_id, *, shop="demo"):
    """An authorization code that an installed app can exchange for a token."""
    return asyncio.run(_granted(Path(folder), client_id, shop))


async def _granted(folder, client_id, handle):
    at = clock.now()

    async def work(tx):
        place = await Shops(tx).find(handle)
        installed = await Installations(tx, place).find(client_id)
        code = Code(
            shop_id=place.id,
            installation_id=installed.id,
            person_id=None,
            redirect_url=None,
            challenge=None,
            online=False,
            expires_at=at + LIFE,
        )
        return await codes.mint(tx, code, at=at)

    async with opened(Settings(data=folder)) as store:
        return await store.db.write(work)


async def _ended(folder, token):
    at = clock.now() - clock.SECOND

    async def work(tx):
        await tx.execute(END, digest=keys.digest(token), at=at)

    async with opened(Settings(data=folder)) as store:
        await store.db.write(work)


async def _made(folder, handle, scopes):
    async with opened(Settings(data=folder)) as store, store.minting() as mint:
        app = App(client_id=keys.mint_client_id(), name="Spare", scopes=scopes, partner=False)
        sealed = store.sealer.seal(keys.mint_secret(), about=app.client_id)

        async def work(tx):
            place, at = await Shops(tx).find(handle), clock.now()
            await Apps(tx).add(app, sealed_secret=sealed, at=at)
            made = await Life(tx, place, "test", at, mint).install(app, Grant(scopes=scopes))
            return await Installations(tx, place).mint_token(made.id, at=at)

        place = await store.db.read(lambda tx: Shops(tx).find(handle))
        return await store.db.write(work, shop_id=place.id)
