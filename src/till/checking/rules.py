"""Rules of a check: each has a name that `.theme-check.yml` knows, says how bad it is, and what about."""

from collections.abc import Callable, Iterator

from msgspec import Struct

from till.checking.finding import Found, Severity
from till.checking.subject import Subject

Look = Callable[[Subject], Iterator[Found]]


class Rule(Struct, frozen=True):
    """`about` is one sentence; `mends` says that what it finds can at times be mended by `--fix`."""

    name: str
    severity: Severity
    about: str
    look: Look
    mends: bool = False


def rules_of(*parts: tuple[Rule, ...]) -> dict[str, Rule]:
    """All rules by their names."""
    return {rule.name: rule for part in parts for rule in part}
