"""SQL with `:named` parameters as PostgreSQL wants it: numbered, and runnable many at once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

# What may hold a colon that names nothing: literals, quoted names, comments, dollars and casts.
PIECE = re.compile(
    r"""'(?:[^']|'')*'|"[^"]*"|--[^\n]*|/\*.*?\*/|(?P<dollar>\$\w*\$).*?(?P=dollar)|::"""
    r"""|(?<!\w):(?P<name>[A-Za-z_]\w*)""",
    re.DOTALL,
)
CHANGES = re.compile(r"\b(INSERT|UPDATE|DELETE|MERGE|CREATE|ALTER|DROP)\b", re.IGNORECASE)
LOCKS = re.compile(r"\bFOR\s+(NO\s+KEY\s+)?UPDATE\b", re.IGNORECASE)
WORD = re.compile(r"\s*(\w+)")


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """One SQL text; `counted` answers each row behind the number of its asker, if that can be."""

    text: str
    names: tuple[str, ...]
    changes: bool
    counted: str | None

    def values(self, params: Mapping[str, Any]) -> list[Any]:
        return [params[name] for name in self.names]


@lru_cache(maxsize=4096)
def statement(sql: str) -> Statement:
    names: dict[str, int] = {}

    def number(match: re.Match[str]) -> str:
        name = match["name"]
        return match[0] if name is None else f"${names.setdefault(name, len(names) + 1)}"

    text = PIECE.sub(number, sql).strip().rstrip(";")
    word = match[1].upper() if (match := WORD.match(text)) else ""
    changes = word not in {"SELECT", "VALUES", "WITH"} or bool(CHANGES.search(LOCKS.sub("", text)))
    asker = f"${len(names) + 1}::int"
    return Statement(text, tuple(names), changes, counted(text, word, asker, changes=changes))


def counted(text: str, word: str, asker: str, *, changes: bool) -> str | None:
    if not changes:
        return f"SELECT {asker}, q.* FROM ({text}) q"
    if word in {"INSERT", "UPDATE", "DELETE"}:
        return f"WITH q AS ({text}) SELECT {asker}, q.* FROM q"
    return None  # WITH that changes may only stand outermost
