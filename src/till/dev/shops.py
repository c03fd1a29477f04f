"""A shop with an app in it, founded in one commit: what a test needs of its own, and needs at once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from msgspec import UNSET, Struct, UnsetType, structs

from till import keys
from till.apps import history, scope
from till.apps.app import App, Installation
from till.apps.history import BY_COMMAND, Act
from till.apps.installations import Installations
from till.apps.preinstall import preinstall
from till.apps.store import Apps
from till.caller import Protected
from till.clock import Clock
from till.db.port import Database, Tx
from till.deliveries.signature import whsec
from till.dialect import lists, readers
from till.errors import Invalid
from till.keys import Sealer
from till.shop import Fidelity, Rate, Shop
from till.shops.store import Shops
from till.themes.founding import found as found_theme

REDIRECT_URL = "http://localhost:3000/oauth/callback"
Text = Annotated[str | UnsetType, readers.text(255, shortest=1, nullable=False)]


class ShopRequest(Struct, kw_only=True, frozen=True, rename="camel", omit_defaults=True):
    """What the shop and its app shall be; all scopes and no rate limit where nothing is said.

    Without `redirectUrls` the app has one on this machine, so that it can be authorized at once.
    """

    handle: Text = UNSET
    currency: Annotated[str | UnsetType, readers.currency()] = UNSET
    timezone: Text = UNSET
    scopes: Annotated[tuple[str, ...] | UnsetType, lists.words(64, 64)] = UNSET
    partner: Annotated[bool | UnsetType, readers.flag(nullable=False)] = UNSET
    protected: Annotated[tuple[str, ...] | UnsetType, lists.words(16, 8)] = UNSET
    fidelity: Annotated[Fidelity | UnsetType, readers.one_of(Fidelity, nullable=False)] = UNSET
    rate: Annotated[Rate | UnsetType, readers.one_of(Rate, nullable=False)] = UNSET
    redirect_urls: Annotated[tuple[str, ...] | UnsetType, lists.words(2_048, 20)] = UNSET


class Founded(Struct, frozen=True, rename="camel"):
    """All that an app of the new shop must know; the token and the secrets are shown nowhere else."""

    shop: str
    shop_id: int
    installation_id: str
    client_id: str
    client_secret: str
    access_token: str
    whsec: str


@dataclass(frozen=True, slots=True)
class Founder:
    """Founds shops."""

    db: Database
    sealer: Sealer
    mint: Callable[[], int]
    clock: Clock

    async def found(self, wish: ShopRequest) -> Founded:
        """The shop, its app and a token, all in one commit.

        The app was there from the beginning: the feed of a new shop is empty.
        """
        secret, client_id = keys.mint_secret(), keys.mint_client_id()
        shop = self._shop(wish)
        scopes = frozenset(scope.SCOPES) if wish.scopes is UNSET else scope.parse(",".join(wish.scopes))
        app = App(
            client_id=client_id,
            name=f"App of {shop.handle}",
            scopes=scopes,
            partner=wish.partner is True,
            redirect_urls=(REDIRECT_URL,) if wish.redirect_urls is UNSET else wish.redirect_urls,
        ).checked()
        installation = Installation(
            id=self.mint(),
            shop_id=shop.id,
            client_id=client_id,
            scopes=scopes,
            protected=_protected(() if wish.protected is UNSET else wish.protected),
            fidelity=None if wish.fidelity is UNSET else wish.fidelity,
        )
        app = structs.replace(app, protected=installation.protected)
        sealed, at = self.sealer.seal(secret, about=client_id), self.clock()

        act = Act(
            shop_id=shop.id,
            client_id=client_id,
            installation_id=installation.id,
            kind="installed",
            at=at,
            by=BY_COMMAND,
        )

        async def work(tx: Tx) -> str:
            await Shops(tx).add(shop, at=at)
            await Apps(tx).add(app, sealed_secret=sealed, at=at)
            token = await Installations(tx, shop).add(installation, at=at)
            await history.add(tx, act)
            await preinstall(tx, shop, at=at, mint=self.mint)
            await found_theme(tx, shop, theme_id=self.mint(), at=at)
            return token

        return Founded(
            access_token=await self.db.write(work, shop_id=shop.id),
            shop=shop.handle,
            shop_id=shop.id,
            installation_id=str(installation.id),
            client_id=client_id,
            client_secret=secret,
            whsec=whsec(secret),
        )

    def _shop(self, wish: ShopRequest) -> Shop:
        shop_id = self.mint()
        shop = Shop(
            id=shop_id,
            handle=f"dev-{shop_id}" if wish.handle is UNSET else wish.handle,
            currency="USD" if wish.currency is UNSET else wish.currency,
            timezone="America/New_York" if wish.timezone is UNSET else wish.timezone,
        )
        return shop.change(rate=Rate.OFF if wish.rate is UNSET else wish.rate)


def _protected(words: tuple[str, ...]) -> frozenset[Protected]:
    for word in words:
        if word not in set(Protected):
            raise Invalid(
                f"protected has {word!r}: choose from {', '.join(Protected)}.",
                fields={"protected": [f"has {word!r}, which is no kind of protected data"]},
            )
    return frozenset(map(Protected, words))
