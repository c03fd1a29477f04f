"""Where the disk has no room left, nobody is let in, and nothing that was asked for is spent."""

import asyncio
from types import SimpleNamespace

import pytest

from inside import inside
from till import chores
from till.deliveries import figures


@pytest.fixture
def free(monkeypatch):
    """How many of a hundred parts of the disk are free; a server looks all the time."""
    parts = [50]
    monkeypatch.setattr(figures.shutil, "disk_usage", lambda _: SimpleNamespace(total=100, free=parts[0]))
    monkeypatch.setattr(chores, "ROOM_SECONDS", 0.01)
    return parts


@pytest.fixture
def till(run, tmp_path, ticking, free):
    """Only SQLite has the disk to mind that its server is on."""
    with inside(run, now=ticking, folder=tmp_path, url=None) as found:
        yield found


def look(hall, free, parts):
    free[0] = parts
    hall.till.run(asyncio.sleep(0.1))


def test_no_code_is_exchanged_and_it_is_good_once_there_is_room(hall, free):
    code = hall.code()
    look(hall, free, 1)
    refused = hall.exchange(code)
    assert (refused.status, "disk" in refused.json["error"]) == (503, True)
    assert refused.headers["retry-after"]
    assert hall.till.rows("SELECT used_at FROM codes WHERE used_at IS NOT NULL") == []
    look(hall, free, 50)
    assert hall.exchange(code).status == 200


def test_no_code_is_given(hall, free):
    hall.code()
    look(hall, free, 1)
    page = hall.owner.get(hall.url())
    assert (page.status, "location" in page.headers, "disk" in page.text) == (503, False, True)
    assert len(hall.till.rows("SELECT digest FROM codes")) == 1


def test_no_app_is_installed_from_the_admin(hall, free):
    hall.make_app(handle="lark", redirect_urls=())
    path = "/admin/demo/app-install/lark"
    page = hall.owner.get(path)
    look(hall, free, 1)
    assert hall.owner.post(path, [*page.form(path), ("decision", "accept")]).status == 503
    look(hall, free, 50)
    assert hall.owner.post(path, [*page.form(path), ("decision", "accept")]).status == 303
