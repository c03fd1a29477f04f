"""Packages that wait become themes: in the background, once, whole or not at all, on both stores."""

import asyncio
import stat

import package_zips as zips
import pytest

from byte_receiver import HERE, receiving
from till.clock import SECOND
from till.deliveries.fetching import Fetcher
from till.deliveries.guard import Rules
from till.ids import Minter
from till.log import Log
from till.shop import Shop
from till.shops.store import Shops
from till.themes import installing_uploads as uploads
from till.themes.installing import AGAIN, MOST_ATTEMPTS, Installer, NotNow
from till.themes.package import write
from till.themes.store import Themes
from till.themes.theme import Status

AT = SECOND * 1_700_000_000
SERVED = b"HTTP/1.1 200 OK\r\nContent-Type: application/zip\r\nContent-Length: %d\r\n\r\n"


class Place:
    """A shop in a store, an installer with a clock that stands, and what it told."""

    def __init__(self, run, db):
        self.run, self.db, self.mint, self.at = run, db, Minter(1), AT
        self.shop = Shop(id=self.mint(), handle="demo", currency="USD", timezone="UTC")
        self.told, self.parsed, self.fetch = [], [], None
        run(db.write(lambda tx: Shops(tx).add(self.shop, at=AT)))

    def installer(self, **more):
        given = {"db": self.db, "clock": lambda: self.at, "fetch": self.fetch, "parse": None, "log": Log()}
        return Installer(told=self.told.append, **(given | more))

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


@pytest.fixture
def place(run, db):
    return Place(run, db)


def test_a_package_becomes_version_1_of_its_theme_and_is_told(place):
    files = zips.GOOD | {
        "assets/large.png": zips.noise(9_000_000),
        "assets/twin.css": zips.GOOD["assets/theme.css"],
    }
    theme_id = place.upload(zips.zipped(files))
    assert place.theme(theme_id).status is Status.INIT
    place.at += SECOND
    assert place.install() == 1
    theme = place.theme(theme_id)
    assert (theme.status, theme.version, theme.reason) == (Status.SUCCESS, 1, None)
    assert theme.updated_at == AT + SECOND
    assert place.files(theme_id) == files
    assert place.topics() == ["themes/create", "themes/update"]
    assert place.told == [place.shop.id]
    assert place.waiting() == 0
    assert place.install() == 0


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"templates/index.json": b"{}"}, "layout/theme.liquid is missing: every theme has this layout"),
        (
            zips.GOOD | {"assets/run.exe": b"MZ"},
            "assets/run.exe has an extension that assets/ does not take",
        ),
        (
            zips.GOOD | {"sections/big.liquid": zips.noise(131_073).hex().encode()[:-1]},
            "sections/big.liquid has 262,145 bytes: at most 262,144 are allowed there",
        ),
        (zips.GOOD | {"templates/index.liquid": b"x"}, "is there as templates/index.liquid too"),
        (zips.GOOD | {"locales/en.default.json": b"{"}, "locales/en.default.json is not JSON"),
        (zips.GOOD | {"snippets/a.liquid": b"\xff"}, "snippets/a.liquid is not text in UTF-8"),
        (zips.GOOD | {"assets/a/b.css": b"x"}, "assets/a/b.css stands in no folder of a theme"),
    ],
)
def test_a_theme_that_cannot_be_fails_with_a_reason_that_names_the_file(place, files, reason):
    theme_id = place.upload(zips.zipped(files))
    place.install()
    theme = place.theme(theme_id)
    assert theme.status is Status.FAIL
    assert reason in theme.reason
    assert place.waiting() == 0
    assert place.rows("SELECT number FROM theme_versions WHERE shop_id = :shop_id") == []


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (zips.quoted_bomb(60), "which overlaps"),
        (zips.many_entries(), "says that it holds 16,960 entries, and the limit is 5,000"),
        (zips.Raw().add("../x.css").done(), '"../x.css", which leads through'),
        (
            zips.Raw().add("assets/a.css", attributes=(stat.S_IFLNK | 0o777) << 16).done(),
            '"assets/a.css", which is a symbolic link',
        ),
        (b"<html>", "is no zip"),
    ],
)
def test_36_what_is_hostile_fails_with_a_reason_and_leaves_nothing(place, file, reason):
    theme_id = place.upload(file)
    place.install()
    theme = place.theme(theme_id)
    assert (theme.status, theme.version) == (Status.FAIL, 0)
    assert reason in theme.reason
    assert place.rows("SELECT digest FROM blobs WHERE shop_id = :shop_id") == []
    assert place.topics() == ["themes/create", "themes/update"]


def test_every_bad_file_of_all_batches_is_counted(place):
    noise = {f"assets/{number}.png": zips.noise(9_000_000, number) for number in range(2)}
    files = zips.GOOD | {"config/a.json": b"["} | noise | {"locales/b.json": b"["}
    theme_id = place.upload(write(files))
    place.install()
    assert "config/a.json is not JSON" in place.theme(theme_id).reason
    assert "and 1 more file cannot be taken" in place.theme(theme_id).reason


def test_liquid_is_looked_through_apart(place):
    parsed = []

    async def parse(files):
        parsed.extend(files)
        return []

    place.upload(zips.zipped(zips.GOOD))
    place.install(parse=parse)
    assert parsed == ["layout/theme.liquid"]


def test_one_bad_package_keeps_no_other_waiting(place):
    bad, good = place.upload(b"PK"), place.upload(zips.zipped(zips.GOOD))
    assert place.install() == 2
    assert place.theme(bad).status is Status.FAIL
    assert place.theme(good).status is Status.SUCCESS


def test_two_installers_at_once_install_each_package_once(place, run):
    ids = [place.upload(zips.zipped(zips.GOOD | {"assets/n.css": b"%d" % n})) for n in range(6)]
    one, two = place.installer(), place.installer()

    async def both():
        return await asyncio.gather(one.install_due(), two.install_due())

    run(both())
    assert [place.theme(each).version for each in ids] == [1] * 6
    assert place.topics().count("themes/update") == 6


def test_who_lost_the_lease_changes_nothing(place, run):
    theme_id = place.upload(zips.zipped(zips.GOOD))
    slow = run(uploads.claim(place.db, shop_id=place.shop.id, theme_id=theme_id, at=place.at))
    assert place.install() == 0
    place.at += uploads.LEASE
    assert place.install() == 1
    run(place.installer()._take(slow))
    assert place.theme(theme_id).revision == 2
    assert place.topics() == ["themes/create", "themes/update"]


def test_a_lease_is_renewed_for_as_long_as_somebody_works(place, run):
    theme_id = place.upload(src="https://example.com/theme.zip")
    now = asyncio.Event()

    async def fetch(src):
        await now.wait()
        return zips.zipped(zips.GOOD)

    async def story():
        slow = asyncio.create_task(place.installer(fetch=fetch).install_due())
        await asyncio.sleep(0.1)
        place.at += uploads.LEASE - 1
        held = uploads.Held(place.db, await _held(place, theme_id))
        assert await held.until(place.at + uploads.LEASE)
        place.at += 2
        assert await place.installer(fetch=fetch).install_due() == 0
        now.set()
        assert await slow == 1

    run(story())
    assert place.theme(theme_id).status is Status.SUCCESS


async def _held(place, theme_id):
    sql = "SELECT token FROM theme_uploads WHERE shop_id = :shop_id AND theme_id = :theme_id"
    rows = await place.db.read(lambda tx: tx.fetch(sql, shop_id=place.shop.id, theme_id=theme_id))
    return uploads.Upload(
        shop_id=place.shop.id, theme_id=theme_id, token=bytes(rows[0][0]), src=None, by="me", attempts=1
    )


def test_a_theme_that_is_deleted_meanwhile_stays_deleted(place, run):
    theme_id = place.upload(src="https://example.com/theme.zip")

    async def fetch(src):
        await place.db.write(lambda tx: Themes(tx, place.shop).delete(theme_id), shop_id=place.shop.id)
        return zips.zipped(zips.GOOD)

    place.install(fetch=fetch)
    assert place.ask(lambda themes: themes.list()) == []
    assert place.waiting() == 0


def test_content_that_is_swept_meanwhile_is_kept_again(place, run):
    theme_id = place.upload(zips.zipped(zips.GOOD))
    installer = place.installer()
    first = installer._end.__func__
    swept = []

    class Sweeping(Installer):
        async def _end(self, held, kept, tx):
            if not swept:
                swept.append(
                    await tx.fetch("DELETE FROM blobs WHERE shop_id = :s RETURNING size", s=place.shop.id)
                )
            return await first(self, held, kept, tx)

    given = {name: getattr(installer, name) for name in Installer.__dataclass_fields__}
    run(Sweeping(**given).install_due())
    assert len(swept[0]) == 3
    assert place.files(theme_id) == zips.GOOD


def test_what_kills_its_process_each_time_is_given_up(place, run):
    theme_id = place.upload(zips.zipped(zips.GOOD))
    for _ in range(MOST_ATTEMPTS):
        assert run(uploads.claim(place.db, shop_id=place.shop.id, theme_id=theme_id, at=place.at))
        place.at += uploads.LEASE
    place.install()
    assert f"could not be unpacked in {MOST_ATTEMPTS} attempts" in place.theme(theme_id).reason


def test_an_address_that_does_not_answer_is_asked_again_and_then_given_up(place):
    theme_id = place.upload(src="https://example.com/theme.zip")
    asked = []

    async def fetch(src):
        asked.append(src)
        raise NotNow("The package could not be fetched.")

    for seconds in AGAIN:
        assert place.install(fetch=fetch) == 1
        assert place.theme(theme_id).status is Status.INIT
        place.at += seconds * SECOND - 1
        assert place.install(fetch=fetch) == 0
        place.at += 1
    place.install(fetch=fetch)
    assert len(asked) == len(AGAIN) + 1
    assert place.theme(theme_id).status is Status.FAIL
    assert place.theme(theme_id).reason == "The package could not be fetched."


def test_the_fault_of_nobody_leaves_it_waiting(place):
    theme_id = place.upload(src="https://example.com/theme.zip")

    async def fetch(src):
        raise RuntimeError

    place.install(fetch=fetch)
    assert place.theme(theme_id).status is Status.INIT
    place.at += uploads.LEASE

    async def better(src):
        return zips.zipped(zips.GOOD)

    place.install(fetch=better)
    assert place.theme(theme_id).status is Status.SUCCESS


def test_a_package_is_fetched_from_its_address(place, run):
    file = zips.zipped(zips.GOOD)

    async def story():
        async with receiving(SERVED % len(file) + file) as receiver:
            fetch = Fetcher(HERE)
            theme_id = await place.begin(src=receiver.url("/theme.zip"))
            assert await place.installer(fetch=fetch).install_due() == 1
            await fetch.close()
            return theme_id

    assert place.files(run(story())) == zips.GOOD


def test_a_private_address_is_a_reason(place, run):
    theme_id = place.upload(src="https://169.254.169.254/theme.zip")

    async def story():
        fetch = Fetcher(Rules())
        await place.installer(fetch=fetch).install_due()
        await fetch.close()

    run(story())
    assert place.theme(theme_id).status is Status.FAIL
    assert "169.254.169.254, which is not a public address" in place.theme(theme_id).reason
