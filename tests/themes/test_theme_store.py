"""The themes of a shop at rest, on both stores."""

import pytest

from till import clock
from till.errors import Stale
from till.ids import Minter
from till.shop import Shop
from till.shops.store import Shops
from till.themes import founding
from till.themes.blobs import piece_of
from till.themes.conditions import ABSENT
from till.themes.files import BadThemeFiles
from till.themes.store import Drop, Put, Themes, pieces_of
from till.themes.theme import (
    LAYOUT,
    CurrentThemeStays,
    NothingToRollBack,
    PublishedMeanwhile,
    Status,
    ThemeNotFound,
    ThemeNotReady,
    TooManyThemes,
    VersionNotFound,
)

AT = clock.SECOND * 1_700_000_000
SMALL = {LAYOUT: b"{{ content_for_layout }}", "assets/a.css": b"a {}" * 50}


class House:
    """One shop with the default theme, asked by the names of what `Themes` can do."""

    def __init__(self, run, db):
        self.run, self.db, self.mint = run, db, Minter(1)
        self.shop = Shop(id=self.mint(), handle="demo", currency="USD", timezone="UTC")
        self.first = self.mint()

        async def begin(tx):
            await Shops(tx).add(self.shop, at=AT)
            await founding.found(tx, self.shop, theme_id=self.first, at=AT)

        run(db.write(begin))

    def __getattr__(self, name):
        def ask(*args, **kwargs):
            work = lambda tx: getattr(Themes(tx, self.shop), name)(*args, **kwargs)  # noqa: E731
            return self.run(self.db.write(work, shop_id=self.shop.id))

        return ask

    def small(self, name="Small", at=AT):
        return self.add(self.mint(), name, pieces_of(SMALL, at=at), at=at, by="me")

    def put(self, theme, name, content, *, if_match=None, at=AT + 1):
        return self.change(theme.id, [Put(piece_of(name, content, at=at), if_match)], at=at, by="me")

    def text(self, theme, name, version=None):
        manifest = self.manifest(self.find(theme.id), version)
        return self.contents(manifest, [name])[name]

    def told(self):
        sql = "SELECT topic FROM events WHERE shop_id = :shop_id ORDER BY number"
        return [row[0] for row in self.run(self.db.read(lambda tx: tx.fetch(sql, shop_id=self.shop.id)))]


@pytest.fixture
def house(run, db):
    return House(run, db)


def test_a_shop_is_founded_with_the_default_theme_published_and_nobody_is_told(house):
    (theme,) = house.list()
    assert (theme.id, theme.is_current, theme.status, theme.version) == (house.first, True, Status.SUCCESS, 1)
    assert house.current() == theme
    assert LAYOUT in house.manifest(theme)
    assert house.contents(house.manifest(theme), [LAYOUT])[LAYOUT].startswith(b"<")
    assert house.told() == []


def test_shops_without_a_theme_get_one_once(house, run):
    other = Shop(id=house.mint(), handle="other", currency="USD", timezone="UTC")
    run(house.db.write(lambda tx: Shops(tx).add(other, at=AT)))
    assert run(founding.found_all(house.db, house.mint, at=AT)) == 1
    assert run(founding.found_all(house.db, house.mint, at=AT)) == 0
    assert run(house.db.read(lambda tx: Themes(tx, other).current())).is_current


def test_a_change_makes_a_version_and_the_same_content_none(house):
    theme = house.small()
    outcome = house.put(theme, "assets/a.css", b"b {}")
    assert (outcome.theme.version, outcome.change.changed) == (2, ("assets/a.css",))
    again = house.put(theme, "assets/a.css", b"b {}")
    assert (again.theme.version, bool(again.change)) == (2, False)
    assert house.text(theme, "assets/a.css") == b"b {}"
    assert house.text(theme, "assets/a.css", 1) == SMALL["assets/a.css"]
    entry = house.manifest(house.find(theme.id))["assets/a.css"]
    assert (entry.created_at, entry.updated_at) == (AT, AT + 1)
    assert house.told() == ["themes/create", "themes/update", "themes/update"]


def test_a_change_of_many_files_is_done_whole_or_not_at_all(house):
    theme = house.small()
    good = Put(piece_of("snippets/a.liquid", b"a", at=AT))
    bad = [
        Put(piece_of(name, content, at=AT))
        for name, content in (
            ("somewhere/a.liquid", b""),
            ("snippets/a.css", b""),
            ("snippets/ä.liquid", b""),
            ("sections/big.liquid", b"x" * (256 * 1024 + 1)),
        )
    ]
    with pytest.raises(BadThemeFiles) as refused:
        house.change(theme.id, [good, *bad], at=AT, by="me")
    assert set(refused.value.fields) == {each.piece.entry.name for each in bad}
    assert "262,145" in refused.value.fields["sections/big.liquid"][0]
    assert "262,144" in refused.value.fields["sections/big.liquid"][0]
    assert "snippets/a.liquid" not in house.manifest(theme)


def test_the_layout_stays_and_a_template_is_of_one_kind(house):
    theme = house.small()
    with pytest.raises(BadThemeFiles, match="layout"):
        house.change(theme.id, [], [Drop(LAYOUT)], at=AT, by="me")
    house.put(theme, "templates/index.json", b"{}")
    with pytest.raises(BadThemeFiles, match="index"):
        house.put(theme, "templates/index.liquid", b"")
    swap = [Put(piece_of("templates/index.liquid", b"", at=AT))]
    house.change(theme.id, swap, [Drop("templates/index.json")], at=AT, by="me")
    assert "templates/index.json" not in house.manifest(house.find(theme.id))


def test_who_believes_in_another_content_changes_nothing(house):
    theme = house.small()
    seen = house.manifest(theme)["assets/a.css"].checksum
    house.put(theme, "assets/a.css", b"mine", if_match=seen)
    with pytest.raises(Stale) as refused:
        house.put(theme, "assets/a.css", b"yours", if_match=seen)
    assert list(refused.value.fields) == ["assets/a.css"]
    with pytest.raises(Stale):
        house.put(theme, "assets/a.css", b"yours", if_match=ABSENT)
    with pytest.raises(Stale):
        house.put(theme, "assets/new.css", b"yours", if_match="*")
    house.put(theme, "assets/new.css", b"new", if_match=ABSENT)
    assert house.text(theme, "assets/a.css") == b"mine"


def test_publishing_moves_the_one_pointer_and_tells_both_themes(house):
    theme = house.small()
    shown = house.publish(theme.id, at=AT + 5, by="me")
    assert shown.is_current
    assert [each.id for each in house.list() if each.is_current] == [theme.id]
    assert house.told()[2:] == ["themes/update", "themes/publish", "themes/update"]
    house.publish(theme.id, at=AT + 6, by="me")
    assert len(house.told()) == 5
    with pytest.raises(CurrentThemeStays):
        house.delete(theme.id)
    house.delete(house.first)
    assert house.told()[5:] == ["themes/delete"]
    with pytest.raises(ThemeNotFound):
        house.find(house.first)


def test_rolling_back_shows_what_visitors_saw_before_step_by_step(house):
    theme = house.small()
    with pytest.raises(NothingToRollBack):
        house.roll_back(at=AT)
    house.publish(theme.id, at=AT, by="me")
    house.put(theme, "assets/a.css", b"live edit")
    back = house.roll_back(at=AT + 9)
    assert (back.id, back.version) == (theme.id, 1)
    assert house.text(theme, "assets/a.css") == SMALL["assets/a.css"]
    assert house.roll_back(at=AT + 9).id == house.first
    assert house.current().id == house.first
    house.publish(theme.id, at=AT + 10, by="me")
    assert house.roll_back(at=AT + 11).id == house.first
    house.delete(theme.id)
    with pytest.raises(NothingToRollBack):
        house.roll_back(at=AT + 12)


def test_a_wish_to_roll_back_that_is_told_twice_leads_back_once(house):
    theme = house.small()
    house.publish(theme.id, at=AT, by="me")
    house.put(theme, "assets/a.css", b"live edit")
    seen = house.current().shown
    assert house.roll_back(at=AT + 1, seen=seen).version == 1
    with pytest.raises(PublishedMeanwhile):
        house.roll_back(at=AT + 2, seen=seen)
    assert (house.current().id, house.current().version) == (theme.id, 1)


def test_a_theme_is_rolled_to_any_version_that_is_kept(house):
    theme = house.small()
    house.put(theme, "assets/b.css", b"2")
    house.put(theme, "assets/b.css", b"3")
    assert house.roll_to(theme.id, 1, at=AT + 5, by="me").version == 1
    assert "assets/b.css" not in house.manifest(house.find(theme.id))
    assert house.put(theme, "assets/c.css", b"4").theme.version == 4
    assert house.roll_to(theme.id, 3, at=AT + 5, by="me").version == 3
    assert [each.number for each in house.versions(theme.id, key=2**53)] == [4, 3, 2, 1]
    assert [each.number for each in house.versions(theme.id, key=4, limit=2)] == [3, 2]
    assert [each.number for each in house.versions(theme.id, key=1, backward=True, limit=2)] == [3, 2]
    with pytest.raises(VersionNotFound):
        house.roll_to(theme.id, 5, at=AT, by="me")


def test_a_copy_shares_its_files_and_goes_its_own_way(house):
    theme = house.small()
    copy = house.duplicate(theme.id, None, new_id=house.mint(), at=AT, by="me")
    assert (copy.name, copy.status, copy.is_current) == ("Small (copy)", Status.SUCCESS, False)
    house.put(copy, "assets/a.css", b"other")
    assert house.text(theme, "assets/a.css") == SMALL["assets/a.css"]


def test_a_theme_that_waits_is_not_published_nor_changed(house):
    waiting = house.begin(house.mint(), "Waiting", at=AT)
    assert (waiting.status, waiting.version) == (Status.INIT, 0)
    for refused in (
        lambda: house.publish(waiting.id, at=AT, by="me"),
        lambda: house.put(waiting, "assets/a.css", b""),
        lambda: house.duplicate(waiting.id, None, new_id=house.mint(), at=AT, by="me"),
        lambda: house.roll_to(waiting.id, 1, at=AT, by="me"),
    ):
        with pytest.raises(ThemeNotReady):
            refused()
    failed = house.fail(waiting, "assets/a.exe cannot be in a theme", at=AT + 1)
    assert (failed.status, failed.reason) == (Status.FAIL, "assets/a.exe cannot be in a theme")
    with pytest.raises(ThemeNotReady, match="could not be installed"):
        house.publish(waiting.id, at=AT, by="me")
    other = house.begin(house.mint(), "Other", at=AT)
    ready = house.install(other, pieces_of(SMALL, at=AT), at=AT + 2, by="me")
    assert (ready.status, ready.version, ready.reason) == (Status.SUCCESS, 1, None)
    with pytest.raises(BadThemeFiles, match="missing"):
        house.install(house.begin(house.mint(), "No layout", at=AT), [], at=AT, by="me")


def test_the_21st_theme_is_refused(house):
    for index in range(19):
        house.small(f"Small {index}")
    for add in (
        house.small,
        lambda: house.begin(house.mint(), "x", at=AT),
        lambda: house.duplicate(house.first, None, new_id=house.mint(), at=AT, by="me"),
    ):
        with pytest.raises(TooManyThemes, match="20"):
            add()
    assert len(house.list()) == 20
