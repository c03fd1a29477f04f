"""Packages that wait become themes: in the background, once, whole or not at all, on both stores."""

import asyncio
import stat

import package_zips as zips
import pytest
from installing_place import AT, Place

from byte_receiver import HERE, receiving
from till.clock import SECOND
from till.deliveries.fetching import Fetcher
from till.deliveries.guard import Rules
from till.shop import Shop
from till.shops.store import Shops
from till.themes.package import write
from till.themes.theme import Status

SERVED = b"HTTP/1.1 200 OK\r\nContent-Type: application/zip\r\nContent-Length: %d\r\n\r\n"


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

    async def parse(files, *, lane):
        assert lane == str(place.shop.id)
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


def test_no_shop_waits_for_the_slow_server_of_another(place, run):
    slow, theirs = (
        [place.upload(src=f"https://slow.example/{number}.zip") for number in range(19)],
        place.shop,
    )
    place.shop = Shop(id=place.mint(), handle="other", currency="USD", timezone="UTC")
    run(place.db.write(lambda tx: Shops(tx).add(place.shop, at=AT)))
    mine = place.upload(zips.zipped(zips.GOOD))

    async def story():
        reached, arrived = asyncio.Event(), asyncio.Event()
        asked = []

        async def fetch(src):
            asked.append(src)
            reached.set()
            await asyncio.Event().wait()

        def told(shop_id):
            if shop_id == place.shop.id:
                arrived.set()

        task = asyncio.create_task(place.installer(fetch=fetch, told=told).install_due())
        await asyncio.wait_for(reached.wait(), 60)
        await asyncio.wait_for(arrived.wait(), 60)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return asked

    assert len(run(story())) == 1
    assert place.theme(mine).status is Status.SUCCESS
    place.shop = theirs
    assert {place.theme(each).status for each in slow} == {Status.INIT}
