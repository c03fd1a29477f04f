"""Texts of a theme: the language asked for, then the default one; plurals by the rules of the language."""

import pytest

from till.liquid.locales import locales, plural, translations

FILES = {
    "locales/en.default.json": '{"cart": {"items": {"one": "{{ count }} item", "other": "{{ count }} items"},'
    ' "empty": "Nothing yet", "title": "Cart"}}',
    "locales/de.json": '\ufeff/* ours */ {"cart": {"items": {"zero": "nichts", "one": "ein Stück",'
    ' "other": "{{ count }} Stück"}, "empty": "Noch nichts"}}',
    "locales/de.schema.json": '{"cart": {"title": "not a text of the page"}}',
    "locales/fr.json": "{ this is broken",
}


def test_the_languages_of_a_theme():
    assert locales(FILES) == {"en": True, "de": False, "fr": False}


def test_a_text_comes_from_the_language_and_else_from_the_default():
    german = translations(FILES, "de")
    assert german.text("cart.empty") == "Noch nichts"
    assert german.text("cart.title") == "Cart"
    assert german.text("cart.nowhere") is None
    assert german.text("cart") is None
    assert german.text("cart.empty.more") is None


def test_a_region_falls_back_to_its_language():
    assert translations(FILES, "de-AT").text("cart.empty") == "Noch nichts"


def test_a_language_that_is_not_there_or_broken_is_the_default():
    assert translations(FILES, "sv").text("cart.empty") == "Nothing yet"
    assert translations(FILES, "fr").text("cart.empty") == "Nothing yet"
    assert translations({}, "en").text("cart.empty") is None


def test_plurals():
    german, english = translations(FILES, "de"), translations(FILES, "en")
    assert [german.text("cart.items", count) for count in (0, 1, 2)] == [
        "nichts",
        "ein Stück",
        "{{ count }} Stück",
    ]
    assert [english.text("cart.items", count) for count in (0, 1, 1.5)] == [
        "{{ count }} items",
        "{{ count }} item",
        "{{ count }} items",
    ]
    assert english.text("cart.items") == "{{ count }} items"


def test_the_nearest_key():
    assert translations(FILES, "de").nearest("cart.emty") == "cart.empty"
    assert translations(FILES, "de").nearest("zzz") == ""


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "other one other other other other other"),
        ("de-CH", "other one other other other other other"),
        ("fr", "one one other other other other one"),
        ("ja", "other other other other other other other"),
        ("pl", "many one few many many few other"),
        ("ru", "many one few many one few other"),
        ("cs", "other one few other other other many"),
        ("ar", "zero one two few many many other"),
        ("lt", "other one few few one few many"),
        ("ro", "few one few few other other few"),
        ("pt", "one one other other other other other"),
        ("he", "other one two other other other other"),
    ],
)
def test_plural_categories(language, expected):
    assert " ".join(plural(language, count) for count in (0, 1, 2, 5, 21, 22, 1.5)) == expected
