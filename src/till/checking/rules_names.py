"""Rules of names that lead to other files: snippets, sections, blocks, layouts, assets."""

from collections.abc import Iterator

from liquid.ast import Node
from liquid.builtin.expressions import StringLiteral

from till.checking.finding import Found, Severity
from till.checking.rules import Rule
from till.checking.subject import Subject, Tree, at_of
from till.liquid.faults import nearest
from till.themes.files import name_fault

# What a page of the shop is made of; without one its address answers that nothing is there.
PAGES = (
    "index",
    "product",
    "collection",
    "list-collections",
    "cart",
    "search",
    "page",
    "blog",
    "article",
    "404",
)
# The element whose folder a tag's name leads to.
FOLDERS = {"render": "snippets", "include": "snippets", "section": "sections", "sections": "sections"}

OF_ASSETS = frozenset({"asset_url", "asset_img_url", "inline_asset_content"})


def missing(subject: Subject) -> Iterator[Found]:
    """Files that a tag names and that are not there."""
    for name, tree in subject.trees.items():
        for node in tree.nodes:
            for at, wanted in _wanted(node):
                if wanted not in subject.files:
                    yield _missing(subject, name, at, wanted)


def missing_asset(subject: Subject) -> Iterator[Found]:
    for name, tree in subject.trees.items():
        for value in tree.filtered():
            if not value.filters or value.filters[0].name not in OF_ASSETS:
                continue
            if isinstance(value.left, StringLiteral) and not _has_asset(subject, value.left.value):
                yield _missing(subject, name, at_of(value.left), f"assets/{value.left.value}")


def missing_page(subject: Subject) -> Iterator[Found]:
    there = subject.names("templates", ".json", ".liquid")
    for page in PAGES:
        if page not in there:
            said = f"there is no templates/{page}.json or .liquid, and so no such page"
            yield Found(f"templates/{page}.json", None, said, "add one; `till theme init` has one of each")


def orphaned_snippet(subject: Subject) -> Iterator[Found]:
    if any(_is_dynamic(node) for tree in subject.trees.values() for node in tree.nodes):
        return
    used = {wanted for tree in subject.trees.values() for node in tree.nodes for _, wanted in _wanted(node)}
    for name in sorted(subject.files):
        if name.startswith("snippets/") and name not in used:
            yield Found(name, None, "nobody renders this snippet", "remove it")


def orphaned_asset(subject: Subject) -> Iterator[Found]:
    """Assets whose name stands nowhere in the theme."""
    texts = [source.text for source in subject.sources.values()]
    for name in sorted(subject.files):
        stem = name.removeprefix("assets/").removesuffix(".liquid")
        if name.startswith("assets/") and not name_fault(name) and not any(stem in text for text in texts):
            if any(_is_put_together(tree, stem) for tree in subject.trees.values()):
                continue
            yield Found(name, None, "nothing in the theme names this asset", "remove it")


def _wanted(node: Node) -> Iterator[tuple[int, str]]:
    """The files that a tag names by a text between quotes, with where it stands."""
    word = node.token.value
    name = getattr(node, "name", None)
    if node.token.kind != "tag":
        return
    if word in FOLDERS and isinstance(name, StringLiteral):
        ending = ".json" if word == "sections" else ".liquid"
        yield at_of(name), f"{FOLDERS[word]}/{name.value}{ending}"
    elif word == "layout" and isinstance(name, StringLiteral):
        yield at_of(name), f"layout/{name.value}.liquid"
    elif word == "content_for":
        for argument in getattr(node, "args", []):
            if argument.name == "type" and isinstance(argument.value, StringLiteral):
                yield at_of(argument.value), f"blocks/{argument.value.value}.liquid"


def _is_dynamic(node: Node) -> bool:
    """True of a tag that takes the name of a snippet from a variable."""
    is_partial = node.token.value == "include" and node.token.kind == "tag"
    return is_partial and not isinstance(getattr(node, "name", None), StringLiteral)


def _is_put_together(tree: Tree, stem: str) -> bool:
    """True where a text is the beginning of an asset's name, which is put together from several."""
    return any(len(each.value) > 3 and stem.startswith(each.value) for each in tree.texts())


def _has_asset(subject: Subject, name: str) -> bool:
    if f"assets/{name}" in subject.files or f"assets/{name}.liquid" in subject.files:
        return True
    return name.endswith(".css") and f"assets/{name.removesuffix('.css')}.scss.liquid" in subject.files


def _missing(subject: Subject, name: str, at: int, wanted: str) -> Found:
    folder = wanted.partition("/")[0]
    close = nearest(wanted, [each for each in subject.files if each.startswith(folder)])
    fix = f"name {close}" if close else "add the file, or take the name away"
    return Found(name, at, f"there is no {wanted}", fix)


RULES = (
    Rule("MissingTemplate", Severity.ERROR, "Files that a tag names and that are not there", missing),
    Rule("MissingAsset", Severity.ERROR, "Assets that are not there", missing_asset),
    Rule("MissingPage", Severity.WARNING, "Pages that a shop has and the theme has not", missing_page),
    Rule("OrphanedSnippet", Severity.INFO, "Snippets that nobody renders", orphaned_snippet),
    Rule("OrphanedAsset", Severity.INFO, "Assets that nothing names", orphaned_asset),
)
