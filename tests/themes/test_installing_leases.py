"""Who installs a package, until when, and what becomes of it when something fails, on both stores."""

import asyncio

import package_zips as zips
import pytest
from installing_place import Place

from till.clock import SECOND
from till.errors import Unavailable
from till.themes import installing_uploads as uploads
from till.themes.installing import AGAIN, MOST_ATTEMPTS, PAUSE, Installer, NotNow
from till.themes.store import Themes
from till.themes.theme import Status


@pytest.fixture
def place(run, db):
    return Place(run, db)


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
    begun, now = asyncio.Event(), asyncio.Event()

    async def fetch(src):
        begun.set()
        await now.wait()
        return zips.zipped(zips.GOOD)

    async def story():
        slow = asyncio.create_task(place.installer(fetch=fetch).install_due())
        await asyncio.wait_for(begun.wait(), 20)
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


def test_what_this_server_cannot_do_leaves_it_waiting_however_often(place):
    theme_id = place.upload(zips.zipped(zips.GOOD))

    async def parse(files, *, lane):
        raise Unavailable("Themes cannot be looked through at the moment: ask again later.")

    for _ in range(MOST_ATTEMPTS + 2):
        assert place.install(parse=parse) == 1
        assert place.install(parse=parse) == 0
        assert place.theme(theme_id).status is Status.INIT
        place.at += PAUSE * SECOND
    place.install()
    assert place.theme(theme_id).status is Status.SUCCESS
