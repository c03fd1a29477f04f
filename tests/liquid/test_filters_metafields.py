import pytest
from filtering import refused, thing, written

PAGE = thing("page", title="Care & <use>", url="/pages/care")
IMAGE = thing("image", src="/f/a.svg", width=80, height=40, alt="A")
TREE = {
    "type": "root",
    "children": [
        {"type": "heading", "level": 3, "children": [{"type": "text", "value": "H<"}]},
        {
            "type": "paragraph",
            "children": [
                {"type": "text", "value": "b", "bold": True},
                {"type": "text", "value": "i", "italic": True},
                {"type": "link", "url": '/"', "children": [{"type": "text", "value": "L"}]},
            ],
        },
        {
            "type": "list",
            "listType": "ordered",
            "children": [
                {"type": "list-item", "children": [{"type": "text", "value": "1"}]},
            ],
        },
        {"type": "unknown", "children": "text"},
    ],
}
GRAIN = thing("metaobject", name=thing("metafield", type="single_line_text_field", value="Rye <"))


@pytest.mark.parametrize(
    ("kind", "value", "tag", "text"),
    [
        (
            "single_line_text_field",
            "<a>",
            '<span class="metafield-single_line_text_field">&lt;a&gt;</span>',
            "<a>",
        ),
        (
            "multi_line_text_field",
            "a\n<b",
            '<div class="metafield-multi_line_text_field">a<br>&lt;b</div>',
            "a\n<b",
        ),
        ("number_integer", 5, '<span class="metafield-number_integer">5</span>', "5"),
        ("boolean", False, '<span class="metafield-boolean">false</span>', "false"),
        ("color", "#fff", '<span class="metafield-color">#fff</span>', "#fff"),
        ("url", "/x?a&b", '<a href="/x?a&amp;b" class="metafield-url">/x?a&amp;b</a>', "/x?a&b"),
        (
            "date",
            "2025-02-03",
            '<time datetime="2025-02-03" class="metafield-date">February 3, 2025</time>',
            "2025-02-03",
        ),
        (
            "date_time",
            "2025-02-03T04:05:06Z",
            (
                '<time datetime="2025-02-03T04:05:06+00:00" class="metafield-date_time">'
                "February 3, 2025 at 4:05 am</time>"
            ),
            "2025-02-03T04:05:06Z",
        ),
        ("date", "never<", '<time class="metafield-date">never&lt;</time>', "never<"),
        (
            "dimension",
            thing("measurement", value=5, unit="cm"),
            (
                '<span class="metafield-dimension"><span class="metafield-dimension_value">5</span> '
                '<span class="metafield-dimension_unit">cm</span></span>'
            ),
            "5 cm",
        ),
        (
            "rating",
            thing("rating", rating="4.5", scale_max="5"),
            (
                '<span class="metafield-rating"><span class="metafield-rating_value">4.5</span>/'
                '<span class="metafield-rating_scale-maximum">5</span></span>'
            ),
            "4.5",
        ),
        ("money", thing("money", amount=1950), '<span class="metafield-money">$19.50</span>', "$19.50"),
        ("money", 1950, '<span class="metafield-money">$19.50</span>', "$19.50"),
        (
            "page_reference",
            PAGE,
            '<a href="/pages/care" class="metafield-page_reference">Care &amp; &lt;use&gt;</a>',
            "Care & <use>",
        ),
        (
            "file_reference",
            IMAGE,
            '<img src="/f/a.svg?width=500" alt="A" class="metafield-file_reference">',
            "/f/a.svg",
        ),
        (
            "file_reference",
            thing("generic_file", url="/f/doc.pdf"),
            '<a href="/f/doc.pdf" class="metafield-file_reference">doc.pdf</a>',
            "/f/doc.pdf",
        ),
        (
            "file_reference",
            thing("video", media_type="video", url="/v", sources=[thing("video_source", url="/v.mp4")]),
            '<video controls class="metafield-file_reference"><source src="/v.mp4"></video>',
            "/v",
        ),
        (
            "json",
            {"a": "</script>"},
            '<script type="application/json" class="metafield-json">{"a":"\\u003c/script\\u003e"}</script>',
            '{"a":"\\u003c/script\\u003e"}',
        ),
        (
            "rich_text_field",
            TREE,
            (
                '<div class="metafield-rich_text_field"><h3>H&lt;</h3><p><strong>b</strong><em>i</em>'
                '<a href="/&quot;">L</a></p><ol><li>1</li></ol>text</div>'
            ),
            "H<\nbiL\n1\ntext",
        ),
        ("rich_text_field", "<b>", '<div class="metafield-rich_text_field">&lt;b&gt;</div>', "<b>"),
        (
            "list.single_line_text_field",
            ["a", "<b>", "c"],
            (
                '<ul class="metafield-single_line_text_field-array">'
                '<li class="metafield-single_line_text_field">a</li>'
                '<li class="metafield-single_line_text_field">&lt;b&gt;</li>'
                '<li class="metafield-single_line_text_field">c</li></ul>'
            ),
            "a, <b>, and c",
        ),
        ("list.single_line_text_field", None, '<ul class="metafield-single_line_text_field-array"></ul>', ""),
        (
            "list.metaobject_reference",
            [GRAIN],
            (
                '<ul class="metafield-single_line_text_field-array">'
                '<li class="metafield-single_line_text_field">Rye &lt;</li></ul>'
            ),
            "Rye <",
        ),
        (
            "metaobject_reference",
            GRAIN,
            '<span class="metafield-single_line_text_field">Rye &lt;</span>',
            "Rye <",
        ),
    ],
)
def test_metafields_by_their_type(kind, value, tag, text):
    field = thing("metafield", type=kind, value=value)
    asks = ": field: 'name'" if "metaobject" in kind else ""
    assert written("{{ f | metafield_tag" + asks + " }}", f=field) == tag
    assert written("{{ f | metafield_text" + asks + " }}", f=field) == text


def test_lists_may_be_numbered():
    field = thing("metafield", type="list.single_line_text_field", value=["a"])
    assert written("{{ f | metafield_tag: list_format: 'ordered' }}", f=field).startswith("<ol ")


def test_nothing_is_shown_of_no_metafield():
    assert written("{{ nil | metafield_tag }}{{ nil | metafield_text }}") == ""


@pytest.mark.parametrize("name", ["metafield_tag", "metafield_text"])
def test_what_is_no_metafield_is_refused(name):
    assert "give a metafield" in refused("{{ 'x' | " + name + " }}")
    listed = thing("metafield", type="list.color", value=["#fff"])
    assert "lists are shown of texts" in refused("{{ f | " + name + " }}", f=listed)
    grain = thing("metafield", type="metaobject_reference", value=GRAIN)
    assert "say with the argument field" in refused("{{ f | " + name + " }}", f=grain)


def test_a_tree_without_end_ends():
    node = {"type": "paragraph", "children": []}
    for _ in range(200):
        node = {"type": "paragraph", "children": [node]}
    field = thing("metafield", type="rich_text_field", value=node)
    assert written("{{ f | metafield_tag }}", f=field).count("<p>") < 30
