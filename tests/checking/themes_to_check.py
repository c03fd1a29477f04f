"""A small theme in which nothing is wrong, and what becomes of it when a file is another."""

import json

from till.checking.engine import check

LAYOUT = """<!doctype html>
<html>
<head>{{ content_for_header }}</head>
<body>
  {% sections 'header-group' %}
  {{ content_for_layout }}
</body>
</html>
"""
HERO = """{%- assign size = section.settings.size | default: 2 -%}
<div class="hero-{{ size }}">
  {{ 'hero.title' | t }} {{ settings.accent }}
  {% for block in section.blocks %}<p>{{ block.settings.text }}</p>{% endfor %}
  {% render 'card', product: product %}
  {{ 'theme.css' | asset_url | stylesheet_tag }}
</div>
{% schema %}
{
  "name": "t:hero.name",
  "settings": [
    {"type": "range", "id": "size", "label": "Size", "min": 1, "max": 5, "step": 1, "default": 2},
    {"type": "select", "id": "side", "label": "Side", "default": "left",
     "options": [{"value": "left", "label": "Left"}, {"value": "right", "label": "Right"}]}
  ],
  "blocks": [{"type": "line", "name": "Line", "settings": [{"type": "text", "id": "text", "label": "Text"}]}],
  "presets": [{"name": "Hero", "settings": {"size": 3}, "blocks": [{"type": "line"}]}]
}
{% endschema %}
"""
INDEX = {
    "sections": {
        "main": {
            "type": "hero",
            "settings": {"size": 3},
            "blocks": {"one": {"type": "line", "settings": {"text": "x"}}},
            "block_order": ["one"],
        }
    },
    "order": ["main"],
}
PAGES = (
    "index",
    "product",
    "collection",
    "list-collections",
    "cart",
    "search",
    "page",
    "blog",
    "article",
    "404",
)
SOUND = {
    "layout/theme.liquid": LAYOUT,
    "sections/hero.liquid": HERO,
    "sections/header-group.json": json.dumps(
        {"type": "header", "name": "Header", "sections": {}, "order": []}
    ),
    "snippets/card.liquid": '<img src="{{ product.title }}" width="2" height="2" alt="">',
    "assets/theme.css": "body {}",
    "config/settings_schema.json": json.dumps(
        [{"name": "Colours", "settings": [{"type": "color", "id": "accent", "label": "Accent"}]}]
    ),
    "config/settings_data.json": json.dumps({"current": {"accent": "#000000"}}),
    "locales/en.default.json": json.dumps(
        {"hero": {"title": "Hello {{ name }}", "count": {"one": "1", "other": "n"}}}
    ),
    "locales/de.json": json.dumps(
        {"hero": {"title": "Hallo {{ name }}", "count": {"one": "1", "other": "n"}}}
    ),
    "locales/en.default.schema.json": json.dumps({"hero": {"name": "Hero"}}),
} | {f"templates/{page}.json": json.dumps(INDEX) for page in PAGES}
# What nobody needs in so small a theme.
SPARE = frozenset({"UnusedTranslation"})


def files(without=(), **changed):
    """The sound theme with some files changed; names have `__` for a slash and `_DOT_` for a dot."""
    every = SOUND | {spelled(name): text for name, text in changed.items()}
    given = {name: text for name, text in every.items() if name not in without}
    return {name: text if isinstance(text, bytes) else text.encode() for name, text in given.items()}


def spelled(name):
    return name.replace("__", "/").replace("_DOT_", ".").replace("_DASH_", "-")


def found(theme, configuration=None):
    """What is found in a theme, without what is spare: rule, file, line, column, message."""
    return [
        (each.rule, each.file, each.line, each.column, each.message)
        for each in check(theme, None, configuration)
        if each.rule not in SPARE
    ]


def rules(theme, configuration=None):
    return {each[0] for each in found(theme, configuration)}
