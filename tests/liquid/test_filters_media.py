import pytest
from filtering import refused, thing, written

from till.liquid.registers import Registers

IMAGE = thing("image", src="/f/a.svg", width=80, height=40, alt="A", media_type="image")
VIDEO = thing(
    "video",
    media_type="video",
    alt='"v"',
    preview_image=IMAGE,
    sources=[
        thing("video_source", url="/v.m3u8", mime_type="application/x-mpegURL"),
        thing("video_source", url="/v?a&b", mime_type="video/mp4"),
    ],
)
TUBE = thing(
    "external_video",
    media_type="external_video",
    host="youtube",
    external_id="a-B_9",
    alt="",
    preview_image=IMAGE,
)
VIMEO = thing("external_video", media_type="external_video", host="vimeo", external_id="77", alt="<t>")
BAD = thing("external_video", media_type="external_video", host="youtube", external_id='"><script>')
MODEL = thing(
    "model",
    media_type="model",
    alt="M",
    preview_image=IMAGE,
    sources=[
        thing("model_source", url="/m.usdz", format="usdz"),
        thing("model_source", url="/m.glb", format="glb"),
    ],
)
PAGE = {"image": IMAGE, "video": VIDEO, "tube": TUBE, "vimeo": VIMEO, "bad": BAD, "model": MODEL}
PAGE |= {"product": thing("product", title="Tea <b>"), "section": None}

PLAYER = (
    '" title="{}" allow="accelerometer; autoplay; encrypted-media; gyroscope; picture-in-picture" '
    'allowfullscreen frameborder="0" loading="lazy"'
)


@pytest.mark.parametrize(
    ("source", "want"),
    [
        (
            "video | video_tag",
            (
                '<video playsinline aria-label="&quot;v&quot;" poster="/f/a.svg" preload="metadata">'
                '<source src="/v.m3u8" type="application/x-mpegURL">'
                '<source src="/v?a&amp;b" type="video/mp4"></video>'
            ),
        ),
        ("nil | video_tag", ""),
        ("tube | external_video_url", "https://www.youtube.com/embed/a-B_9"),
        (
            "tube | external_video_url: color: 'white', loop: 1",
            "https://www.youtube.com/embed/a-B_9?color=white&loop=1",
        ),
        ("vimeo | external_video_url: muted: '&'", "https://player.vimeo.com/video/77?muted=%26"),
        ("nil | external_video_url", ""),
        (
            "tube | external_video_url: a: 1 | external_video_tag: class: 'x'",
            '<iframe src="https://www.youtube.com/embed/a-B_9?a=1'
            + PLAYER.format("Tea &lt;b&gt;")
            + ' class="x"></iframe>',
        ),
        (
            "vimeo | external_video_tag",
            '<iframe src="https://player.vimeo.com/video/77' + PLAYER.format("&lt;t&gt;") + "></iframe>",
        ),
        ("nil | external_video_tag", ""),
        (
            "model | model_viewer_tag",
            '<model-viewer src="/m.glb" alt="M" poster="/f/a.svg" camera-controls></model-viewer>',
        ),
        (
            "model | model_viewer_tag: interaction-policy: 'x', image_size: '20x'",
            (
                '<model-viewer src="/m.glb" alt="M" poster="/f/a.svg?width=20" camera-controls '
                'interaction-policy="x"></model-viewer>'
            ),
        ),
        ("nil | model_viewer_tag", ""),
        ("image | media_tag: srcset: nil", '<img src="/f/a.svg" alt="A" width="80" height="40">'),
        ("nil | media_tag", ""),
    ],
)
def test_media(source, want):
    assert written("{{ " + source + " }}", **PAGE) == want


@pytest.mark.parametrize(
    ("medium", "element"), [("video", "video"), ("tube", "iframe"), ("model", "model-viewer")]
)
def test_a_medium_becomes_the_element_that_fits(medium, element):
    made = written("{{ " + medium + " | media_tag: image_size: '20x', class: 'k' }}", **PAGE)
    assert made.startswith(f"<{element} ")
    assert 'class="k"' in made


def test_a_video_takes_the_attributes_of_html():
    made = written("{{ video | video_tag: autoplay: true, controls: false, image_size: '9x' }}", **PAGE)
    assert " autoplay>" in made
    assert "controls" not in made
    assert 'poster="/f/a.svg?width=9"' in made


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("'x' | media_tag", "there is no medium"),
        ("'x' | video_tag", "there is no video"),
        ("image | model_viewer_tag", "there is no model"),
        ("bad | external_video_url", "is no video of youtube or vimeo"),
        ("bad | external_video_tag", "is no video of youtube or vimeo"),
        ("'x' | external_video_url", "is no video of youtube or vimeo"),
        ("video | video_tag: image_size: 'x'", "is no size"),
    ],
)
def test_what_is_no_medium_is_refused(source, said):
    assert said in refused("{{ " + source + " }}", **PAGE)


def font(weight, style="normal", **more):
    return thing("font", family='Karla "x', weight=weight, style=style, **more)


FONT = font(
    400, files={"woff2": "/k.woff2", "woff": "k.woff"}, variants=[font(700), font(700, "italic"), font(500)]
)
SYSTEM = thing("font", family="Arial", weight="400", style="normal", variants=[], **{"system?": True})


@pytest.mark.parametrize(
    ("source", "want"),
    [
        ("font | font_url", "/k.woff2"),
        ("font | font_url: 'woff'", "/a/k.woff"),
        ("system | font_url", ""),
        ("nil | font_url", ""),
        ("system | font_face", ""),
        ("nil | font_face: font_display: 'swap'", ""),
        ("font | font_modify: 'weight', 'bold' | map: 'weight'", "700"),
        ("font | font_modify: 'weight', '+100' | map: 'weight'", "500"),
        ("font | font_modify: 'weight', 'bolder' | map: 'weight'", "700"),
        ("font | font_modify: 'weight', 400 | map: 'weight'", "400"),
        ("font | font_modify: 'weight', 'lighter' | default: 'none'", "none"),
        ("font | font_modify: 'weight', '-100' | default: 'none'", "none"),
        ("font | font_modify: 'style', 'italic' | default: 'none'", "none"),
        ("bold | font_modify: 'style', 'oblique' | map: 'style'", "italic"),
        ("nil | font_modify: 'weight', 'bold'", ""),
    ],
)
def test_fonts(source, want):
    bold = font(700, variants=[font(700, "italic")])
    lent = Registers(asset_url="/a/{}".format)
    assert written("{{ " + source + " }}", registers=lent, font=FONT, system=SYSTEM, bold=bold) == want


def test_the_face_of_a_font():
    lent = Registers(asset_url="/a/{}".format)
    made = written("{{ font | font_face: font_display: 'swap' }}", registers=lent, font=FONT)
    assert made == (
        '@font-face {\n  font-family: "Karla x";\n  font-weight: 400;\n  font-style: normal;\n  '
        'font-display: swap;\n  src: url("/k.woff2") format("woff2"), url("/a/k.woff") format("woff");\n}\n'
    )


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("font | font_url: 'ttf'", "is no type of font file"),
        ("font | font_face: font_display: 'never'", "is no font-display"),
        ("font | font_modify", "changes nothing of a font"),
        ("font | font_modify: 'weight', 'heavy'", "is no weight"),
        ("font | font_modify: 'style', 'wavy'", "changes nothing of a font"),
        ("font | font_modify: 'width', 3", "changes nothing of a font"),
    ],
)
def test_what_no_font_has_is_refused(source, said):
    assert said in refused("{{ " + source + " }}", font=FONT)
