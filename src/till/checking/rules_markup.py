"""Rules of HTML: pictures without a size, scripts that hold the page up, elements that are never closed."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import lru_cache

from till.checking.finding import Edit, Found, Severity
from till.checking.markup import OUTPUT, Tag, tags
from till.checking.rules import Rule
from till.checking.subject import Subject

VOID = frozenset(
    (
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source"),
        *("track", "wbr"),
    )
)
# Elements that HTML closes by itself.
OPTIONAL = frozenset(
    (
        *("p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option", "optgroup"),
        *("colgroup", "html", "head", "body", "rt", "rp", "caption"),
    )
)
UNHURRIED = ("async", "defer", "nomodule")
# What some files write that is not shown as it stands: pages of their own are closed by others.
SPLIT = "layout/"


def picture_size(subject: Subject) -> Iterator[Found]:
    for name, tag in _tags(subject, "img"):
        lacking = [each for each in ("width", "height") if not tag.has(each)]
        if lacking and not tag.is_open_to_more:
            said = f"this picture has no {' and no '.join(lacking)}, so the page jumps when it arrives"
            yield Found(name, tag.at, said, "give both, as the file has them")


def picture_text(subject: Subject) -> Iterator[Found]:
    for name, tag in _tags(subject, "img"):
        if not tag.has("alt") and not tag.is_open_to_more:
            yield Found(
                name, tag.at, "this picture has no alt", 'say what it shows, or alt="" for an ornament'
            )


def blocking_script(subject: Subject) -> Iterator[Found]:
    for name, tag in _tags(subject, "script"):
        kind = tag.value("type") or ""
        if not tag.has("src") or any(tag.has(each) for each in UNHURRIED) or tag.is_open_to_more:
            continue
        if kind in ("", "text/javascript", "application/javascript"):
            at = tag.at + len("<script")
            said = "the page waits for this script before it goes on"
            yield Found(name, tag.at, said, "add defer or async", (Edit(at, at, " defer"),))
    for name, tree in subject.trees.items():
        for value in tree.filtered():
            for each in value.filters or []:
                if each.name == "script_tag":
                    said = "script_tag makes the page wait for the script"
                    fix = "write <script src=… defer></script>"
                    yield Found(name, max(each.token.start_index, 0), said, fix)


def unclosed(subject: Subject) -> Iterator[Found]:
    """Elements that no branch of the file closes, and ends of elements that none opened."""
    for name, tree in subject.trees.items():
        left, ends = _leftovers(_of(tree.source.text))
        opened, closed = Counter(tag.name for tag in left), Counter(tag.name for tag in ends)
        for tag in left:
            if not closed[tag.name]:
                yield Found(name, tag.at, f"<{tag.name}> is never closed", f"add </{tag.name}>")
        for tag in ends:
            if not opened[tag.name]:
                yield Found(name, tag.at, f"</{tag.name}> closes nothing", "remove it, or open it before")


def plain_http(subject: Subject) -> Iterator[Found]:
    for name, tree in subject.trees.items():
        for tag in _of(tree.source.text):
            for attribute in ("src", "srcset", *(("href",) if tag.name == "link" else ())):
                value = tag.value(attribute)
                if value is not None and value.startswith("http://"):
                    said = f"this is fetched without TLS: {value[:60].replace(OUTPUT, '…')}"
                    yield Found(name, tag.at, said, "write https://")


def _leftovers(every: tuple[Tag, ...]) -> tuple[list[Tag], list[Tag]]:
    """Tags that nothing in the same branch of Liquid opens or closes."""
    stacks: dict[tuple[tuple[int, int], ...], list[Tag]] = defaultdict(list)
    ends: list[Tag] = []
    left: list[Tag] = []
    for tag in every:
        if tag.name in VOID | OPTIONAL or (tag.is_empty and not tag.is_close):
            continue
        stack = stacks[tag.branch]
        if not tag.is_close:
            stack.append(tag)
            continue
        at = next((at for at in range(len(stack) - 1, -1, -1) if stack[at].name == tag.name), None)
        if at is None:
            ends.append(tag)
        else:
            left += stack[at + 1 :]
            del stack[at:]
    return left + [tag for stack in stacks.values() for tag in stack], ends


def _tags(subject: Subject, wanted: str) -> Iterator[tuple[str, Tag]]:
    for name, tree in subject.trees.items():
        for tag in _of(tree.source.text):
            if tag.name == wanted and not tag.is_close:
                yield name, tag


@lru_cache(maxsize=1_024)
def _of(text: str) -> tuple[Tag, ...]:
    return tuple(tags(text))


RULES = (
    Rule("UnclosedHTMLElement", Severity.WARNING, "Elements that are never closed", unclosed),
    Rule("ImgWidthAndHeight", Severity.WARNING, "Pictures without a size", picture_size),
    Rule("ImgAlt", Severity.WARNING, "Pictures without a text in their place", picture_text),
    Rule("ParserBlockingScript", Severity.WARNING, "Scripts that hold up", blocking_script, mends=True),
    Rule("PlainHttp", Severity.WARNING, "What is fetched without TLS", plain_http),
)
