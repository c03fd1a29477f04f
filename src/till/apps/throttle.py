"""The token bucket of one installation (genstore.md §5): a request takes a token, time brings them back."""

import math

from msgspec import Struct

from till.clock import SECOND


class Bucket(Struct, frozen=True):
    """How much of a bucket was used at a moment; `used` shrinks by `refill` a second."""

    used: float = 0.0
    at: int = 0

    def now(self, *, refill: int, at: int) -> "Bucket":
        """The bucket at `at`; a clock that stepped back brings nothing and takes nothing."""
        passed = max(0, at - self.at) / SECOND
        return Bucket(max(0.0, self.used - passed * refill), max(at, self.at))

    def take(self, *, size: int, refill: int, at: int) -> "Bucket | None":
        """The bucket with one token less, or None when it is empty."""
        bucket = self.now(refill=refill, at=at)
        return Bucket(bucket.used + 1, bucket.at) if bucket.used + 1 <= size else None

    def give_back(self) -> "Bucket":
        """The bucket after a request that turned out to be free."""
        return Bucket(max(0.0, self.used - 1), self.at)

    def wait(self, *, size: int, refill: int, at: int) -> int:
        """Whole seconds until a token is there, at least 1."""
        missing = self.now(refill=refill, at=at).used + 1 - size
        return max(1, math.ceil(missing / refill))

    def shown(self, size: int) -> str:
        """`used/size`, as the header has it."""
        return f"{min(size, math.ceil(self.used))}/{size}"
