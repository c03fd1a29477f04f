"""The default theme: every page without a fault in both languages, within the limits, with every tag."""

import json
import re
from importlib import resources

import pytest
from starter_hall import bundle, full_cart, visit

from till.checking.engine import check
from till.demo.goods import GOODS
from till.liquid.engine import Engine, Page
from till.liquid.parsing import parse
from till.liquid.registers import Registers
from till.storefront.routes import Place
from till.storefront.scenery import globals_of, scene_of
from till.storefront.shipped import shipped
from till.storefront.stock import stock_of
from till.storefront.surveying import said
from till.storefront.visit import Visit
from till.storefront.world import decode, price_of
from till.themes.files import name_fault, size_fault, whole_faults
from till.themes.starter import NAME, starter

PAGES = (
    "/",
    "/products/moka-pot",
    "/products/gift-card",
    "/products/kitchen-scale",
    "/products/sumatra-gayo",
    "/products/house-blend?view=card",
    "/collections",
    "/collections/all?page=2",
    "/collections/brewing/steel?sort_by=price-descending",
    "/collections/all?filter.v.price.gte=20&filter.v.price.lte=21",
    "/cart",
    "/search",
    "/search?q=filter",
    "/search?q=zzz",
    "/search/suggest?q=coffee&section_id=predictive-search",
    "/pages/about",
    "/pages/questions",
    "/pages/contact",
    "/blogs/journal",
    "/blogs/journal/tagged/brewing",
    "/blogs/journal/water-first",
    "/policies/shipping-policy",
    "/account",
    "/account/login",
    "/account/register",
    "/password",
    "/nowhere",
    "/?sections=cart-drawer,header,nothing",
)


@pytest.fixture(scope="module")
def engine():
    return Engine(bundle())


def liquid():
    return {name: raw.decode() for name, raw in starter().items() if name.endswith(".liquid")}


def leaves(texts, before=""):
    for name, value in texts.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{before}{name}.")
        else:
            yield f"{before}{name}"


def keys(name):
    return set(leaves(json.loads(starter()[f"locales/{name}.json"])))


@pytest.mark.parametrize("cart", [None, full_cart()], ids=["empty cart", "full cart"])
@pytest.mark.parametrize("root", ["", "/de"], ids=["en", "de"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_renders_without_a_fault(path, root, cart):
    found = visit(root + path, cart=cart)
    assert found.faults == []
    assert found.status == (404 if path == "/nowhere" else 200)
    assert found.body.strip()
    assert "translation missing" not in found.body.lower()
    assert "Liquid error" not in found.body


@pytest.mark.parametrize("locale", ["en", "de"])
@pytest.mark.parametrize(
    "name", [each[10:-7] for each in starter() if each.startswith(("templates/customers/", "templates/gift"))]
)
def test_a_template_without_a_page_yet_renders_without_a_fault(engine, name, locale):
    stock = stock_of(shipped().raw, locale, "USD")
    scene = scene_of(stock, Visit(path="/", locale=locale, cart=full_cart(), now=1))
    place = Place(template=name, type="index")
    shown = globals_of(scene, place, name, "Starter") | {"gift_card": None, "order": None}
    page = Page(template=name, globals=shown, registers=Registers(find=scene.find), locale=locale)
    found = engine.render(page)
    assert found.faults == []
    assert "</html>" in found.body


def test_what_a_visitor_wrote_is_escaped():
    body = visit("/cart", cart=full_cart()).body
    assert "Nora &lt;b&gt;" in body
    assert "Ring &lt;twice&gt;" in body
    assert "_hidden" not in body


def test_its_files_parse():
    assert parse(bundle().files) == []


def test_the_check_of_themes_finds_nothing():
    assert check(dict(starter())) == []


def test_its_files_keep_the_limits_of_a_theme():
    files = starter()
    assert {name: said for name in files if (said := name_fault(name))} == {}
    assert {name: said for name, raw in files.items() if (said := size_fault(name, len(raw)))} == {}
    assert whole_faults({name: len(raw) for name, raw in files.items()}) == {}
    assert sum(map(len, files.values())) < 200_000, "a modest theme"


def test_it_uses_every_tag():
    known = json.loads(resources.files("till.liquid").joinpath("coverage.json").read_text())["tags"]
    text = "\n".join(liquid().values())
    # As `{% tag`, or at the beginning of a line of `{% liquid`.
    unused = [tag for tag in known if not re.search(rf"(\{{%-?\s*|^\s+){tag}\b", text, re.MULTILINE)]
    assert len(known) == 30
    assert unused == []


def test_both_languages_say_the_same():
    assert keys("de") == keys("en.default")
    assert keys("de.schema") == keys("en.default.schema")


def test_every_text_of_its_own_is_used():
    said = "\n".join(raw.decode() for name, raw in starter().items() if not name.startswith("locales/"))
    used = set(re.findall(r"""["']([a-z_]+(?:\.[a-z_]+)+)["']""", said))
    composed = {"forms."} | {f"{each}." for each in used}
    unused = {key for key in keys("en.default") if key not in used and not key.startswith(tuple(composed))}
    assert unused == set()
    assert keys("en.default.schema") == set(re.findall(r'"t:([a-z_.]+)"', said))


def test_it_asks_nobody_else():
    pattern = re.compile(r"""(?:src|href|url)\s*[=(]\s*["']?(?:https?:)?//""")
    for name, raw in starter().items():
        if name.rpartition(".")[2] in ("liquid", "css", "js"):
            assert not pattern.search(raw.decode()), name


def test_the_catalogue_has_what_the_demo_shop_sells():
    world = decode(shipped().raw)
    sold = {said(each.title, "en", "en"): each for each in world.products}
    assert len(sold) == 24
    for goods in GOODS:
        prices = [price_of(each.price, "USD") for each in sold[goods.title].variants]
        assert prices == [price for _, price in goods.variants], goods.title


def test_the_catalogue_is_told_in_both_languages():
    world = decode(shipped().raw)
    assert world.shop.locales == ("en", "de")
    things = [*world.products, *world.collections, *world.pages, *world.menus, *world.blogs[0].articles]
    for each in things:
        assert set(each.title) == {"en", "de"}, each.handle
        assert all(text.strip() for text in each.title.values())
    assert sum(path.stat().st_size for path in shipped().files.values()) < 400_000


def test_it_has_one_name():
    info = json.loads(starter()["config/settings_schema.json"])[0]
    assert (info["theme_name"], info["theme_author"]) == (NAME, "Till")


def test_its_licence_lies_beside_it():
    licence = resources.files("till.themes.starter").joinpath("LICENSE").read_text()
    assert licence.startswith("MIT License")
    assert "LICENSE" not in starter()
