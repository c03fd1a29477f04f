"""What is longer than most: how much of it is in memory at once."""

from collections import Counter
from types import TracebackType
from typing import Self

from till.errors import Throttled

MIB = 1 << 20
# Bytes, of what arrives, is packed or is read; what is made of them on the way takes a few times as much.
MOST_OF_ONE = 128 * MIB
MOST_OF_ALL = 192 * MIB
AGAIN_SECONDS = 5


class TooMuchAtOnce(Throttled):
    """So much is in memory for the shop, or for all, that no more may be."""


class Scales:
    """How many bytes there are in memory of requests that are longer than most, in one serving process."""

    def __init__(self) -> None:
        self._held: Counter[int] = Counter()

    def add(self, shop_id: int, size: int) -> None:
        """Count `size` more for a shop; `TooMuchAtOnce` where that is more than it may, or all may."""
        if self._held[shop_id] + size > MOST_OF_ONE or self._held.total() + size > MOST_OF_ALL:
            raise TooMuchAtOnce(
                "The server works on as many large requests as it can hold: repeat this one in a moment, one "
                "after another.",
                retry_after=AGAIN_SECONDS,
            )
        self._held[shop_id] += size

    def remove(self, shop_id: int, size: int) -> None:
        """Count so many less."""
        self._held[shop_id] -= size
        if self._held[shop_id] <= 0:
            del self._held[shop_id]


class Load:
    """What one request has on the scales, until the block ends."""

    def __init__(self, scales: Scales) -> None:
        self._scales = scales
        self._shop_id = self._size = 0

    def grow(self, shop_id: int, size: int) -> None:
        """Have `size` bytes on them, for this shop; refuses as `Scales.add`."""
        if size > self._size:
            self._scales.add(shop_id, size - self._size)
            self._shop_id, self._size = shop_id, size

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._size:
            self._scales.remove(self._shop_id, self._size)
