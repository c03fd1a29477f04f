"""What a slice may ask of storage. Two real implementations: SQLite and PostgreSQL.

*Work* is a coroutine function of a `Tx`. It awaits nothing but that `Tx`, keeps no state between
runs and may be run again from its start (after a deadlock, a lost connection, or because another
request of the same group failed). SQL is text with `:named` parameters, the same for both stores
wherever possible; rows are tuples in the order of the SELECT list.
"""

from collections.abc import Awaitable, Callable, Hashable, Sequence
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from till.errors import Unavailable

T = TypeVar("T")
Row = Sequence[Any]
Work = Callable[["Tx"], Awaitable[T]]


class Dialect(StrEnum):
    """Which SQL is spoken, for the few statements that must differ (full-text search)."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


class Tx(Protocol):
    """One transaction: what is written becomes durable together, or not at all."""

    dialect: Dialect

    async def fetch(self, sql: str, **params: Any) -> list[Row]:
        """Run one statement and answer its rows."""

    async def execute(self, sql: str, **params: Any) -> None:
        """Run one statement that answers no rows."""


class Database(Protocol):
    dialect: Dialect

    async def read(self, work: Work[T], *, heavy: bool = False) -> T:
        """Run `work` without changing anything; waits for no writer.

        `heavy` says that a statement may look at many rows, so that it must not hold up others.
        All statements of a heavy read see one moment; those of another may each see a later one.
        """

    async def write(self, work: Work[T], *, shop_id: int | None = None, key: Hashable = None) -> T:
        """Run `work` and return once what it wrote is durable; undo it all if it raises.

        All writes of one shop are serialised. Concurrent works may share a commit, each undoable
        on its own; two works with the same `key` never share one. By giving a `key` a work says
        that, but for works of that key, it minds no other between its statements: then PostgreSQL
        runs it beside others of its shop, much faster. Without one it has its shop to itself.
        """

    def mark(self) -> object | None:
        """A mark that stays equal until somebody commits; None where asking costs a round trip."""

    async def scrub(self) -> None:
        """See to it soon that no file beside the rows holds what was removed from them."""

    async def close(self) -> None:
        """Finish what was accepted, then let go of files and connections."""


class StoreUnavailable(Unavailable):
    """The store cannot be reached, or cannot take a write; nothing was changed by the work."""


class DuplicateRow(Exception):
    """A unique key is taken."""
