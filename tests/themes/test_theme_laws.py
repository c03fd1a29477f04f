"""Whatever is done to themes, in any order: one is current, at most twenty are there, none is torn."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_theme_store import AT, House

from till.db.open import open_database
from till.errors import Refusal
from till.themes.sweeping import sweep

NAMES = ("assets/a.css", "snippets/a.liquid", "templates/index.json", "templates/index.liquid")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ("put", "publish", "roll_back", "add", "roll_to", "copy", "delete", "begin", "fail", "add_none")
        ),
        st.integers(0, 5),
        st.integers(0, 3),
    ),
    min_size=5,
    max_size=40,
)


class Deeds:
    """Each step of a walk as a call of the store; the numbers choose a theme, a version, a file."""

    def __init__(self, house):
        self.house, self.seen = house, set()

    def do(self, step, which, more):
        house, themes = self.house, self.house.list()
        theme = themes[which % len(themes)]
        do = {
            "add": lambda: house.small(f"T{which}"),
            "begin": lambda: house.begin(house.mint(), f"T{which}", at=AT),
            "add_none": lambda: house.add(house.mint(), "No layout", [], at=AT, by="me"),
            "fail": lambda: house.fail(house.begin(house.mint(), "Z", at=AT), "bad", at=AT),
            "put": lambda: house.put(theme, NAMES[more], b"%d" % which),
            "publish": lambda: house.publish(theme.id, at=AT, by="me"),
            "roll_back": lambda: house.roll_back(at=AT),
            "roll_to": lambda: house.roll_to(theme.id, more + 1, at=AT, by="me"),
            "copy": lambda: house.duplicate(theme.id, None, new_id=house.mint(), at=AT, by="me"),
            "delete": lambda: house.delete(theme.id),
        }[step]
        before = (themes, house.told())
        try:
            do()
            self.seen.add(step)
        except Refusal:
            assert (house.list(), house.told()) == before, f"{step} was refused, but changed something"

    def check(self):
        """What holds after each step."""
        house = self.house
        themes = house.list()
        assert [each.is_current for each in themes].count(True) == 1
        assert len(themes) <= 20
        current = house.current()
        assert current.is_ready
        assert "layout/theme.liquid" in house.manifest(current)
        for theme in themes:
            if theme.is_ready:
                names = house.manifest(theme)
                assert not {"templates/index.json", "templates/index.liquid"} <= set(names)


@pytest.fixture(scope="module")
def walked():
    """Which steps were done at least once, by all walks together."""
    seen = set()
    yield seen
    assert seen >= {"add", "begin", "fail", "put", "publish", "roll_back", "roll_to", "copy", "delete"}


@settings(max_examples=20)
@given(steps=STEPS)
def test_exactly_one_theme_is_current_whatever_is_done(walked, tmp_path_factory, steps):
    with asyncio.Runner() as runner:
        db = runner.run(open_database(folder=tmp_path_factory.mktemp("walk"), url=None))
        house = House(runner.run, db)
        deeds = Deeds(house)
        for step in steps:
            deeds.do(*step)
            deeds.check()
        runner.run(sweep(db))
        for theme in house.list():
            if theme.is_ready:
                contents = house.contents(house.manifest(theme))
                assert {name: len(body) for name, body in contents.items()} == {
                    name: entry.size for name, entry in house.manifest(theme).items()
                }
        walked |= deeds.seen
        runner.run(db.close())
