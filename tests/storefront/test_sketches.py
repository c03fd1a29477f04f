"""Themes as their editors show them before they are saved: seen by a signed link, and by nothing else."""

import json

import pytest

from shopping import Visitor
from till import clock
from till.shops.store import Shops
from till.storefront.guest import DESIGN
from till.themes import sketches
from till.themes.sketches import KEPT_FOR, MOST, Sketches, TooMuch
from till.themes.store import Themes
from till.themes.sweeping import sweep_shop
from till.web.call import Request

EDITOR = "https://admin.example"
GREETS = "sections/greets.liquid"
SCHEMA = json.dumps({"settings": [{"type": "text", "id": "word", "default": "none"}]})
FILES = {
    GREETS: "<p>{{ section.settings.word }} {{ settings.ink }}</p>{% schema %}" + SCHEMA + "{% endschema %}",
    "layout/theme.liquid": "<html><body>{{ content_for_header }}{{ content_for_layout }}"
    "{{ 'made.css' | asset_url }}</body></html>",
    "assets/made.css.liquid": "a { color: {{ settings.ink }} }",
}


def greeting(word):
    """The first page's template, with this word in its one section."""
    section = {"type": "greets", "settings": {"word": word}}
    return json.dumps({"sections": {"one": section}, "order": ["one"]})


@pytest.fixture
def theme(till):
    """A draft that says `saved` on its first page; its id."""
    made = till.post("/themes", {"theme": {"shopThemeName": "Draft"}}).json["theme"]["shopThemeId"]
    files = FILES | {"templates/index.json": greeting("saved")}
    assets = [{"assetName": name, "context": text} for name, text in files.items()]
    assert till.post(f"/themes/{made}/assets", {"assets": assets}).status == 200
    return int(made)


def keep(till, theme, at=None, **words):
    """Keep a sketch of a theme whose first page says something else; its digest."""
    files = {"templates/index.json": greeting(words.get("word", "sketched"))}
    if "ink" in words:
        files["config/settings_data.json"] = json.dumps({"current": {"ink": words["ink"]}})
    shop_id = till.shop.id
    return till.write(lambda tx: Sketches(tx, shop_id).put(theme, files, at=at or clock.now()))


def link(till, theme, sketch=""):
    """The query of a page in the frame of an editor."""
    asked = Request(id="", method="GET", path="/", query="", headers={"host": "127.0.0.1:8080"})
    url, _ = till.parts.api._lent.preview(till.shop, theme, asked, clock.now(), editor=EDITOR, sketch=sketch)
    return f"{DESIGN}={url.partition('=')[2]}&design_mode=true"


def test_a_sketch_is_seen_by_its_link_and_by_no_other(till, visitor, theme):
    digest = keep(till, theme)
    shown = visitor.get("/?" + link(till, theme, digest))
    assert "<p>sketched " in shown.text
    assert f'data-editor="{EDITOR}" data-sketch="{digest}" data-version="2"' in shown.text
    plain = visitor.get("/?" + link(till, theme))
    assert "<p>saved " in plain.text
    assert 'data-sketch="" data-version="2"' in plain.text
    assert "sketched" not in visitor.get("/").text
    assert "/-/design.js" not in visitor.get("/").text
    assert shown["content-security-policy"].startswith("sandbox ")


def test_one_section_of_a_sketch(till, visitor, theme):
    digest = keep(till, theme)
    reply = visitor.get(f"/?sections=template--index__one&{link(till, theme, digest)}")
    assert "<p>sketched " in reply.json["template--index__one"]
    assert "design.js" not in reply.text
    assert reply["x-till-sketch"] == digest


def test_what_is_made_of_settings_is_made_of_those_that_are_not_saved(till, visitor, theme):
    schema = [{"name": "Colours", "settings": [{"type": "color", "id": "ink", "default": "#111111"}]}]
    change = {"assetName": "config/settings_schema.json", "context": json.dumps(schema)}
    assert till.post(f"/themes/{theme}/assets", {"assets": [change]}).status == 200
    inks = {}
    for sketch in ("", keep(till, theme, ink="#222222")):
        query = link(till, theme, sketch)
        page = visitor.get("/?" + query).text
        place = page.partition("/assets/l/")[2].partition("<")[0]
        made = visitor.get(f"/assets/l/{place}", referer=f"http://demo.store.localhost:8080/?{query}")
        inks[made.text] = made["cache-control"]
    assert inks == {
        "a { color: #111111 }": "public, max-age=31536000, immutable",
        "a { color: #222222 }": "no-cache",
    }


def test_a_sketch_is_of_one_theme_and_one_shop(till, visitor, theme):
    digest = keep(till, theme)
    other = int(till.post("/themes", {"theme": {"shopThemeName": "Other"}}).json["theme"]["shopThemeId"])
    assert 'data-sketch=""' in visitor.get("/?" + link(till, other, digest)).text
    till.found("corner")
    corner = Visitor(till.parts, till.run, host="corner.store.localhost:8080")
    assert "sketched" not in corner.get("/?" + link(till, theme, digest)).text


def test_what_is_saved_meanwhile_shows_through_and_nothing_of_a_sketch_is_saved(till, visitor, theme):
    before = till.get(f"/themes/{theme}").json
    digest = keep(till, theme)
    assert till.get(f"/themes/{theme}").json == before
    louder = {"assetName": GREETS, "context": FILES[GREETS].replace("<p>", "<p>Loud ")}
    assert till.post(f"/themes/{theme}/assets", {"assets": [louder]}).status == 200
    shown = visitor.get("/?" + link(till, theme, digest)).text
    assert "<p>Loud sketched " in shown
    assert 'data-version="3"' in shown


def found(till, theme, digest):
    shop_id = till.shop.id
    return till.run(till.parts.db.read(lambda tx: Sketches(tx, shop_id).find(theme, digest)))


def test_sketches_are_few_and_go_with_time_and_with_their_theme(till, theme):
    now = clock.now()
    oldest, again = keep(till, theme, word="0", at=now - 1000), keep(till, theme, word="1", at=now - 999)
    for number in range(2, MOST):
        keep(till, theme, word=str(number), at=now - 900 + number)
    assert keep(till, theme, word="1", at=now - 10) == again
    assert found(till, theme, oldest)
    keep(till, theme, word="one more", at=now)
    assert found(till, theme, oldest) is None
    assert found(till, theme, again)
    till.run(sweep_shop(till.parts.db, till.shop.id, now=lambda: now + KEPT_FOR - 10))
    assert found(till, theme, again)
    till.run(sweep_shop(till.parts.db, till.shop.id, now=lambda: now + KEPT_FOR + 1))
    assert found(till, theme, again) is None
    last = keep(till, theme)

    async def delete(tx):
        await Themes(tx, await Shops(tx).get(till.shop.id)).delete(theme)

    till.write(delete)
    assert found(till, theme, last) is None


def test_a_sketch_is_no_longer_than_allowed(till, theme, monkeypatch):
    monkeypatch.setattr(sketches, "LONGEST", 40)
    with pytest.raises(TooMuch, match="are shown without being saved"):
        keep(till, theme)


def test_a_page_that_is_stopped_says_so_in_the_frame_of_the_editor_alone(till, visitor, theme):
    slow = (
        "{% assign hay = 'xxxxxxxxxxxxxxxx' %}{% for i in (1..15) %}{% assign hay = hay | append: hay %}"
        "{% endfor %}{% for i in (1..9000) %}{% if hay contains 'xxxxxxxxxy' %}{% endif %}{% endfor %}"
    )
    change = {"assetName": GREETS, "context": slow}
    assert till.post(f"/themes/{theme}/assets", {"assets": [change]}).status == 200
    stopped = visitor.get("/?" + link(till, theme))
    assert stopped.status == 500
    assert f"frame-ancestors {EDITOR}; " in stopped["content-security-policy"] + "; "
    assert 'data-failed="true"' in stopped.text
