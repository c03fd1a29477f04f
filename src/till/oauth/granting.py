"""What comes of consent: an app comes in, or has more, and is told a code where its people are sent back."""

from dataclasses import dataclass

from msgspec import Struct

from till.apps import clients, codes
from till.apps.app import App, Grant, Installation
from till.apps.clients import Client
from till.apps.codes import Code
from till.apps.history import BY_APP
from till.apps.installations import Installations
from till.apps.life import Life
from till.apps.store import AppNotFound, Apps
from till.db.port import Tx
from till.oauth import authorize, consent
from till.oauth.authorize import Asked, Given
from till.oauth.redirecting import signed, whence
from till.oauth.refused import UnknownApp
from till.shop import Shop
from till.staff.person import Visitor
from till.web.api import DiskFull
from till.web.services import Services


class Way(Struct, frozen=True, kw_only=True):
    """Who asks whom, and where the answer goes."""

    app: App
    client: Client
    url: str
    given: Given
    visitor: Visitor
    shop: Shop


@dataclass(frozen=True, slots=True)
class Granting:
    """Carries out what was decided."""

    services: Services

    async def app_of(self, client_id: str) -> tuple[App, Client]:
        """The app that asks, unproven; `UnknownApp`."""

        async def look(tx: Tx) -> tuple[App, Client]:
            app = await Apps(tx).find(client_id)
            client = await clients.known(tx, self.services.sealer, client_id, at=self.services.clock())
            if client is None:
                raise AppNotFound(client_id)
            return app, client

        try:
            return await self.services.db.read(look)
        except AppNotFound:
            raise UnknownApp("There is no app of this client id here: its developer must check it.") from None

    async def installed(self, way: Way) -> Installation | None:
        """The app in the shop, if it is there."""
        return await self.services.db.read(lambda tx: Installations(tx, way.shop).look(way.app.client_id))

    async def granted(self, way: Way, asked: Asked, grant: Grant | None) -> str:
        """The URL that leads back with a new code; without a `grant` the app has what it asks for already.

        What is granted now, or taken because the app no longer declares it, and the code are one transaction.
        """
        lent, at = self.services, self.services.clock()
        if lent.is_full():
            raise DiskFull("There is too little room left on the server's disk: try again later.")

        async def work(tx: Tx) -> str:
            app = await Apps(tx).find(way.app.client_id)
            if grant is None:
                installed = await Installations(tx, way.shop).find(app.client_id)
                installed = await Life(tx, way.shop, BY_APP, at, lent.mint).narrow(app, installed)
            else:
                life = Life(tx, way.shop, way.visitor.author, at, lent.mint)
                installed = await consent.accept(life, app, grant)
            code = Code(
                shop_id=way.shop.id,
                installation_id=installed.id,
                person_id=way.visitor.person.id,
                redirect_url=way.url,
                challenge=asked.challenge,
                online=asked.online,
                expires_at=at + codes.LIFE,
            )
            return await codes.mint(tx, code, at=at)

        code = await lent.db.write(work, shop_id=way.shop.id)
        lent.wakes.wrote(way.shop.id)
        return self.back(way, [("code", code)])

    def back(self, way: Way, said: list[tuple[str, str]]) -> str:
        """The URL that leads back to the app with what is `said`, signed."""
        state = authorize.state_of(way.given)
        pairs = [*said, *whence(way.shop, self.services.clock())]
        pairs += [("state", state)] if state is not None else []
        return signed(way.url, pairs, secret=way.client.signs)
