import json
from decimal import Decimal

import pytest
from filtering import refused, thing, written

from till.liquid.registers import Registers


@pytest.mark.parametrize(
    ("value", "want"),
    [
        (None, None),
        (True, True),
        (5, 5),
        (1.5, 1.5),
        (Decimal("1.25"), 1.25),
        (float("nan"), None),
        (10**400, None),
        ("a\u2028</script>&", "a\u2028</script>&"),
        ([1, [2, "x"]], [1, [2, "x"]]),
        (range(1, 4), [1, 2, 3]),
        ({"a": {"b": 1}}, {"a": {"b": 1}}),
        (
            thing("link", title="T", links=[thing("link", title="U", links=[])]),
            {"title": "T", "links": [{"title": "U", "links": []}]},
        ),
    ],
)
def test_values_as_json_that_may_stand_in_a_script(value, want):
    made = written("{{ value | json }}", value=value)
    assert json.loads(made) == want
    assert not set("<>&\u2028\u2029") & set(made)


def test_json_has_a_bottom_and_an_end():
    deep = []
    for _ in range(500):
        deep = [deep]
    assert written("{{ value | json }}", value=deep).count("[") <= 14
    wide = [[0] * 400 for _ in range(400)]
    assert len(written("{{ value | json }}", value=wide)) < 1_000_000


def test_structured_data_of_a_product():
    image = thing("image", src="/f/t.svg", width=1, height=1)
    variant = thing(
        "variant", id=2, title="Small", price=1950, available=True, sku="S", url="/products/t?variant=2"
    )
    tea = {"id": 1, "title": "Tea </script>", "url": "/products/t", "vendor": "V", "featured_image": image}
    group = thing("product", **tea, description="<p>D &amp;\n E</p>", type="", price=1950, variants=[variant])
    request = thing("request", origin="https://s.example")
    made = written("{{ tea | structured_data }}", tea=group, request=request)
    assert "<" not in made
    found = json.loads(made)
    assert (found["@type"], found["name"], found["brand"]["name"]) == ("ProductGroup", "Tea </script>", "V")
    assert (found["description"], found["image"]) == ("D & E", "https://s.example/f/t.svg")
    (sold,) = found["hasVariant"]
    assert (sold["sku"], sold["name"]) == ("S", "Tea </script> - Small")
    assert sold["offers"] == {
        "@type": "Offer",
        "price": "19.50",
        "priceCurrency": "USD",
        "availability": "https://schema.org/InStock",
        "url": "https://s.example/products/t?variant=2",
    }
    alone = thing("product", **tea, price=700, available=False, variants=[])
    yen = Registers(currency="JPY")
    found = json.loads(written("{{ tea | structured_data }}", tea=alone, registers=yen))
    assert (found["@type"], found["offers"]["price"]) == ("Product", "700")
    assert found["offers"]["availability"] == "https://schema.org/OutOfStock"


def test_structured_data_of_an_article_and_of_nothing():
    news = thing(
        "article", title="News", author="Ann", content="C", url="/b/n", published_at="2025-02-03", image=None
    )
    found = json.loads(written("{{ news | structured_data }}", news=news))
    assert (found["@type"], found["headline"], found["author"]["name"]) == ("Article", "News", "Ann")
    assert found["datePublished"] == "2025-02-03T00:00:00+00:00"
    for value in ("nil", "'text'", "list"):
        said = refused("{{ " + value + " | structured_data }}", list=[1])
        assert "of products and articles only" in said
