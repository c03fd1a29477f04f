"""The theme that is checked: its files read once, each as what it is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from liquid.ast import Node
from liquid.builtin.expressions import Filter, FilteredExpression, Path, StringLiteral
from liquid.exceptions import LiquidError
from liquid.expression import Expression

from till.checking.jsons import BadJson, Value, parse
from till.checking.source import Source
from till.liquid.environment import ThemeEnvironment
from till.liquid.faults import Fault
from till.liquid.grammar import opaque
from till.liquid.limits import Limits
from till.liquid.parsed import Memory
from till.liquid.parts import below, expressions
from till.themes.files import is_text, limit_of, name_fault

SCHEMA_FOLDERS = ("sections/", "blocks/")


class _Environment(ThemeEnvironment):
    """Parses as the storefront does, and notes where in the text each fault stands.

    It has a memory of its own: what was parsed before tells no places.
    """

    def __init__(self, files: Mapping[str, str]) -> None:
        self.memory = Memory()
        self.placed: dict[str, list[tuple[int, Fault]]] = {}
        super().__init__(files, Limits())

    def _keep(self, error: LiquidError) -> None:
        file, source = self._parsing[-1]
        before = len(self._faults[file])
        super()._keep(error)
        if len(self._faults[file]) == before:
            return
        fault, token = self._faults[file][-1], error.token
        is_placed = token is not None and token.start_index >= 0
        at = (
            token.start_index
            if token is not None and is_placed
            else Source(file, source).start_of(fault.line)
        )
        self.placed.setdefault(file, []).append((at, fault))


@dataclass(slots=True)
class Tree:
    """A Liquid file: its nodes, every expression in it with its node, and what parsing found wrong."""

    source: Source
    nodes: list[Node] = field(default_factory=list)
    expressions: list[tuple[Node, Expression]] = field(default_factory=list)
    faults: list[tuple[int, Fault]] = field(default_factory=list)

    def paths(self) -> Iterator[Path]:
        """Every variable that is read, with its properties."""
        return (each for _, each in self.expressions if isinstance(each, Path))

    def texts(self) -> Iterator[StringLiteral]:
        """Every text between quotes."""
        return (each for _, each in self.expressions if isinstance(each, StringLiteral))

    def filtered(self) -> Iterator[FilteredExpression]:
        """Every value with filters behind it."""
        return (each for _, each in self.expressions if isinstance(each, FilteredExpression))


def at_of(part: Node | Expression | Filter) -> int:
    """Where a node or an expression begins in its file."""
    return max(part.token.start_index, 0)


class Subject:
    """The files of a theme: the content of some by name, and the sizes of `others`.

    What is too large or is no text is not read.
    """

    def __init__(self, files: Mapping[str, bytes], others: Mapping[str, int] | None = None) -> None:
        self.files = {name: len(content) for name, content in files.items()} | dict(others or {})
        self.sources: dict[str, Source] = {}
        self.unreadable: dict[str, int] = {}
        for name, content in files.items():
            if not is_text(name) or (name_fault(name) is None and len(content) > limit_of(name)):
                continue
            try:
                self.sources[name] = Source(name, content.decode())
            except UnicodeDecodeError as error:
                self.unreadable[name] = error.start

    @cached_property
    def trees(self) -> dict[str, Tree]:
        """The Liquid files, parsed."""
        texts = {name: source.text for name, source in self.sources.items()}
        environment = _Environment(texts)
        return {
            name: _tree(environment, source)
            for name, source in self.sources.items()
            if name.endswith(".liquid")
        }

    @cached_property
    def jsons(self) -> dict[str, Value]:
        """The JSON files that can be read."""
        return {name: value for name, value in self._parsed.items() if isinstance(value, Value)}

    @cached_property
    def schemas(self) -> dict[str, Value]:
        """The schemas of sections and blocks that can be read, by their files."""
        return {name: value for name, value in self._parsed_schemas.items() if isinstance(value, Value)}

    @cached_property
    def broken(self) -> list[tuple[str, BadJson]]:
        """JSON files and schemas that cannot be read."""
        every = [*self._parsed.items(), *self._parsed_schemas.items()]
        return [(name, value) for name, value in every if isinstance(value, BadJson)]

    def names(self, folder: str, *endings: str) -> set[str]:
        """The files of a folder without it and without their endings: `hero` of sections/hero.liquid."""
        return {
            name.removeprefix(f"{folder}/").removesuffix(ending)
            for name in self.files
            for ending in endings
            if name.startswith(f"{folder}/") and name.endswith(ending)
        }

    @cached_property
    def _parsed(self) -> dict[str, Value | BadJson]:
        return {
            name: _parsed(source.text, 0)
            for name, source in self.sources.items()
            if name.endswith(".json") and not name.startswith("assets/")
        }

    @cached_property
    def _parsed_schemas(self) -> dict[str, Value | BadJson]:
        found: dict[str, Value | BadJson] = {}
        for name, source in self.sources.items():
            if name.startswith(SCHEMA_FOLDERS) and name.endswith(".liquid"):
                for start, body in opaque(source.text, "schema"):
                    found.setdefault(name, _parsed(body, start))
        return found


def _parsed(text: str, offset: int) -> Value | BadJson:
    try:
        return parse(text, offset)
    except BadJson as bad:
        return bad


def _tree(environment: _Environment, source: Source) -> Tree:
    template = environment.file(source.name)
    tree = Tree(source, faults=environment.placed.get(source.name, []))
    for node in below(environment, template.nodes):
        tree.nodes.append(node)
        tree.expressions += [(node, each) for each in expressions(node)]
    return tree
