import hashlib
import hmac

import pytest
from filtering import refused, written


@pytest.mark.parametrize(
    ("source", "want"),
    [
        ('"Polina\'s Potions (new)!" | handleize', "polinas-potions-new"),
        ("' -Größe 42- ' | handle", "größe-42"),
        ("'商品 一' | handleize", "商品-一"),
        ("nil | handleize", ""),
        ("'<b>&' | handleize", "b"),
        ("'snake_case' | handleize", "snake_case"),
        ("'variable-name' | camelize", "VariableName"),
        ("'a_bC  d' | camelize", "ABCD"),
        ("nil | camelize", ""),
        ("1 | pluralize: 'item', 'items'", "item"),
        ("'1' | pluralize: 'item', 'items'", "item"),
        ("0 | pluralize: 'item', 'items'", "items"),
        ("nil | pluralize: 'item', 'items'", "items"),
        ("'many' | pluralize: 'item', 'items'", "items"),
        ("'<p>A & B</p>?q=ä' | url_escape", "%3Cp%3EA%20&%20B%3C/p%3E?q=%C3%A4"),
        ("'<p>A & B</p>' | url_param_escape", "%3Cp%3EA%20%26%20B%3C/p%3E"),
        ("nil | url_escape", ""),
        ("7 | url_param_escape", "7"),
        ("list | url_escape", "12"),
        (
            "'Tea & Teapot' | highlight: 'tea'",
            '<strong class="highlight">Tea</strong> &amp; <strong class="highlight">Tea</strong>pot',
        ),
        ("'<i>tea</i>' | highlight: 'tea'", '&lt;i&gt;<strong class="highlight">tea</strong>&lt;/i&gt;'),
        ("'a.c abc' | highlight: 'a.c'", '<strong class="highlight">a.c</strong> abc'),
        ("'<i>' | highlight: ''", "&lt;i&gt;"),
        ("nil | highlight: 'x'", ""),
        ("'x' | highlight: nil", "x"),
    ],
)
def test_text(source, want):
    if "escape_once" in source:
        source, want = "text | escape_once", "&lt;a href=&quot;x&quot;&gt;&amp; it&#39;s &#169; &amp; co"
    text = '<a href="x">&amp; it\'s &#169; & co'
    assert written("{{ " + source + " }}", list=[1, 2], text=text) == want


def test_escape_writes_the_entities_of_the_platform():
    assert written("{{ text | escape }}", text='<a title="it\'s">&amp;') == (
        "&lt;a title=&quot;it&#39;s&quot;&gt;&amp;amp;"
    )
    assert written("{{ nil | escape }}{{ 7 | escape }}") == "7"
    assert written("{{ text | escape_once }}", text='<a title="it\'s">&amp; &#169; & co') == (
        "&lt;a title=&quot;it&#39;s&quot;&gt;&amp; &#169; &amp; co"
    )
    assert written("{{ nil | escape_once }}{{ 7 | escape_once }}") == "7"


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256"])
def test_digests(name):
    for value, text in (("tea ☕", "tea ☕"), (None, ""), (12, "12")):
        want = hashlib.new(name, text.encode()).hexdigest()
        assert written("{{ value | " + name + " }}", value=value) == want


@pytest.mark.parametrize("name", ["sha1", "sha256"])
def test_authentication_codes(name):
    want = hmac.new(b"key", b"tea", name).hexdigest()
    assert written("{{ 'tea' | hmac_" + name + ": 'key' }}") == want
    assert refused("{{ 'tea' | hmac_" + name + " }}") == f"hmac_{name}: give the secret key"


def test_words_for_one_and_many_are_both_needed():
    assert "give the word for one" in refused("{{ 1 | pluralize: 'item' }}")


def test_a_value_that_is_html_already_is_not_escaped_again():
    assert written("{{ 'a & b' | escape | link_to: '/' }}") == '<a href="/">a &amp; b</a>'
    assert written("{{ 'a & b' | link_to: '/' | link_to: '/' }}").count("&amp;") == 1
    captured = "{% capture icon %}<i>{{ 'é' | escape }}</i>{% endcapture %}"
    assert written(captured + "{{ icon | link_to: '/' }}") == '<a href="/"><i>é</i></a>'


def test_codes_of_gift_cards():
    assert written("{{ 'abcd2345ef' | format_code }}[{{ nil | format_code }}]") == "abcd 2345 ef[]"
