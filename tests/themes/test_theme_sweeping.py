"""What no theme needs goes, and nothing else; a whole store with its themes moves to the other."""

import pytest
from test_theme_store import AT, SMALL, house  # noqa: F401 - the shop that these tests go by

from till.db.open import open_database
from till.move import move
from till.privacy.traces import forget_order
from till.privacy.whole import Shopful
from till.themes import installing_uploads as uploads
from till.themes import sweeping
from till.themes.blobs import piece_of
from till.themes.store import Put, Themes
from till.themes.sweeping import KEPT, PUBLICATIONS, sweep
from till.themes.theme import NothingToRollBack


def count(house, table):  # noqa: F811 - a fixture's name
    sql = f"SELECT count(*) FROM {table} WHERE shop_id = :s"
    return house.run(house.db.read(lambda tx: tx.fetch(sql, s=house.shop.id)))[0][0]


def test_old_versions_and_their_files_go_but_not_what_is_shown_or_is_among_the_last_publications(house):  # noqa: F811
    theme, other = house.small(), house.small("Other")
    house.put(theme, "assets/a.css", b"published")
    house.publish(theme.id, at=AT, by="me")
    house.publish(other.id, at=AT, by="me")
    for number in range(KEPT + 8):
        house.put(theme, "assets/a.css", b"%d" % number)
    house.roll_to(theme.id, 1, at=AT, by="me")
    assert house.run(sweep(house.db)) == 8
    kept = [each.number for each in house.versions(theme.id, key=2**53, limit=100)]
    assert kept == [*range(KEPT + 10, 10, -1), 2, 1]
    for number in (1, 2, 11, KEPT + 10):
        assert house.text(theme, "assets/a.css", number)
    assert house.run(sweep(house.db)) == 0
    assert house.contents(house.manifest(house.find(house.first)))


def test_a_shop_that_is_published_without_end_does_not_grow_without_end(house):  # noqa: F811
    ada, bob = house.small("Ada"), house.small("Bob")
    for number in range(PUBLICATIONS + 20):
        for theme in (ada, bob):
            house.put(theme, "assets/a.css", b"%d of %d" % (number, theme.id))
            house.publish(theme.id, at=AT, by="me")
    house.run(sweep(house.db))
    assert count(house, "publications") == PUBLICATIONS
    for theme in (ada, bob):
        assert len(house.versions(theme.id, key=2**53, limit=500)) == KEPT
    assert count(house, "theme_versions") == 1 + 2 * KEPT


def test_going_back_ends_where_publications_are_kept_no_longer_and_says_so(house):  # noqa: F811
    ada, bob = house.small("Ada"), house.small("Bob")
    for _ in range(PUBLICATIONS):
        house.publish(ada.id, at=AT, by="me")
        house.publish(bob.id, at=AT, by="me")
    house.run(sweep(house.db))
    house.publish(ada.id, at=AT, by="me")
    house.roll_back(at=AT)
    house.run(sweep(house.db))
    for _ in range(PUBLICATIONS - 2):
        house.roll_back(at=AT)
        house.run(sweep(house.db))
    with pytest.raises(NothingToRollBack, match="kept no longer"):
        house.roll_back(at=AT)
    house.run(sweep(house.db))
    assert house.current()


def test_a_version_that_is_published_while_it_is_swept_stays(house, monkeypatch):  # noqa: F811
    theme = house.small()
    for number in range(KEPT + 1):
        house.put(theme, "assets/a.css", b"%d" % number)
    outlived = sweeping._outlived

    async def found(tx, *, shop_id):
        rows = await outlived(tx, shop_id=shop_id)
        return [*rows, (theme.id, KEPT)]

    house.roll_to(theme.id, KEPT, at=AT, by="me")
    house.publish(theme.id, at=AT, by="me")
    house.roll_to(theme.id, KEPT + 1, at=AT, by="me")
    monkeypatch.setattr(sweeping, "_outlived", found)
    house.run(sweep(house.db))
    kept = [each.number for each in house.versions(theme.id, key=2**53, limit=100)]
    assert KEPT in kept
    assert 1 not in kept


def begin_upload(house):  # noqa: F811
    """A theme that waits for its package; answers its id."""
    theme_id = house.mint()

    async def work(tx):
        await Themes(tx, house.shop).begin(theme_id, "Waiting", at=AT)
        await uploads.add(tx, theme_id, shop_id=house.shop.id, src=None, file=b"", by="me", at=AT)

    house.run(house.db.write(work, shop_id=house.shop.id))
    return theme_id


def test_a_shop_is_swept_while_a_package_waits_but_not_while_it_is_installed(house):  # noqa: F811
    theme_id = begin_upload(house)
    house.delete(house.small().id)
    held = house.run(uploads.claim(house.db, shop_id=house.shop.id, theme_id=theme_id, at=AT))
    assert house.run(sweep(house.db, now=lambda: AT + uploads.LEASE - 1)) == 0
    house.run(uploads.Held(house.db, held).put_off(AT + uploads.LEASE))
    assert house.run(sweep(house.db, now=lambda: AT + uploads.LEASE - 1)) == len(SMALL)


def test_a_package_whose_installer_died_stops_no_sweep_once_its_lease_is_over(house):  # noqa: F811
    theme_id = begin_upload(house)
    house.delete(house.small().id)
    house.run(uploads.claim(house.db, shop_id=house.shop.id, theme_id=theme_id, at=AT))
    assert house.run(sweep(house.db, now=lambda: AT + uploads.LEASE)) == len(SMALL)


def test_what_a_deleted_theme_alone_had_goes_with_it(house):  # noqa: F811
    before = count(house, "blobs")
    theme, copy = house.small(), None
    copy = house.duplicate(theme.id, None, new_id=house.mint(), at=AT, by="me")
    house.delete(theme.id)
    assert house.run(sweep(house.db)) == 0
    assert house.text(copy, "assets/a.css") == SMALL["assets/a.css"]
    house.delete(copy.id)
    assert house.run(sweep(house.db)) == len(SMALL)
    assert count(house, "blobs") == before


def test_a_file_that_is_used_again_while_it_is_swept_stays(house, monkeypatch):  # noqa: F811
    theme = house.small()
    house.put(theme, "assets/a.css", b"again")
    house.delete(theme.id)
    other = house.small("Other")
    survey = sweeping._survey

    async def surveyed(tx, *, shop_id):
        found = await survey(tx, shop_id=shop_id)
        waiting.append(True)
        return found

    async def swept():
        rows = house.db.read

        async def read(work, **more):
            answer = await rows(work, **more)
            if waiting:
                waiting.clear()
                put = [Put(piece_of("assets/b.css", b"again", at=AT))]
                await house.db.write(lambda tx: Themes(tx, house.shop).change(other.id, put, at=AT, by="me"))
            return answer

        house.db.read = read
        try:
            return await sweep(house.db)
        finally:
            house.db.read = rows

    waiting = []
    monkeypatch.setattr(sweeping, "_survey", surveyed)
    assert house.run(swept()) == 0
    assert house.text(other, "assets/b.css") == b"again"


def test_all_themes_move_to_another_store(house, tmp_path):  # noqa: F811
    theme = house.small()
    house.put(theme, "assets/a.css", b"two")
    house.publish(theme.id, at=AT, by="me")
    target = house.run(open_database(folder=tmp_path / "other", url=None))
    try:
        copied = house.run(move(house.db, target, lambda *_: None))
        assert copied["blobs"] == count(house, "blobs")
        before, house.db = house.list(), target
        assert house.list() == before
        assert house.text(theme, "assets/a.css", 1) == SMALL["assets/a.css"]
        assert house.roll_back(at=AT).id == house.first
    finally:
        house.run(target.close())


CART = """
    INSERT INTO carts (shop_id, digest, body, created_at, updated_at, order_id)
    VALUES (:s, :digest, :body, 1, 1, :order_id)
"""


def test_the_cart_that_an_order_was_is_forgotten_with_it(house):  # noqa: F811
    for number in (7, 8, None):
        cart = {"s": house.shop.id, "digest": b"%r" % number, "body": b"{}", "order_id": number}
        house.run(house.db.write(lambda tx, cart=cart: tx.execute(CART, **cart)))
    house.run(house.db.write(lambda tx: forget_order(tx, shop_id=house.shop.id, order_id=7)))
    sql = "SELECT order_id FROM carts WHERE shop_id = :s"
    left = house.run(house.db.read(lambda tx: tx.fetch(sql, s=house.shop.id)))
    assert {row[0] for row in left} == {8, None}


def test_a_shop_that_forgets_everybody_keeps_its_themes_and_no_carts(house):  # noqa: F811
    cart = {"s": house.shop.id, "digest": b"1", "body": b"{}", "order_id": None}
    house.run(house.db.write(lambda tx: tx.execute(CART, **cart)))
    forgetting = Shopful(house.db, house.shop.id, AT, house.mint, lambda *_: None)
    house.run(forgetting.forget())
    assert count(house, "carts") == 0
    assert house.current().id == house.first
    assert house.contents(house.manifest(house.current()))


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch):
    """Few files at a time, so that there are several rounds."""
    monkeypatch.setattr(sweeping, "AT_ONCE", 3)
