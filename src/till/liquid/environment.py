"""The tags, filters and files of one theme."""

import re
from collections.abc import Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from liquid import DictLoader, Environment, Mode
from liquid.ast import Node
from liquid.exceptions import LiquidError, LiquidSyntaxError, TemplateNotFoundError, UnknownFilterError
from liquid.parser import get_parser
from liquid.token import Token

from till.liquid.errors import fault_of
from till.liquid.faults import Fault
from till.liquid.grammar import ThemeStream, blanked, unclosed
from till.liquid.lexing import tokens
from till.liquid.limits import Limits
from till.liquid.names import Names
from till.liquid.objects import OBJECTS
from till.liquid.parsed import Memory, Parsed
from till.liquid.parts import finish
from till.liquid.tags import register as register_tags
from till.liquid.template import ThemeTemplate

DECLARED = re.compile(
    r"(?<![\w-])([A-Za-z_][\w-]*)\s*[:=]|(?:capture|for|tablerow|increment|decrement|as)\s+['\"]?([\w-]+)"
)
"""What can be a variable of some file: arguments, assignments, loop variables.

A name is tried from its beginning alone, for a text may have a word of its whole length."""


MEMORY = Memory()
MOST_OF_A_FILE = 1_000
"""So many faults of one file are kept; who has more has no use for them all."""


class ThemeEnvironment(Environment):
    """Parses the files of a theme, each once.

    Lax, it reads what real themes write, and leaves out what is broken; strict, it reads the exact grammar,
    and a file that breaks it is empty. Either way `faults_of` says what is wrong.
    """

    template_class = ThemeTemplate
    memory = MEMORY

    def __init__(self, files: Mapping[str, str], limits: Limits, *, strict: bool = False) -> None:
        self.files = files
        self.limits = limits
        self.strict = strict
        self.block_nesting_limit = limits.nesting  # type: ignore[misc] # set for each theme, not for all
        self.context_depth_limit = limits.depth  # type: ignore[misc] # as above
        self.output_stream_limit = limits.output  # type: ignore[misc] # as above
        self.loop_iteration_limit = limits.loops  # type: ignore[misc] # as above
        self.local_namespace_limit = limits.held  # type: ignore[misc] # as above
        self._parsed: dict[str, ThemeTemplate] = {}
        self._faults: dict[str, list[Fault]] = {}
        self._parsing: list[tuple[str, str]] = []
        self._unclosed: dict[str, Token | None] = {}
        super().__init__(
            tolerance=Mode.STRICT if strict else Mode.LAX,
            loader=DictLoader({}),
            strict_filters=strict,
        )
        self.names = Names([name for name in self.tags if name.isalpha()], self.filters.keys(), list(files))

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """The tags and filters of python-liquid, then those of a store."""
        super().setup_tags_and_filters(extra=extra)
        register_tags(self)
        register_filters(self)

    @cached_property
    def declared(self) -> frozenset[str]:
        """Names that are set or passed anywhere in the theme, or known to the platform."""
        found = set(OBJECTS)
        for name, text in self.files.items():
            if name.endswith(".liquid"):
                found.add(name.rpartition("/")[2].removesuffix(".liquid"))
                found |= _declared_in(text)
        return frozenset(found)

    def _parse(self, source: str) -> list[Node]:
        stream = ThemeStream(tokens(blanked(source)), lax=not self.strict)
        return get_parser(self).parse(stream)

    def faults_of(self, file: str) -> list[Fault]:
        """What parsing a file found wrong."""
        return self._faults.get(file, [])

    def error(
        self, exc: type[LiquidError] | LiquidError, msg: str | None = None, token: Token | None = None
    ) -> None:
        """Keep what is wrong with the file that is being parsed; strict, stop parsing it."""
        error = exc if isinstance(exc, LiquidError) else exc(msg, token=token)
        error.token = error.token or token
        if self.strict or not self._parsing:
            raise error
        self._keep(error)

    def _keep(self, error: LiquidError) -> None:
        file, source = self._parsing[-1]
        # What makes no file be refused gives way to what does.
        most = MOST_OF_A_FILE if isinstance(error, UnknownFilterError) else 2 * MOST_OF_A_FILE
        if len(self._faults[file]) >= most:
            return
        if error.token is None or error.token.start_index < 0:
            error = self._at_an_end(error, source)
        self._faults[file].append(fault_of(error, file, self.names))

    def _at_an_end(self, error: LiquidError, source: str) -> LiquidError:
        """An error at the end of the file is that of a tag which is never closed."""
        if not str(error.message).startswith("expected tag end"):
            return error
        ends = {name: tag.end for name, tag in self.tags.items() if tag.block and tag.end}
        file = self._parsing[-1][0]
        if file not in self._unclosed:
            self._unclosed[file] = unclosed(source, ends)
        token = self._unclosed[file]
        if token is None:
            return error
        return LiquidSyntaxError(f"{token.value} is never closed by {ends[token.value]}", token=token)

    def has(self, file: str) -> bool:
        """Whether the theme has a file of this name."""
        return file in self.files

    def file(self, name: str) -> ThemeTemplate:
        """A file of the theme, parsed; raises TemplateNotFoundError."""
        found = self._parsed.get(name)
        if found is None:
            source = self.files.get(name)
            if source is None:
                raise TemplateNotFoundError(name)
            found = self._parsed[name] = self.from_string(source, name=name)
        return found

    def text(self, source: str) -> ThemeTemplate:
        """A text of its own: the Liquid of a setting."""
        return self.from_string(source, name="config/settings_data.json")

    def get_template(self, name: str, **_: Any) -> ThemeTemplate:
        """A snippet, as `render` and `include` name it."""
        return self.file(f"snippets/{name}.liquid")

    def from_string(
        self,
        source: str,
        name: str = "",
        path: str | Path | None = None,
        globals: Mapping[str, object] | None = None,  # noqa: A002 -- the name is python-liquid's
        matter: Mapping[str, object] | None = None,
    ) -> ThemeTemplate:
        """Parse a text; what is wrong with it is kept for `faults_of`."""
        rules = (self.strict, self.limits.nesting, self.limits.chain)
        parsed = self.memory.get(rules, name, source)
        if parsed is None:
            parsed = self._parsed_of(name, source)
            self.memory.keep(rules, name, source, parsed)
        self._faults[name] = parsed.faults
        return ThemeTemplate(
            self, parsed.nodes, name=name, path=path, globals=self.make_globals(globals), matter=matter
        )

    def _parsed_of(self, name: str, source: str) -> Parsed:
        self._parsing.append((name, source))
        self._faults[name] = []
        self._unclosed.pop(name, None)
        nodes: list[Node] = []
        try:
            nodes = self._parse(source)
            for error in finish(self, nodes, self.limits.chain):
                self._keep(error)
        except LiquidError as error:
            self._keep(error)
        except RecursionError:
            self._keep(LiquidSyntaxError("expressions are nested too deep", token=None))
        finally:
            self._parsing.pop()
        return Parsed(nodes, self._faults[name])


@lru_cache(maxsize=500)
def _declared_in(source: str) -> frozenset[str]:
    return frozenset(match[1] or match[2] for match in DECLARED.finditer(source))


def register_filters(environment: Environment) -> None:
    """The filters of a store, one module a family."""
    from till.liquid import filters  # noqa: PLC0415 -- filters read names that this module defines

    filters.register(environment)
