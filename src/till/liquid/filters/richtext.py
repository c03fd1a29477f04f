"""Rich text of a metafield: a tree of paragraphs, headings, lists and links, as HTML and as text."""

from collections.abc import Callable

from till.liquid.filters.common import Html, escaped, get, items, plain, tag, text

DEEPEST = 20
LEVELS = range(1, 7)


def to_html(node: object, depth: int = 0) -> Html:
    """The HTML of a node; text that is no tree is escaped."""
    if isinstance(plain(node), str):
        return escaped(node)
    inside = (
        "".join(to_html(each, depth + 1) for each in items(get(node, "children"))) if depth < DEEPEST else ""
    )
    made = ELEMENTS.get(text(get(node, "type")))
    return made(node, inside) if made else Html(inside)


def to_text(node: object, depth: int = 0) -> str:
    """The words of a node, paragraphs apart by a line break."""
    if isinstance(plain(node), str):
        return text(node)
    if text(get(node, "type")) == "text":
        return text(get(node, "value"))
    parts = [to_text(each, depth + 1) for each in items(get(node, "children"))] if depth < DEEPEST else []
    between = "\n" if text(get(node, "type")) in {"root", "list", ""} else ""
    return between.join(parts)


def _styled(node: object) -> Html:
    made = escaped(get(node, "value"))
    for name, element in (("bold", "strong"), ("italic", "em")):
        if get(node, name):
            made = tag(element, {}, made)
    return made


def _heading(node: object, inside: str) -> Html:
    level = get(node, "level")
    return tag(f"h{level if level in LEVELS else 2}", {}, inside)


# Type of a node -> its element, given what stands inside.
ELEMENTS: dict[str, Callable[[object, str], Html]] = {
    "heading": _heading,
    "link": lambda node, inside: tag(
        "a", {"href": text(get(node, "url")), "title": get(node, "title")}, inside
    ),
    "list": lambda node, inside: tag("ol" if get(node, "listType") == "ordered" else "ul", {}, inside),
    "list-item": lambda _node, inside: tag("li", {}, inside),
    "paragraph": lambda _node, inside: tag("p", {}, inside),
    "text": lambda node, _inside: _styled(node),
}
