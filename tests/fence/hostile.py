"""Templates that mean harm: each a theme's files by name, of which `templates/index.liquid` is the page."""

DOUBLED = "{% assign s = 'x' %}" + "{% assign s = s | append: s %}" * 40


def _page(source, **files):
    snippets = {f"snippets/{name}.liquid": text for name, text in files.items()}
    return {"templates/index.liquid": source, **snippets}


def _grown(filter_, start, times=60):
    return _page(
        "{% assign s = " + start + " %}" + ("{% assign s = s | " + filter_ + " %}") * times + "{{ s }}"
    )


# What looks for a way into Python: it finds nothing, and says nothing.
CURIOUS = {
    "class": _page("[{{ product.__class__ }}{{ ''.__class__.__mro__ }}{{ cart['__class__'] }}]"),
    "globals": _page("[{{ shop.__init__.__globals__ }}{{ settings['__globals__'] }}{{ self.__dict__ }}]"),
    "methods": _page("[{{ 'a'.upper }}{{ cart.keys }}{{ cart.items.append }}{{ shop.get_item }}]"),
    "modules": _page("[{{ shop.__module__ }}{{ request.__reduce__ }}{{ shop._scene }}{{ shop.scene }}]"),
    "engine": _page("[{{ context }}{{ environment }}{{ registers }}{{ loader }}{{ template.env }}]"),
    "filters": _page("[{{ 'os' | import }}{{ 'id' | system }}{{ shop | attr: '__class__' }}]"),
    "files": _page("[{% render '../../../etc/passwd' %}{% include '/etc/passwd' %}{% section '..' %}]"),
    "map": _page("[{{ collections | map: '__class__' }}{{ linklists | where: '__class__' | first }}]"),
}

# What wants more than a page may take: whoever renders it is stopped, or says what was too much.
GREEDY = {
    "render of itself": _page("{% render 'a' %}", a="x{% render 'a' %}"),
    "render of itself, twice": _page("{% render 'a' %}", a="x{% render 'a' %}{% render 'a' %}"),
    "include of itself": _page("{% include 'a' %}", a="x{% include 'a' %}{% include 'a' %}"),
    "include in a ring": _page("{% include 'a' %}", a="{% include 'b' %}", b="{% include 'a' %}"),
    "section of itself": {
        **_page("{% section 'a' %}"),
        "sections/a.liquid": "{% section 'a' %}{% section 'a' %}",
    },
    "loops in loops": _page("{% for a in (1..9999) %}" * 4 + "{{ a }}" + "{% endfor %}" * 4),
    "an endless range": _page("{% for a in (1..999999999999) %}{% endfor %}"),
    "a joined range": _page("{{ (1..100000000) | join: ',' | size }}"),
    "a sorted range": _page("{{ (1..30000000) | sort | reverse | uniq | size }}"),
    "a mapped range": _page("{% assign a = (1..5000000) | map: 'x' %}{% assign a = a | compact %}"),
    "render for a range": _page("{% assign r = (1..10000000) %}{% render 'a' for r as x %}", a="x{{ x }}"),
    "twenty thousand filters": _page("{{ 'a'" + " | append: 'b' | upcase" * 10_000 + " }}"),
    "append": _page(DOUBLED + "{{ s }}"),
    "prepend": _grown("prepend: s", "'x'"),
    "replace": _grown("replace: 'x', 'xxxxxxxxxx'", "'x'"),
    "replace of nothing": _grown("replace: '', s", "'xxxxxxxxxx'"),
    "split": _page(DOUBLED + "{% assign a = s | split: '' %}{{ a | join: s | size }}"),
    "join": _page(
        "{% assign a = (1..3000) | join: 'xxxxxxxxxxxxxxxx' %}{% assign b = (1..3000) | join: a %}"
        "{% assign c = (1..3000) | join: b %}{{ c | size }}"
    ),
    "concat": _grown("concat: s", "'a,b' | split: ','"),
    "times": _grown("times: s", "9999999999999999999"),
    "times in a loop": _page(
        "{% assign n = 7 %}{% for i in (1..90000) %}{% assign n = n | times: n %}{% endfor %}"
    ),
    "capture": _page(
        "{% capture s %}x{% endcapture %}" + "{% capture s %}{{ s }}{{ s }}{% endcapture %}" * 40
    ),
    "capture in a loop": _page(
        "{% for i in (1..90000) %}{% capture s %}{{ s }}xxxxxxxxxxxxxxxxxxx{% endcapture %}{% endfor %}"
    ),
    "tablerow": _page("{% tablerow i in (1..50000000) cols: 99999999 %}{{ i }}{% endtablerow %}"),
    "much output": _page(
        "{% for i in (1..90000) %}{{ 'a long line of text that is said again' }}{% endfor %}"
    ),
    "case of text": _grown(
        "upcase | append: s", "'\N{LATIN SMALL LETTER SHARP S}\N{LATIN SMALL LIGATURE FFI}'"
    ),
    "base64": _grown("base64_encode", "'xxxxxxxx'", 90),
    "url": _grown("url_encode | url_encode", "'%&?'", 3_000),
    "json of text": _grown("json", "'\"'", 90),
    "a number of a million digits": _page("{{ " + "9" * 1_000_000 + " | plus: 1 }}"),
    "tags in tags": _page("{% if true %}" * 5_000 + "{% endif %}" * 5_000),
    "brackets in brackets": _page("{{ " + "a[" * 5_000 + "0" + "]" * 5_000 + " }}"),
    "conditions": _page("{% if true" + " and true" * 20_000 + " %}{% endif %}"),
}

# What is large, and may be answered, as long as that is quick.
LARGE = {
    "escape": _grown("escape", "'&<>'", 3_000),
    "a width": _page("{{ 'now' | date: '%1000000000Y' }}{{ 'now' | date: '%999999999d' }}"),
    "a layout of itself": {
        **_page("{% layout 'b' %}x"),
        "layout/b.liquid": "{% layout 'b' %}{{ content_for_layout }}",
    },
    "braces": _page("{{" * 100_000),
    "tags that do not end": _page("{% if %" * 100_000),
    "quotes that do not end": _page("{{ '" * 50_000),
    "comments that do not end": _page("{% comment %}" * 20_000),
    "raws that do not end": _page("{% raw %}" * 20_000 + "{% endra %}" * 20_000),
    "spaces": _page("{{" + " " * 500_000 + "-"),
    "whitespace control": _page("{%- " * 50_000 + " \n" * 50_000),
    "stripped tags": _grown("append: s | strip_html", "'<<<<'", 40),
    "open comments": _page("{% assign s = '" + "<!--" * 50_000 + "' %}{{ s | strip_html | size }}"),
    "open scripts": _page("{% assign s = '" + "<script" * 30_000 + "' %}{{ s | strip_html | size }}"),
    "a long liquid tag": _page("{% liquid\n" + "assign a = 1\n" * 100_000 + "%}"),
    "a long cycle": _page("{% cycle " + ", ".join(["'a'"] * 50_000) + " %}"),
    "cut": _page(
        "{{ 'abc' | truncate: 99999999999999999999, 'x' }}{{ 'abc' | truncatewords: 9999999999999 }}"
    ),
    "cut the other way": _page(
        "{{ 'abc' | truncate: -99999999999999 }}{{ 'abc' | slice: -9999999999999, 99999999999 }}"
    ),
    "slices": _page("{{ 'abc' | slice: 99999999999999999999999999, 99999999999999999999999999999 }}"),
    "money": _page("{{ " + "9" * 4_000 + " | money }}{{ 1e300 | money_with_currency }}{{ -1e300 | money }}"),
    "rounding": _page("{{ 1.5 | round: 999999999 }}{{ 1e308 | times: 1e308 | ceil }}{{ 1 | divided_by: 0 }}"),
    "words": _page(
        "{{ 'a b ' | append: 'c d e f' | truncatewords: 0, '" + "x" * 100_000 + "' | handleize }}"
    ),
    "json of everything": _page(
        "{{ collections | json | size }}{{ linklists | json | size }}{{ all_products | json }}"
        "{{ cart | json }}"
        "{{ shop | json | size }}{{ settings | json | size }}{{ section | json }}{{ template | json }}"
    ),
    "dates": _page(
        "{{ '9999999999999999999' | date: '%Y' }}{{ -99999999999999 | date: '%s' }}{{ 'x' | date: '%' }}"
    ),
    "a page of many": _page(
        "{% paginate collections.all.products by 999999999 %}{{ paginate.pages }}{% endpaginate %}"
    ),
    "colours": _page(
        "{{ '" + "#" * 50_000 + "' | color_to_rgb }}{{ 'rgb(" + "1," * 50_000 + ")' | color_to_hex }}"
    ),
    "pictures": _page(
        "{{ 'a.png' | image_url: width: 99999999999999999999 | image_tag: widths: '" + "1," * 9_000 + "' }}"
    ),
    "digests": _page(
        "{% assign s = '" + "x" * 200_000 + "' %}{{ s | sha256 }}{{ s | hmac_sha1: s }}{{ s | md5 }}"
    ),
}

# Of the greedy ones, those that python-liquid without any limit of ours has no bounds for.
UNBOUNDED = (
    "include of itself",
    "loops in loops",
    "an endless range",
    "a joined range",
    "a sorted range",
    "append",
    "replace",
    "times",
    "capture",
    "tablerow",
    "url",
)
