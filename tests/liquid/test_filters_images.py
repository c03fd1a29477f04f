import pytest
from filtering import refused, thing, written

IMAGE = thing("image", src="/f/tea.svg", width=800, height=400, alt='A "cup"')
FOCUSED = thing(
    "image",
    src="/f/tea.svg",
    width=800,
    height=400,
    alt="",
    presentation=thing("image_presentation", focal_point="25% 75%"),
)
TEA = thing("product", title="Tea", featured_image=IMAGE)
NONE = thing("product", title="Tea", featured_image=None)
NEWS = thing("article", title="News", image=IMAGE)


def shown(source, **more):
    page = {"image": IMAGE, "focused": FOCUSED, "tea": TEA, "none": NONE, "news": NEWS, "section": None}
    return written("{{ " + source + " }}", **page | more)


@pytest.mark.parametrize(
    ("source", "want"),
    [
        ("tea | image_url: width: 450", "/f/tea.svg?width=450"),
        ("image | image_url: height: 10", "/f/tea.svg?height=10"),
        ("news | image_url: width: 4, height: 5, crop: 'top'", "/f/tea.svg?width=4&height=5&crop=top"),
        ("'/x.png?v=1' | image_url: width: 9, format: 'pjpg'", "/x.png?v=1&width=9&format=pjpg"),
        (
            "image | image_url: width: '20', pad_color: '#fff', quality: 80",
            "/f/tea.svg?width=20&pad_color=fff&quality=80",
        ),
        (
            "image | image_url: crop: 'region', crop_left: 1, crop_top: 2, crop_width: 3, crop_height: 4",
            "/f/tea.svg?crop=region&crop_left=1&crop_top=2&crop_width=3&crop_height=4",
        ),
        ("tea | img_url", "/f/tea.svg?width=100&height=100"),
        ("tea | img_url: '480x'", "/f/tea.svg?width=480"),
        ("tea | img_url: 'x480', scale: 2, crop: 'left'", "/f/tea.svg?height=480&crop=left&scale=2"),
        ("tea | img_url: 'master'", "/f/tea.svg"),
        ("none | img_url", ""),
        ("nil | img_url", ""),
        ("list | product_img_url", ""),
        ("tea | product_img_url: 'grande'", "/f/tea.svg?width=600&height=600"),
        ("image | collection_img_url", "/f/tea.svg?width=100&height=100"),
        ("news | article_img_url: 'icon'", "/f/tea.svg?width=32&height=32"),
        ("nil | collection_img_url", ""),
        ("nil | article_img_url", ""),
        ("tea | img_tag", '<img src="/f/tea.svg" alt="A &quot;cup&quot;">'),
        ("tea | img_tag: '<x>', 'c', '20x'", '<img src="/f/tea.svg?width=20" alt="&lt;x&gt;" class="c">'),
        ("'/a.png' | img_tag: 'A'", '<img src="/a.png" alt="A">'),
        ("nil | img_tag", ""),
    ],
)
def test_urls_of_pictures(source, want):
    assert shown(source, list=[1, 2]) == want


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("tea | image_url", "give a width or a height"),
        ("nil | image_url: width: 3", "there is no picture"),
        ("none | image_url: width: 3", "there is no picture"),
        ("tea | image_url: width: 5761", "the width must be a number from 1 to 5760, not '5761'"),
        ("tea | image_url: height: 0", "the height must be a number from 1 to 5760"),
        ("tea | image_url: width: 'wide'", "not 'wide'"),
        ("tea | image_url: width: 3, crop: 'some'", "'some' is no way to crop: give one of top"),
        ("tea | image_url: width: 3, format: 'tiff'", "is no format"),
        ("tea | image_url: width: 3, pad_color: '\"'", "is no colour"),
        ("tea | image_url: width: 3, quality: 5", "the quality must be a number from 10 to 100"),
        ("tea | image_url: wdith: 3", "there is no argument wdith"),
        ("tea | img_url: 'huge'", "'huge' is no size"),
        ("tea | img_url: '9999x'", "the width must be a number from 1 to 5760"),
        ("tea | product_img_url: 'x'", "'x' is no size"),
    ],
)
def test_what_no_picture_can_have_is_refused(source, said):
    assert said in refused("{{ " + source + " }}", tea=TEA, none=NONE)


def test_a_tag_knows_text_and_size_of_the_picture_behind_the_url():
    assert shown("tea | image_url: width: 400 | image_tag") == (
        '<img src="/f/tea.svg?width=400" alt="A &quot;cup&quot;" width="400" height="200" '
        'srcset="/f/tea.svg?width=165 165w, /f/tea.svg?width=352 352w, /f/tea.svg?width=400 400w" '
        'sizes="(min-width: 400px) 400px, 100vw">'
    )


def test_a_picture_is_never_shown_larger_than_it_is():
    made = shown("tea | image_url: width: 3000 | image_tag: srcset: nil")
    assert 'width="800" height="400"' in made
    assert "srcset" not in made
    assert 'width="600" height="300"' in shown("tea | image_url: height: 300 | image_tag")


@pytest.mark.parametrize(
    ("arguments", "has", "lacks"),
    [
        ("width: 3", ['width="3"'], ["height="]),
        ("width: nil, height: nil", [], ['width="', 'height="']),
        (
            "alt: '<i>', class: 'x', data-a: '\"'",
            ['alt="&lt;i&gt;"', 'class="x"', 'data-a="&quot;"'],
            ["<i>"],
        ),
        ("widths: '100, 200'", ['srcset="/f/tea.svg?width=100 100w, /f/tea.svg?width=200 200w"'], ["352w"]),
        ("sizes: '50vw'", ['sizes="50vw"'], ["100vw"]),
        ("srcset: '/own 1x'", ['srcset="/own 1x"'], ["352w"]),
        ("loading: 'lazy'", ['loading="lazy"'], []),
        ("preload: true", ['<link rel="preload" as="image"', 'imagesizes="(min-width: 400px)'], ["lazy"]),
    ],
)
def test_arguments_of_the_tag(arguments, has, lacks):
    made = shown(f"tea | image_url: width: 400 | image_tag: {arguments}")
    assert all(each in made for each in has)
    assert not any(each in made for each in lacks)


def test_pictures_further_down_wait_and_focus_is_kept():
    below = thing("section", index=4)
    above = thing("section", index=1)
    assert 'loading="lazy"' in shown("image | image_url: width: 9 | image_tag", section=below)
    assert "loading" not in shown("image | image_url: width: 9 | image_tag", section=above)
    assert 'style="object-position:25% 75%;"' in shown("focused | image_url: width: 9 | image_tag")


def test_a_tag_of_nothing_is_nothing_and_of_a_url_is_plain():
    assert shown("nil | image_tag") == ""
    assert shown("none | image_tag") == ""
    assert shown("'/x.png' | image_tag: alt: 'X'") == '<img src="/x.png" alt="X">'
    assert "must be a number" in refused("{{ '/x.png' | image_tag: widths: 'a,b' }}")
