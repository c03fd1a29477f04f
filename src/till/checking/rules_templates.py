"""Rules of JSON templates and section groups: what they name must be there, in limits, and in order."""

from collections.abc import Iterator

from till.checking.finding import Found, Severity
from till.checking.jsons import Value
from till.checking.rules import Rule
from till.checking.rules_schemas import given
from till.checking.rules_settings import Settings
from till.checking.subject import Subject
from till.liquid.faults import nearest
from till.themes.content import MOST_BLOCKS, MOST_BLOCKS_OF_SECTION, MOST_SECTIONS

FOLDERS = ("templates/", "sections/")


def valid(subject: Subject) -> Iterator[Found]:
    """What a template is made of."""
    for name, root in _holders(subject):
        sections = root.get("sections")
        if sections is None or sections.members is None:
            yield Found(name, root.at, "this file has sections and their order", "add both")
            continue
        order = root.get("order")
        named = [each.plain for each in root.each("order")]
        if order is None or order.items is None:
            yield Found(name, root.at, "this file has no order, so no section is shown", "add order: [ … ]")
        for each in root.each("order"):
            if str(each.plain) not in sections.members:
                close = nearest(str(each.plain), sections.members)
                fix = f"write {close}" if close else "take it out of order"
                yield Found(name, each.at, f"order names {each.plain}, and there is no such section", fix)
        for key, at in sections.names.items():
            if order is not None and key not in named:
                yield Found(
                    name, at, f"the section {key} is not in order, so it is not shown", "add it there"
                )
        layout = root.get("layout")
        if layout is not None and isinstance(layout.plain, str):
            wanted = f"layout/{layout.plain}.liquid"
            if wanted not in subject.files:
                yield Found(name, layout.at, f"there is no {wanted}", "name one that is there, or false")


def known_parts(subject: Subject) -> Iterator[Found]:
    """Sections and blocks that a template names."""
    settings = Settings(subject)
    types = subject.names("sections", ".liquid")
    for name, root in _holders(subject):
        for key, _, section in root.pairs("sections"):
            kind = section.text("type")
            if kind is None:
                yield Found(name, section.at, f"the section {key} has no type", "name a file of sections/")
            elif kind not in types:
                if not kind.startswith("shopify://apps/") and kind != "apps":
                    close = nearest(kind, types)
                    said = f"there is no sections/{kind}.liquid"
                    yield Found(name, section.at, said, f"write {close}" if close else "add the section")
            else:
                yield from _blocks(settings, name, f"sections/{kind}.liquid", section)


def given_settings(subject: Subject) -> Iterator[Found]:
    """Settings that a template gives and nobody defines."""
    settings = Settings(subject)
    for name, root in _holders(subject):
        for _, _, section in root.pairs("sections"):
            file = f"sections/{section.text('type')}.liquid"
            own = settings.section(file)
            if own is not None:
                yield from given(name, section, own)
                yield from _given_blocks(settings, name, file, section)


def limits(subject: Subject) -> Iterator[Found]:
    """More sections or blocks than a template may have (semantics.md §5.3)."""
    for name, root in _holders(subject):
        sections = list(root.pairs("sections"))
        if len(sections) > MOST_SECTIONS:
            said = f"there are {len(sections)} sections, and {MOST_SECTIONS} are allowed"
            yield Found(name, sections[MOST_SECTIONS][1], said, "leave some out")
        total = 0
        for key, at, section in sections:
            count = sum(1 for _ in _all_blocks(section))
            total += count
            if count > MOST_BLOCKS_OF_SECTION:
                said = f"the section {key} has {count} blocks, and {MOST_BLOCKS_OF_SECTION} are allowed"
                yield Found(name, at, said, "leave some out")
        if total > MOST_BLOCKS:
            said = f"there are {total:,} blocks, and {MOST_BLOCKS:,} are allowed"
            yield Found(name, root.at, said, "leave some out")


def _holders(subject: Subject) -> Iterator[tuple[str, Value]]:
    return ((name, root) for name, root in subject.jsons.items() if name.startswith(FOLDERS))


def _blocks(settings: Settings, name: str, file: str, holder: Value) -> Iterator[Found]:
    known = settings.blocks(file)
    named = [each.plain for each in holder.each("block_order")]
    order = holder.get("block_order")
    for key, at, block in holder.pairs("blocks"):
        if order is not None and key not in named and block.get("static") is None:
            yield Found(
                name, at, f"the block {key} is not in block_order, so it is not shown", "add it there"
            )
        kind = block.text("type") or ""
        inner = f"blocks/{kind}.liquid"
        if block.get("static") is not None and inner in settings.subject.files:
            yield from _blocks(settings, name, inner, block)
        elif known is not None and kind not in known:
            if kind.startswith("shopify://apps/") and "@app" in known:
                continue
            close = nearest(kind, known)
            said = f"{file} takes no block of the type {kind!r}"
            yield Found(name, block.at, said, f"write {close}" if close else "add the type to its schema")
        elif inner in settings.subject.files and block.get("blocks") is not None:
            yield from _blocks(settings, name, inner, block)
    for each in holder.each("block_order"):
        blocks = holder.get("blocks")
        if blocks is None or blocks.members is None or str(each.plain) not in blocks.members:
            said = f"block_order names {each.plain}, and there is no such block"
            yield Found(name, each.at, said, "take it out of block_order")


def _given_blocks(settings: Settings, name: str, file: str, holder: Value) -> Iterator[Found]:
    known = settings.blocks(file) or {}
    for _, _, block in holder.pairs("blocks"):
        kind = block.text("type") or ""
        inner = f"blocks/{kind}.liquid"
        own = known.get(kind)
        if own is None and inner in settings.subject.files:
            own = settings.section(inner)
        if own is not None:
            yield from given(name, block, own)
        if inner in settings.subject.files:
            yield from _given_blocks(settings, name, inner, block)


def _all_blocks(holder: Value) -> Iterator[Value]:
    for _, _, block in holder.pairs("blocks"):
        yield block
        yield from _all_blocks(block)


RULES = (
    Rule("ValidTemplate", Severity.ERROR, "Templates whose sections and order do not match", valid),
    Rule("ValidSectionType", Severity.ERROR, "Sections and blocks that are not there", known_parts),
    Rule("ValidSettings", Severity.WARNING, "Settings that a template gives in vain", given_settings),
    Rule("TemplateLimits", Severity.ERROR, "More sections or blocks than are allowed", limits),
)
