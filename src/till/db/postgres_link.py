"""Connections to PostgreSQL: made when needed, made anew when lost, explained when refused."""

import contextlib
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg

from till.db.port import StoreUnavailable

CONNECT_SECONDS = 5
COMMAND_SECONDS = 30
OLDEST = 13
# The server, or the way to it, is gone for the moment; none of these is the statement's fault.
GONE = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    OSError,
    TimeoutError,
)
SETTINGS = {
    "application_name": "till",
    "default_transaction_isolation": "read committed",
    "idle_in_transaction_session_timeout": "60s",
    "jit": "off",
    "lock_timeout": "5s",
}
READING = {**SETTINGS, "default_transaction_read_only": "on"}

if TYPE_CHECKING:  # generic only in its stubs
    Connection = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection


async def connect(url: str, *, reads: bool = False, seconds: float = COMMAND_SECONDS) -> Connection:
    try:
        connection = await asyncpg.connect(
            url,
            timeout=CONNECT_SECONDS,
            command_timeout=seconds,
            statement_cache_size=1024,
            max_cached_statement_lifetime=0,
            server_settings=READING if reads else SETTINGS,
        )
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
        raise StoreUnavailable(why(error, url)) from None
    if connection.get_server_version().major < OLDEST:
        await connection.close()
        raise StoreUnavailable(f"{place(url)} is older than PostgreSQL {OLDEST}.")
    return connection


def why(error: Exception, url: str) -> str:
    """Answer one sentence that names the place and never the password."""
    if isinstance(error, asyncpg.InvalidCatalogNameError):
        return f"{place(url)} does not exist: create it, then start again."
    if isinstance(error, asyncpg.InvalidAuthorizationSpecificationError):
        return f"{place(url)} does not let this user in: check name and password in its URL."
    if isinstance(error, asyncpg.PostgresError):
        return f"{place(url)} does not answer yet: {error}."
    if isinstance(error, TimeoutError):
        return f"{place(url)} did not answer within {CONNECT_SECONDS} s."
    if isinstance(error, OSError):
        return f"{place(url)} cannot be reached: is the server running?"
    return f"The address of {place(url)} is not understood: {error}."


def place(url: str) -> str:
    parts = urlsplit(url)
    named = parse_qs(parts.query)
    host = parts.netloc.rpartition("@")[2] or named.get("host", ["localhost"])[0]
    name = unquote(parts.path.strip("/")) or named.get("dbname", ["(unnamed)"])[0]
    return f'The PostgreSQL database "{name}" at {host}'


class Link:
    """One connection that its holder uses alone."""

    def __init__(self, url: str, *, reads: bool = False, seconds: float = COMMAND_SECONDS) -> None:
        self._url = url
        self._reads = reads
        self._seconds = seconds
        self._connection: Connection | None = None

    async def connection(self) -> Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(self._url, reads=self._reads, seconds=self._seconds)
        return self._connection

    def lost(self, error: BaseException) -> bool:
        """Tell whether `error` says that the server is gone; if so, begin anew next time."""
        closed = self._connection is None or self._connection.is_closed()
        if not (isinstance(error, GONE) or (closed and isinstance(error, asyncpg.InterfaceError))):
            return False
        self.drop()
        return True

    def drop(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    def unavailable(self, error: BaseException) -> StoreUnavailable:
        if isinstance(error, StoreUnavailable):
            return StoreUnavailable(error.message)
        return StoreUnavailable(f"{place(self._url)} cannot be used at the moment: {error}.")

    async def close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                await self._connection.close(timeout=CONNECT_SECONDS)
        self.drop()
