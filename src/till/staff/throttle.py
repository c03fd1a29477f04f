"""Holds up those who fail to sign in, by account and by address; kept in the store, for all processes."""

import hashlib
import ipaddress
from dataclasses import dataclass

from till.clock import DAY, SECOND
from till.db.port import Tx
from till.errors import Throttled

LONGEST_WAIT = 900
FORGOTTEN = DAY

# Counts before the password is looked at, so that many at once get no more tries than one after the other.
# Where the name is still held up nothing is changed, and no row answered.
COUNT = """
    INSERT INTO sign_in_failures (name, failures, last_at, until) VALUES (:name, 1, :at, 0)
    ON CONFLICT (name) DO UPDATE SET
        failures = CASE WHEN sign_in_failures.last_at < :forgotten THEN 1
            ELSE sign_in_failures.failures + 1 END,
        last_at = :at
    WHERE sign_in_failures.until <= :at
    RETURNING failures
"""
HOLD = "UPDATE sign_in_failures SET until = :until WHERE name = :name"
UNTIL = "SELECT until FROM sign_in_failures WHERE name = :name"
CLEAR = "DELETE FROM sign_in_failures WHERE name = :name"
UNCOUNT = "UPDATE sign_in_failures SET failures = failures - 1, until = 0 WHERE name = :name AND failures > 0"
FORGET = "DELETE FROM sign_in_failures WHERE last_at < :forgotten"


class TooManyAttempts(Throttled):
    """Too many tries in a row failed for this account, or from this address."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How many failures are free; each beyond doubles the wait, from one second to fifteen minutes."""

    free: int

    def wait(self, failures: int) -> int:
        """Seconds to wait after so many failures in a row."""
        beyond = failures - self.free
        # Past ten doublings it is the longest anyway; a larger power is not worked out.
        return 0 if beyond < 0 else min(2 ** min(beyond, 10), LONGEST_WAIT)


ACCOUNT = Limit(free=5)
ADDRESS = Limit(free=30)


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who tries, by names that tell nobody's e-mail."""

    account: str
    address: str


def attempt_of(email: str, address: str) -> Attempt:
    """The names under which a try is counted: the account's, there or not, and the address's network."""
    told = hashlib.sha256(email.strip().lower().encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return Attempt(account=f"account {told}", address=f"address {_network(address)}")


def _network(address: str) -> str:
    """An address, of version 6 the /64 that one customer has."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


@dataclass(frozen=True, slots=True)
class Throttle:
    """What is known of failures."""

    tx: Tx

    async def count(self, attempt: Attempt, *, at: int) -> None:
        """Count one try as failed until `succeed` says otherwise; `TooManyAttempts` while one must wait."""
        for name, limit in ((attempt.address, ADDRESS), (attempt.account, ACCOUNT)):
            counted = await self.tx.fetch(COUNT, name=name, at=at, forgotten=at - FORGOTTEN)
            if not counted:
                rows = await self.tx.fetch(UNTIL, name=name)
                left = -(-(rows[0][0] - at) // SECOND) if rows else 1
                raise TooManyAttempts(
                    f"Too many tries failed: wait {_spoken(left)}, then try again.", retry_after=max(left, 1)
                )
            wait = limit.wait(counted[0][0])
            if wait:
                await self.tx.execute(HOLD, name=name, until=at + wait * SECOND)

    async def succeed(self, attempt: Attempt) -> None:
        """The try was none that failed: the account starts over, the address has one failure less."""
        await self.tx.execute(CLEAR, name=attempt.account)
        await self.tx.execute(UNCOUNT, name=attempt.address)

    async def clear(self, email: str) -> None:
        """Let somebody try again at once."""
        await self.tx.execute(CLEAR, name=attempt_of(email, "").account)


async def forget_old(tx: Tx, *, at: int) -> None:
    """Drop what is a day old."""
    await tx.execute(FORGET, forgotten=at - FORGOTTEN)


def _spoken(seconds: int) -> str:
    if seconds <= 1:
        return "a second"
    return f"{seconds} seconds" if seconds < 120 else f"{-(-seconds // 60)} minutes"
