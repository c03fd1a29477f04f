"""A server that is killed while it installs a theme, over and over: the theme waits, or is whole."""

import asyncio
import random
import time

import package_zips as zips
import pytest

from running import seed, serve
from till.clock import now
from till.db.open import open_database
from till.shops.store import Shops
from till.themes import installing_uploads as uploads
from till.themes.store import Themes
from till.themes.theme import Status

FILES = zips.GOOD | {f"assets/{number}.png": zips.noise(1_500_000, number) for number in range(20)}
MOST_KILLS, MOST_THEMES = 9, 5
# The lease is left to run out in other tests; here it would only be waited for.
FREE = "UPDATE theme_uploads SET leased_until = 0 WHERE shop_id = :shop_id"
LEFT = "SELECT attempts FROM theme_uploads WHERE shop_id = :shop_id"
VERSIONS = "SELECT number FROM theme_versions WHERE shop_id = :shop_id AND theme_id = :theme_id"
TOPICS = "SELECT topic FROM events WHERE shop_id = :shop_id ORDER BY number"


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    """Where a server keeps its things: its command's place, its options, and what opens the same here."""
    if request.param == "sqlite":
        yield tmp_path / "data", (), {"folder": tmp_path / "data", "url": None}
        return
    postgres = request.getfixturevalue("postgres")
    url = postgres.create_database()
    yield url, ("--data", tmp_path), {"folder": tmp_path, "url": url}
    postgres.drop_database(url)


class Look:
    """What is in the store while no server runs."""

    def __init__(self, run, shop_id, store):
        self.run, self.shop_id, self.store = run, shop_id, store
        self.theme_id = 76

    def do(self, work):
        async def story():
            db = await open_database(**self.store)
            try:
                shop = await db.read(lambda tx: Shops(tx).get(self.shop_id))
                return await db.write(lambda tx: work(tx, Themes(tx, shop)), shop_id=self.shop_id)
            finally:
                await db.close()

        return self.run(story())

    def upload(self):
        file = zips.zipped(FILES)

        async def work(tx, themes):
            await themes.begin(self.theme_id, "Mine", at=now())
            await uploads.add(tx, self.theme_id, shop_id=self.shop_id, src=None, file=file, by="me", at=now())

        self.do(work)

    def wait(self, holds):
        """While a server runs, until `holds` of the theme's state and of how often it was taken up."""

        async def look(tx):
            shop = await Shops(tx).get(self.shop_id)
            theme, left = (
                await Themes(tx, shop).find(self.theme_id),
                await tx.fetch(LEFT, shop_id=self.shop_id),
            )
            return theme.status, left[0][0] if left else 0

        async def story():
            db = await open_database(**self.store)
            try:
                async with asyncio.timeout(60):
                    while not holds(*await db.read(look)):  # noqa: ASYNC110 - nothing tells that it does
                        await asyncio.sleep(0.005)
            finally:
                await db.close()

        self.run(story())

    def after_a_kill(self):
        """The theme's state, and how often its package was taken up; whatever there is must be whole."""

        async def work(tx, themes):
            theme = await themes.find(self.theme_id)
            left = await tx.fetch(LEFT, shop_id=self.shop_id)
            versions = await tx.fetch(VERSIONS, shop_id=self.shop_id, theme_id=self.theme_id)
            if theme.status is Status.SUCCESS:
                assert (left, [row[0] for row in versions]) == ([], [1])
                assert await themes.contents(await themes.manifest(theme)) == FILES
                return theme.status, 0
            assert (theme.status, theme.version, list(versions)) == (Status.INIT, 0, [])
            await tx.execute(FREE, shop_id=self.shop_id)
            return theme.status, left[0][0]

        return self.do(work)


def test_killing_it_over_and_over_only_delays_it(place, run):
    where, options, store = place
    shop = seed(where, shop="mortal", **({"key": options[1]} if options else {}))
    look, chance = Look(run, shop.shopId, store), random.Random("install")
    attempts, themes = 0, 0
    while attempts == 0 and themes < MOST_THEMES:  # one may be installed before the server is killed
        themes += 1
        look.theme_id += 1
        look.upload()
        attempts = installed_through_kills(lambda: serve(where, *options), look, chance)
    assert attempts >= 1
    topics = look.do(lambda tx, _: tx.fetch(TOPICS, shop_id=shop.shopId))
    told = [topic for (topic,) in topics if topic.startswith("themes/")]
    assert told == ["themes/create", "themes/update"] * themes


def installed_through_kills(serving, look, chance):
    """Have a theme installed by servers that are killed; answers how often it was taken up in vain."""
    state, kills, attempts, longest = Status.INIT, 0, 0, 0.1
    while state is Status.INIT and kills < MOST_KILLS:
        with serving() as server:
            if kills == 0:  # once at least while it is being installed
                look.wait(lambda state, taken: taken or state is not Status.INIT)
            else:
                time.sleep(chance.uniform(0.05, longest))
            server.kill()
        kills += 1
        longest += 0.25
        state, taken = look.after_a_kill()
        attempts = max(attempts, taken)
    print(f"\ninstalled 30 MB through {kills} kills, {attempts} of them while it was being installed")
    if state is Status.INIT:
        with serving() as server:
            look.wait(lambda state, _: state is not Status.INIT)
            server.stop()
        state, _ = look.after_a_kill()
    assert state is Status.SUCCESS
    return attempts
