"""Media: pictures, videos of the shop and of others, and models in space."""

import re

from liquid import RenderContext

from till.liquid.filters.common import (
    Filter,
    get,
    is_object,
    items,
    plain,
    short,
    tag,
    text,
    with_context,
    wrong,
)
from till.liquid.filters.images import image_tag, img_url
from till.liquid.filters.pictures import picture_of, scaled
from till.liquid.filters.reach import seen
from till.liquid.filters.urls import with_query

# Where the players of others' videos live.
PLAYERS = {"youtube": "https://www.youtube.com/embed/{}", "vimeo": "https://player.vimeo.com/video/{}"}
KNOWN = re.compile(r"[A-Za-z0-9_-]{1,100}\Z")


class Video(str):
    """The URL of a player, which still knows the video: the frame takes its title from it."""

    __slots__ = ("of",)
    of: object


@with_context
def media_tag(value: object, /, *, context: RenderContext, **wanted: object) -> str:
    """The element that fits the medium: a picture, a video, a frame with a player, or a model."""
    kind = text(get(value, "media_type"))
    match kind:
        case "image":
            size = wanted.pop("image_size", None)
            url = _poster(value, size)
            return image_tag(url, context=context, **wanted)
        case "video":
            return video_tag(value, context=context, **wanted)
        case "external_video":
            wanted.pop("image_size", None)
            return external_video_tag(value, context=context, **wanted)
        case "model":
            return model_viewer_tag(value, **wanted)
    if plain(value) is None:
        return ""
    raise wrong("there is no medium: give one of product.media")


@with_context
def video_tag(
    value: object, /, *, context: RenderContext, image_size: object = None, **attributes: object
) -> str:
    """A `<video>` with its sources and its poster; attributes as of HTML (`autoplay`, `loop`, `controls`)."""
    sources = items(get(value, "sources"))
    if not sources:
        if plain(value) is None:
            return ""
        raise wrong("there is no video: give a medium of the type video")
    poster = _poster(value, image_size)
    given: dict[str, object] = {"playsinline": True, "aria-label": text(get(value, "alt")) or _title(context)}
    given |= {"poster": text(poster) or None, "preload": "metadata", **attributes}
    inside = "".join(
        tag("source", {"src": text(get(each, "url")), "type": text(get(each, "mime_type")) or None})
        for each in sources
    )
    return tag("video", given, inside)


def external_video_url(value: object, /, **parameters: object) -> str:
    """The URL of the player of a YouTube or Vimeo video, with parameters of the player."""
    host, known = text(get(value, "host")), text(get(value, "external_id"))
    if plain(value) is None:
        return ""
    if host not in PLAYERS or not KNOWN.match(known):
        raise wrong(f"{short(known)} is no video of {' or '.join(PLAYERS)}")
    found = Video(
        with_query(PLAYERS[host].format(known), {name: text(each) for name, each in parameters.items()})
    )
    found.of = value
    return found


@with_context
def external_video_tag(value: object, /, *, context: RenderContext, **attributes: object) -> str:
    """A frame with the player of another's video, for the medium or the URL of `external_video_url`."""
    url = external_video_url(value) if is_object(plain(value)) else text(value)
    if not url:
        return ""
    medium = value if is_object(plain(value)) else getattr(value, "of", None)
    given = {
        "src": url,
        "title": text(get(medium, "alt")) or _title(context),
        "allow": "accelerometer; autoplay; encrypted-media; gyroscope; picture-in-picture",
        "allowfullscreen": True,
        "frameborder": "0",
        "loading": "lazy",
    }
    return tag("iframe", {**given, **attributes}, "")


def model_viewer_tag(value: object, /, *, image_size: object = None, **attributes: object) -> str:
    """A `<model-viewer>` with its source, text and poster; the theme brings the component's script."""
    sources = items(get(value, "sources"))
    if not sources:
        if plain(value) is None:
            return ""
        raise wrong("there is no model: give a medium of the type model")
    source = next((each for each in sources if text(get(each, "format")) == "glb"), sources[0])
    given = {
        "src": text(get(source, "url")),
        "alt": text(get(value, "alt")),
        "poster": text(_poster(value, image_size)) or None,
        "camera-controls": True,
    }
    return tag("model-viewer", {**given, **attributes}, "")


def _poster(value: object, size: object) -> str:
    """The URL of a medium's picture, in a size (`400x`); nothing where it has none."""
    url, image = picture_of(value)
    if not url or plain(size) is None:
        return scaled(url, image) if url else ""
    return img_url(value, size)


def _title(context: RenderContext) -> str:
    return text(get(seen(context, "product"), "title"))


FILTERS: dict[str, Filter] = {
    "external_video_tag": external_video_tag,
    "external_video_url": external_video_url,
    "media_tag": media_tag,
    "model_viewer_tag": model_viewer_tag,
    "video_tag": video_tag,
}
