"""A shop with packages that wait, and installers whose clock stands."""

from till.clock import SECOND
from till.ids import Minter
from till.log import Log
from till.shop import Shop
from till.shops.store import Shops
from till.themes import installing_uploads as uploads
from till.themes.installing import Installer
from till.themes.store import Themes

AT = SECOND * 1_700_000_000


class Place:
    """A shop in a store, an installer with a clock that stands, and what it told."""

    def __init__(self, run, db):
        self.run, self.db, self.mint, self.at = run, db, Minter(1), AT
        self.shop = Shop(id=self.mint(), handle="demo", currency="USD", timezone="UTC")
        self.told, self.parsed, self.fetch = [], [], None
        run(db.write(lambda tx: Shops(tx).add(self.shop, at=AT)))

    def installer(self, **more):
        given = {"db": self.db, "clock": lambda: self.at, "fetch": self.fetch, "parse": None, "log": Log()}
        return Installer(**(given | {"told": self.told.append} | more))

    def upload(self, file=None, src=None):
        """A theme that waits for a package; answers its id."""
        return self.run(self.begin(file, src))

    async def begin(self, file=None, src=None):
        theme_id = self.mint()

        async def work(tx):
            await Themes(tx, self.shop).begin(theme_id, "Mine", at=self.at)
            await uploads.add(tx, theme_id, shop_id=self.shop.id, src=src, file=file, by="me", at=self.at)

        await self.db.write(work, shop_id=self.shop.id)
        return theme_id

    def install(self, **more):
        return self.run(self.installer(**more).install_due())

    def ask(self, work):
        return self.run(self.db.read(lambda tx: work(Themes(tx, self.shop))))

    def theme(self, theme_id):
        return self.ask(lambda themes: themes.find(theme_id))

    def files(self, theme_id):
        async def work(themes):
            return await themes.contents(await themes.manifest(await themes.find(theme_id)))

        return self.ask(work)

    def rows(self, sql, **params):
        return self.run(self.db.read(lambda tx: tx.fetch(sql, shop_id=self.shop.id, **params)))

    def waiting(self):
        return len(self.rows("SELECT theme_id FROM theme_uploads WHERE shop_id = :shop_id"))

    def topics(self):
        sql = "SELECT topic FROM events WHERE shop_id = :shop_id ORDER BY number"
        return [topic for (topic,) in self.rows(sql)]
