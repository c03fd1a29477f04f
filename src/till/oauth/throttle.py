"""How often one app, from one address, may ask for tokens; whoever fails may ask less often."""

from dataclasses import dataclass, field

from till.apps.throttle import Bucket
from till.clock import DAY
from till.errors import Throttled

SIZE, REFILL = 100, 10
# What a failure costs beside the token of every request: ten in a row empty the bucket.
FAILURE = 9
MOST = 10_000


class TooManyTokens(Throttled):
    """Too many tokens were asked for by this app from this address, or too many failed to."""


@dataclass(slots=True)
class TokenThrottle:
    """Buckets of this process. Secrets and codes are too long to be guessed; this keeps out the noise."""

    _levels: dict[tuple[str, str], Bucket] = field(default_factory=dict)

    def take(self, client_id: str, address: str, *, at: int) -> None:
        """Count one request; `TooManyTokens` where the bucket is empty."""
        if len(self._levels) >= MOST:
            self._levels = {key: each for key, each in self._levels.items() if at - each.at < DAY}
        if len(self._levels) >= MOST:
            self._levels.clear()
        key = _key(client_id, address)
        level = self._levels.get(key, Bucket())
        taken = level.take(size=SIZE, refill=REFILL, at=at)
        if taken is None:
            wait = level.wait(size=SIZE, refill=REFILL, at=at)
            raise TooManyTokens(f"Too many tokens are asked for: repeat in {wait} s.", retry_after=wait)
        self._levels[key] = taken

    def failed(self, client_id: str, address: str) -> None:
        """Let a failure count for more."""
        key = _key(client_id, address)
        level = self._levels.get(key, Bucket())
        self._levels[key] = Bucket(min(level.used + FAILURE, SIZE), level.at)


def _key(client_id: str, address: str) -> tuple[str, str]:
    return client_id[:64], address
