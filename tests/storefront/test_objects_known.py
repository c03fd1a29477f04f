"""Every property that the platform names of an object is given, or known to be nil here: none is a fault."""

import json
from importlib.resources import files

import pytest

from till.storefront.drops.blogs import CommentDrop
from till.storefront.routes import locate
from till.storefront.scenery import globals_of, scene_of
from till.storefront.shipped import shipped
from till.storefront.stock import stock_of
from till.storefront.visit import CartLine, CartState, Visit

PLATFORM = json.loads((files("till.liquid") / "coverage.json").read_text(encoding="utf-8"))["objects"]


def shown():
    """One object of each kind, by the platform's name for it."""
    stock = stock_of(shipped().raw, "en", "USD")
    line = CartLine(variant_id=next(iter(stock.goods)), quantity=1)
    visit = Visit(path=f"/products/{stock.world.products[0].handle}", cart=CartState(lines=(line,)))
    scene = scene_of(stock, visit)
    given = globals_of(scene, locate(visit.path, stock), "product", "Theme")
    product, menu = given["product"], scene.find("link_list", stock.world.menus[0].handle)
    collection = scene.find("collection", stock.world.collections[0].handle)
    blog = next(each for each in stock.world.blogs if each.articles)
    article = scene.make("article", (blog, blog.articles[0]))
    commented = next((each for each in blog.articles if each.comments), None)
    found = {name: given[name] for name in PLATFORM if name in given and hasattr(given[name], "names")}
    found |= {
        "variant": product["variants"][0],
        "collection": collection,
        "line_item": given["cart"]["items"][0],
        "linklist": menu,
        "link": menu["links"][0],
        "page": scene.find("page", stock.world.pages[0].handle),
        "blog": scene.make("blog", blog),
        "article": article,
        "user": article["user"],
        "image": product["images"][0],
        "media": product["media"][0],
        "product_option": product["options_with_values"][0],
        "product_option_value": product["options_with_values"][0]["values"][0],
        "brand": given["shop"]["brand"],
        "address": given["shop"]["address"],
        "country": given["localization"]["country"],
        "market": given["localization"]["market"],
        "currency": given["cart"]["currency"],
        "shop_locale": given["request"]["locale"],
        "predictive_search_resources": given["predictive_search"]["resources"],
        "sort_option": collection["sort_options"][0],
        "filter": collection["filters"][0],
        "filter_value": collection["filters"][0]["values"][0],
        "policy": scene.make("policy", stock.world.shop.policies[0]),
    }
    return found | ({"comment": CommentDrop(scene, commented.comments[0], article)} if commented else {})


OBJECTS = shown()


@pytest.mark.parametrize("name", sorted(OBJECTS))
def test_every_property_of_the_platform_is_known(name):
    found = OBJECTS[name]
    assert [each for each in PLATFORM[name] if each not in found.names() and each not in found.absent] == []


@pytest.mark.parametrize("name", sorted(OBJECTS))
def test_every_property_can_be_read_and_written_as_json(name):
    found = OBJECTS[name]
    for each in found.names():
        assert found[each] is found[each]
    assert found.plain() is not None


def test_so_many_kinds_of_objects_are_there():
    assert len(OBJECTS) >= 33
