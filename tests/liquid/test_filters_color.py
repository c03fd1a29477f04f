import pytest
from filtering import refused, thing, written


@pytest.mark.parametrize(
    ("source", "want"),
    [
        ("'rgb(234, 90, 185)' | color_to_hex", "#ea5ab9"),
        ("'rgba(234, 90, 185, 0.3)' | color_to_hex", "#ea5ab9"),
        ("'#abc' | color_to_hex", "#aabbcc"),
        ("'ABCDEF' | color_to_hex", "#abcdef"),
        ("'hsl(0, 100%, 50%)' | color_to_hex", "#ff0000"),
        ("'hsl(480deg 100% 25% / 50%)' | color_to_hex", "#008000"),
        ("'rgb(100% 0% 50%)' | color_to_hex", "#ff0080"),
        ("'rgb(999, -20, 3)' | color_to_hex", "#ff0003"),
        ("set | color_to_hex", "#010203"),
        ("'#EA5AB9' | color_to_rgb", "rgb(234, 90, 185)"),
        ("'#ea5ab980' | color_to_rgb", "rgba(234, 90, 185, 0.502)"),
        ("'#EA5AB9' | color_to_hsl", "hsl(320, 77%, 64%)"),
        ("'rgba(0,0,0,.25)' | color_to_hsl", "hsla(0, 0%, 0%, 0.25)"),
        ("'#ff0000' | color_to_oklch", "oklch(62.8% 0.2577 29.23)"),
        ("'#808080' | color_to_oklch", "oklch(59.99% 0 0)"),
        ("'rgba(255,0,0,.5)' | color_to_oklch", "oklch(62.8% 0.2577 29.23 / 0.5)"),
        ("'#EA5AB9' | hex_to_rgba", "rgba(234, 90, 185, 1)"),
        ("'#abc' | hex_to_rgba: 0.5", "rgba(170, 187, 204, 0.5)"),
        ("'#ea5ab9' | color_extract: 'red'", "234"),
        ("'#ea5ab9' | color_extract: 'blue'", "185"),
        ("'#ea5ab9' | color_extract: 'alpha'", "1"),
        ("'rgba(1,2,3,0.25)' | color_extract: 'alpha'", "0.25"),
        ("'#ea5ab9' | color_extract: 'hue'", "320"),
        ("'#ea5ab9' | color_extract: 'saturation'", "77"),
        ("'#ea5ab9' | color_extract: 'lightness'", "64"),
        ("'#ea5ab9' | color_modify: 'green', 0", "#ea00b9"),
        ("'#ea5ab9' | color_modify: 'alpha', 0.4", "rgba(234, 90, 185, 0.4)"),
        ("'#ff0000' | color_modify: 'hue', 120", "#00ff00"),
        ("'#ff0000' | color_modify: 'lightness', 25", "#800000"),
        ("'#204060' | color_lighten: 20", "#3973ac"),
        ("'#204060' | color_lighten: 100", "#ffffff"),
        ("'#4080bf' | color_darken: 20", "#264d73"),
        ("'#4080bf' | color_darken: 100", "#000000"),
        ("'#808080' | color_saturate: 50", "#c04141"),
        ("'#c04040' | color_desaturate: 100", "#808080"),
        ("'rgba(64,128,191,0.5)' | color_darken: 20", "rgba(38, 77, 115, 0.5)"),
        ("'#000000' | color_mix: '#ffffff', 25", "#bfbfbf"),
        ("'#000000' | color_mix: '#ffffff', 100", "#000000"),
        ("'rgba(0,0,0,0)' | color_mix: '#ffffff', 50", "rgba(128, 128, 128, 0.5)"),
        ("'#ffffff' | color_brightness", "255.0"),
        ("'#ff0000' | color_brightness", "76.25"),
        ("'#ff0000' | brightness_difference: '#000'", "76"),
        ("'#123456' | color_difference: '#000000'", "156"),
        ("'#000' | color_contrast: '#fff'", "21.0"),
        ("'#fff' | color_contrast: '#777'", "4.5"),
    ],
)
def test_colours(source, want):
    colour = thing("color", red=1, green=2, blue=3, alpha=1.0)
    assert written("{{ " + source + " }}", set=colour) == want


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("'red-ish' | color_to_hex", "'red-ish' is no colour"),
        ("nil | color_to_rgb", "'' is no colour"),
        ("'#12345' | color_to_hsl", "is no colour"),
        ("'rgb(1,2)' | color_to_oklch", "is no colour"),
        ("'rgb(1,2,' | hex_to_rgba", "is no colour"),
        ("list | color_brightness", "is no colour"),
        ("'<b>' | color_darken: 3", "'<b>' is no colour"),
        ("'#fff' | color_darken", "the percentage must be a number from 0 to 100"),
        ("'#fff' | color_lighten: 101", "the percentage must be a number from 0 to 100, not '101'"),
        ("'#fff' | color_saturate: -1", "from 0 to 100"),
        ("'#fff' | color_desaturate: 'much'", "not 'much'"),
        ("'#fff' | color_mix", "'' is no colour"),
        ("'#fff' | color_extract: 'warmth'", "is no part of a colour: give one of alpha"),
        ("'#fff' | color_modify: 'red', 256", "red must be a number from 0 to 255"),
        ("'#fff' | hex_to_rgba: 2", "alpha must be a number from 0 to 1"),
        ("'#fff' | color_contrast: nil", "is no colour"),
        ("'#fff' | brightness_difference: 7, 8, 9", "positional arguments"),
        ("'#fff' | color_difference: '#xyz'", "is no colour"),
        (f"'rgb({'1' * 300},2,3)' | color_to_hex", "is no colour"),
    ],
)
def test_what_is_no_colour_is_refused_with_a_sentence(source, said):
    assert said in refused("{{ " + source + " }}", list=[1, 2])
