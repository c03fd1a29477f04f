"""The server's end of one worker: what it keeps, what it is asked, and what it answers."""

import asyncio
import resource
import socket
import sys
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import msgspec

from till.fence.limits import MIB
from till.fence.wire import HEAD, Asked, Told, framed

# Of packed themes and catalogues; what they become in the worker is a few times that.
MOST_KEPT = 32 * MIB


class Hand:
    """One worker."""

    def __init__(self, pid: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.pid = pid
        self._reader = reader
        self._writer = writer
        self._kept: OrderedDict[str, int] = OrderedDict()

    @classmethod
    async def over(cls, pid: int, link: socket.socket) -> "Hand":
        return cls(pid, *await asyncio.open_connection(sock=link))

    @property
    def is_gone(self) -> bool:
        """Whether it has ended while it had nothing to do."""
        return self._reader.at_eof()

    def keeps(self, key: str) -> bool:
        return key in self._kept

    def ask(self, job: str, keys: Sequence[str], values: Sequence[bytes]) -> None:
        """Send a job; what has a key and a value is kept from then on, and the oldest of it is forgotten."""
        for key, value in zip(keys, values, strict=True):
            if key:
                self._kept[key] = len(value) or self._kept[key]
                self._kept.move_to_end(key)
        forget = []
        while sum(self._kept.values()) > MOST_KEPT and next(iter(self._kept)) not in keys:
            forget.append(self._kept.popitem(last=False)[0])
        self._writer.write(framed(Asked(job, list(values), list(keys), forget)))

    async def answer(self, most: int) -> Told:
        """What came of the job; ValueError for an answer of more than `most` bytes, EOFError for none."""
        length = int.from_bytes(await self._reader.readexactly(HEAD), "big")
        if length > most:
            raise ValueError(f"An answer of {length} bytes.")
        return msgspec.msgpack.decode(await self._reader.readexactly(length), type=Told)

    async def resident(self) -> int:
        """The bytes of memory it has now; 0 where it is gone."""
        return await resident_by_ps(self.pid) if sys.platform == "darwin" else _resident(self.pid)

    def close(self) -> None:
        self._writer.close()


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return 0


async def resident_by_ps(pid: int) -> int:
    """As `Hand.resident`, where only `ps` tells."""
    process = await asyncio.create_subprocess_exec(
        "ps", "-o", "rss=", "-p", str(pid), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    told, _ = await process.communicate()
    return int(told or 0) * 1024
