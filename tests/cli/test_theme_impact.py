"""What of a page is painted again when files were saved: as little as shows all of it, and never less."""

import json

import pytest

from till.cli.theme.serving.impact import Repaint, repaint

THEME = {
    "layout/theme.liquid": "{% sections 'header-group' %}{{ content_for_layout }}{% render 'icons' %}",
    "templates/index.json": json.dumps({"sections": {"top": {"type": "hero"}, "low": {"type": "hero"}}}),
    "templates/page.liquid": "{% section 'note' %}{% render 'page-part' %}",
    "sections/header-group.json": "/* made by the editor */"
    + json.dumps({"sections": {"bar": {"type": "header"}}}),
    "sections/hero.liquid": "{% render 'card', a: 1 %}"
    '{% schema %}{"blocks": [{"type": "@theme"}]}{% endschema %}',
    "sections/header.liquid": "{% liquid\n  render 'inner'\n%}",
    "sections/note.liquid": "{% stylesheet %}p {}{% endstylesheet %}"
    "{% content_for 'block', type: 'lone', id: 'a' %}",
    "blocks/text.liquid": "{% render 'inner' %}",
    "blocks/lone.liquid": "x",
    "snippets/card.liquid": "{% render 'inner' %}",
    "snippets/inner.liquid": "{{ 1 }}",
    "snippets/icons.liquid": "i",
    "snippets/page-part.liquid": "p",
    "assets/base.css": "a {}",
    "assets/more.css.liquid": "a {}",
    "assets/theme.js": "1",
    "config/settings_data.json": "{}",
    "locales/en.default.json": "{}",
}


def of(*names, **more):
    after = THEME | {name: THEME[name] + " " for name in names} | more
    return repaint(THEME, after, list(names) or list(more))


@pytest.mark.parametrize(
    ("name", "sections"),
    [
        ("sections/hero.liquid", {"hero", "top", "low"}),
        ("sections/header.liquid", {"header", "bar"}),
        ("snippets/card.liquid", {"hero", "top", "low"}),
        ("snippets/inner.liquid", {"hero", "top", "low", "header", "bar"}),
        ("blocks/text.liquid", {"hero", "top", "low"}),
        ("blocks/lone.liquid", {"hero", "top", "low", "note"}),
    ],
)
def test_what_is_in_sections_repaints_those_sections(name, sections):
    found = of(name)
    assert set(found.sections) == sections
    assert not found.page
    assert found.templates == ()
    assert name in found.files


@pytest.mark.parametrize(
    "name",
    [
        "layout/theme.liquid",
        "snippets/icons.liquid",
        "templates/index.json",
        "sections/header-group.json",
        "assets/theme.js",
        "config/settings_data.json",
        "locales/en.default.json",
    ],
)
def test_what_is_around_sections_reloads_the_page(name):
    assert of(name).page


def test_what_a_liquid_template_shows_reloads_its_pages_alone():
    assert of("snippets/page-part.liquid").templates == ("templates/page.liquid",)
    assert of("templates/page.liquid") == Repaint(
        templates=("templates/page.liquid",), files=("templates/page.liquid",)
    )


def test_stylesheets_are_swapped_and_may_come_with_sections():
    found = of("assets/base.css", "assets/more.css.liquid", "sections/header.liquid")
    assert (found.styles, set(found.sections)) == (("base.css", "more.css"), {"header", "bar"})


def test_what_the_head_carries_of_a_section_reloads_the_page():
    text = THEME["sections/note.liquid"]
    assert of(**{"sections/note.liquid": text.replace("p {}", "p { color: red }")}).page
    assert not of("sections/note.liquid").page


def test_a_file_that_comes_or_goes_reloads_the_page():
    assert repaint(THEME, THEME | {"snippets/new.liquid": ""}, ["snippets/new.liquid"]).page
    without = {name: text for name, text in THEME.items() if name != "assets/base.css"}
    assert repaint(THEME, without, ["assets/base.css"]).page


def test_a_snippet_whose_name_is_worked_out_may_be_any():
    theme = THEME | {"sections/header.liquid": "{% include name %}"}
    assert (
        "bar"
        in repaint(theme, theme | {"snippets/icons.liquid": "new"}, ["snippets/page-part.liquid"]).sections
    )


def test_json_that_is_none_names_no_sections():
    theme = THEME | {
        "templates/index.json": "{,",
        "templates/page.json": "[]",
        "templates/x.json": '{"sections": 1}',
    }
    assert set(repaint(theme, theme, ["sections/hero.liquid"]).sections) == {"hero"}
