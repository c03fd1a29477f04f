"""Rules of variables: objects that nobody made, and properties that an object does not have."""

import re
from collections.abc import Iterator

from liquid.ast import Node
from liquid.builtin.expressions import Path, StringLiteral

from till.checking.facts import properties
from till.checking.finding import Found, Severity
from till.checking.rules import Rule
from till.checking.subject import Subject, Tree, at_of
from till.liquid.faults import nearest
from till.liquid.objects import OBJECTS

# What Liquid itself reads as a value, and what loops and blocks bring along.
WORDS = frozenset({"empty", "blank", "nil", "null", "true", "false", "forloop", "tablerowloop"})
PARAMETER = re.compile(r"@param\s+(?:\{[^}]*\}\s*)?\[?([A-Za-z_][\w-]*)")
# Any list or text has these, whatever else it is.
ALWAYS = frozenset({"size", "first", "last"})


def undefined_object(subject: Subject) -> Iterator[Found]:
    """Variables that no tag makes, nobody passes, and the platform does not have."""
    scopes = Scopes(subject)
    for name, tree in subject.trees.items():
        known, handled = scopes.of(name, tree), _handled(tree)
        for path in tree.paths():
            root = path.path[0]
            if isinstance(root, str) and root not in known and root not in handled:
                close = nearest(root, known)
                yield Found(
                    name, at_of(path), f"nothing is called {root} here", f"write {close}" if close else ""
                )


def unknown_property(subject: Subject) -> Iterator[Found]:
    """Properties of global objects that those do not have."""
    scopes, known = Scopes(subject), properties()
    for name, tree in subject.trees.items():
        made = scopes.made(name, tree)
        for path in tree.paths():
            root, *rest = path.path
            if not isinstance(root, str) or root in made or root not in known or not rest:
                continue
            wanted = rest[0]
            if isinstance(wanted, str) and wanted not in known[root] | ALWAYS:
                close = nearest(wanted, known[root])
                said = f"{root} has no property {wanted}"
                yield Found(name, at_of(path), said, f"write {root}.{close}" if close else "")


class Scopes:
    """Which variables there are in each file."""

    def __init__(self, subject: Subject) -> None:
        self._passed: dict[str, set[str]] = {}
        self._shared: set[str] = set()
        self._open: set[str] = set()
        self._is_dynamic = False
        for tree in subject.trees.values():
            own = _made_in(tree)
            for node in tree.nodes:
                self._note(node, own)

    def of(self, name: str, tree: Tree) -> set[str]:
        """All that can be read in a file."""
        return self.made(name, tree) | OBJECTS | WORDS

    def made(self, name: str, tree: Tree) -> set[str]:
        """What the file or those that render it bring along."""
        found = _made_in(tree) | set(PARAMETER.findall(tree.source.text))
        if name.startswith("snippets/"):
            found |= self._passed.get(name, set())
            if name in self._open or self._is_dynamic:
                found |= self._shared
        if name.startswith("blocks/"):
            found |= self._passed.get("blocks/", set())
        return found

    def _note(self, node: Node, own: set[str]) -> None:
        if node.token.kind != "tag" or node.token.value not in ("render", "include", "content_for"):
            return
        given = {argument.name for argument in getattr(node, "args", [])}
        if node.token.value == "content_for":
            self._passed.setdefault("blocks/", set()).update(given)
            return
        name, alias = getattr(node, "name", None), getattr(node, "alias", None)
        is_include = node.token.value == "include"
        if not isinstance(name, StringLiteral):
            self._is_dynamic = self._is_dynamic or is_include
            self._shared |= own | given
            return
        file = f"snippets/{name.value}.liquid"
        if getattr(node, "var", None) is not None:
            given |= {str(alias) if alias else name.value, "forloop"}
        self._passed.setdefault(file, set()).update(given)
        if is_include:
            self._open.add(file)
            self._shared |= own | given


def _made_in(tree: Tree) -> set[str]:
    found: set[str] = set()
    for node in tree.nodes:
        found.update(str(each) for each in node.template_scope())
        found.update(str(each) for each in node.block_scope())
    return found


def _handled(tree: Tree) -> set[str]:
    """The variables that a file asks for with a default, so that their absence is provided for."""
    return {
        str(value.left.path[0])
        for value in tree.filtered()
        if isinstance(value.left, Path) and any(each.name == "default" for each in value.filters or [])
    }


RULES = (
    Rule("UndefinedObject", Severity.ERROR, "Variables that nobody made", undefined_object),
    Rule("UnknownProperty", Severity.WARNING, "Properties that an object does not have", unknown_property),
)
