"""What a catalogue may be, and the one sentence that names each mistake."""

from pathlib import Path

import msgspec
import pytest

from till.storefront.surveying import catalogue_of, mistakes, said
from till.storefront.world import BadCatalogue, decode, load, pictures, price_of

SAMPLE = Path(__file__).parent / "sample"


def written(folder, change):
    """Copy the sample with one change, as a file beside the same pictures."""
    whole = msgspec.json.decode(load(SAMPLE))
    change(whole)
    (folder / "files").mkdir()
    (folder / "files" / "mug.svg").write_bytes((SAMPLE / "files" / "mug.svg").read_bytes())
    place = folder / "world.json"
    place.write_bytes(msgspec.json.encode(whole))
    return place


def test_the_sample_is_a_catalogue():
    world = decode(catalogue_of(SAMPLE))
    assert [each.handle for each in world.products] == ["mug", "spoon"]
    assert said(world.products[0].title, "de", "en") == "Becher"
    assert said(world.products[0].title, "fr", "en") == "Mug"


def test_files_of_a_folder_are_put_together(tmp_path):
    whole = msgspec.json.decode(load(SAMPLE))
    products = whole.pop("products")
    (tmp_path / "a.json").write_bytes(msgspec.json.encode(whole))
    for index, product in enumerate(products):
        (tmp_path / f"b{index}.json").write_bytes(msgspec.json.encode({"products": [product]}))
    assert [each.handle for each in decode(load(tmp_path)).products] == ["mug", "spoon"]
    (tmp_path / "z.json").write_bytes(msgspec.json.encode({"shop": whole["shop"]}))
    with pytest.raises(BadCatalogue, match="says shop once more"):
        load(tmp_path)


def product(whole):
    return whole["products"][0]


CASES = {
    "unknown field": (lambda w: product(w).update(colour="red"), "unknown field `colour` at products"),
    "no title": (lambda w: product(w).pop("title"), "missing required field `title` at products"),
    "price": (lambda w: product(w)["variants"][0].update(price="24,00"), "price is '24,00': give a decimal"),
    "option": (lambda w: product(w)["variants"][0].update(options=["Bleu"]), r"'Bleu' \(Blue\?\)"),
    "options": (lambda w: product(w)["variants"][0].update(options=[]), "chooses 0 of 1 options"),
    "same": (lambda w: product(w)["variants"][1].update(options=["Blue"]), "earlier variant"),
    "none": (lambda w: product(w).update(variants=[]), "has 0 variants"),
    "picture": (lambda w: product(w)["images"][0].update(src="mog.svg"), "which is no image of the product"),
    "no file": (
        lambda w: w["collections"][0].update(image={"src": "mog.svg", "width": 1, "height": 1}),
        r"\(mug.svg\?\)",
    ),
    "outside": (
        lambda w: w["collections"][0].update(image={"src": "../a.svg", "width": 1, "height": 1}),
        "name a file in files/",
    ),
    "handle": (lambda w: w["pages"][0].update(handle="About us"), "handle 'About us'"),
    "twice": (lambda w: w["pages"].append(w["pages"][0]), "'about' 2 times"),
    "member": (lambda w: w["collections"][0].update(products=["spon"]), r"'spon' \(spoon\?\)"),
    "locale": (lambda w: w["pages"][0]["title"].update(fr="Nous"), "told in 'fr'"),
    "locales": (lambda w: w["shop"].update(locales=[]), "shop.locales"),
    "currency": (lambda w: w["shop"].update(currency="EUX"), "shop.currency"),
    "url": (lambda w: w["menus"][0]["links"][0].update(url="javascript:alert(1)"), "url is 'javascript"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_mistake_is_named_in_one_sentence(tmp_path, name):
    change, sentence = CASES[name]
    with pytest.raises(BadCatalogue, match=sentence) as refused:
        catalogue_of(written(tmp_path, change))
    assert refused.value.message.endswith(".")


def test_what_is_no_catalogue(tmp_path):
    with pytest.raises(BadCatalogue, match="no catalogue at"):
        catalogue_of(tmp_path / "none.json")
    (tmp_path / "list.json").write_text("[]")
    with pytest.raises(BadCatalogue, match="not an object"):
        catalogue_of(tmp_path / "list.json")
    (tmp_path / "list.json").write_text("{")
    with pytest.raises(BadCatalogue, match="is not JSON"):
        catalogue_of(tmp_path / "list.json")


def test_a_catalogue_may_have_many_mistakes():
    whole = msgspec.json.decode(load(SAMPLE))
    whole["pages"][0]["handle"] = "A"
    whole["blogs"][0]["handle"] = "B"
    found = list(mistakes(msgspec.convert(whole, type(decode(load(SAMPLE)))), pictures(SAMPLE)))
    assert len(found) == 2


@pytest.mark.parametrize(
    ("text", "currency", "minor"), [("24.50", "USD", 2450), ("24.50", "JPY", 24), ("24", "TND", 24000)]
)
def test_a_price_is_in_the_currency_of_the_shop(text, currency, minor):
    assert price_of(text, currency) == minor
