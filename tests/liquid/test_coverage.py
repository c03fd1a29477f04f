from till.liquid import coverage
from till.liquid.environment import ThemeEnvironment
from till.liquid.limits import Limits
from till.storefront.coverage import had

# What there is no good way to have: a digest without a library here, and a format that nobody has published.
LACKING = {"blake3", "standard_event_data"}
# Filters that show nothing, because Till has nothing of the kind.
EMPTY = {"login_button", "payment_terms"}


def test_the_platform_has_thirty_tags_and_themes_may_use_them_all():
    tags = coverage.tags()
    assert len(tags) == len({each.name for each in tags}) == 30
    assert [each.name for each in tags if not each.has] == []


def test_filters_are_there_but_for_two():
    filters = coverage.filters()
    assert len(filters) == len({each.name for each in filters}) == 153
    assert {each.name for each in filters if not each.has} == LACKING
    assert {each.name for each in filters if each.note.startswith("shows nothing")} == EMPTY


def test_what_is_not_there_is_not_counted():
    environment = ThemeEnvironment({}, Limits())
    assert "nothing_of_the_kind" not in environment.filters
    held = coverage.objects({"product": frozenset({"title"})})
    product = next(each for each in held if each.name == "product")
    assert (product.has, product.found) == (True, ("title",))
    assert "price" in product.lacking
    assert not next(each for each in held if each.name == "cart").has


def test_the_aliases_that_themes_use_are_there():
    assert {"t", "handle"} <= set(ThemeEnvironment({}, Limits()).filters)


def test_the_objects_that_themes_live_on_have_most_of_their_properties():
    objects = {each.name: each for each in coverage.objects(had())}
    assert len(objects) == 142
    for name in (
        "article",
        "blog",
        "cart",
        "collection",
        "line_item",
        "page",
        "product",
        "search",
        "shop",
        "variant",
    ):
        found = objects[name]
        assert found.has
        assert len(found.found) >= 0.8 * (len(found.found) + len(found.lacking)), found
    for name in ("all_products", "forloop", "form", "paginate", "part", "settings", "section", "template"):
        assert objects[name].has
        assert objects[name].lacking == ()


def test_kinds_of_objects_are_called_as_on_the_platform():
    known = set(coverage.published().objects)
    assert {"product", "variant", "line_item", "sort_option", "metafield", "color", "font"} <= known & set(
        had()
    )
