"""The limit for deliveries: a bare client that posts the same bytes with the same headers, and keeps no log.

`python -m bench.bare_sender URL COUNT` reads one request, as JSON, from standard input: `headers` and
`body`. It posts that COUNT times, with as many in flight as Till allows itself to one host, and prints the
seconds taken.
"""

import asyncio
import json
import sys
import time
from typing import Any

import aiohttp
import uvloop

IN_FLIGHT = 16


async def post_all(url: str, asked: dict[str, Any], count: int) -> float:
    left = iter(range(count))
    body = asked["body"].encode()
    connector = aiohttp.TCPConnector(limit=IN_FLIGHT)
    async with aiohttp.ClientSession(connector=connector, trust_env=False, auto_decompress=False) as session:

        async def one_after_another() -> None:
            for _ in left:
                async with session.post(url, data=body, headers=asked["headers"]) as answer:
                    await answer.read()
                    if answer.status != 200:
                        raise RuntimeError(f"the sink answered {answer.status}")

        began = time.perf_counter()
        await asyncio.gather(*(one_after_another() for _ in range(IN_FLIGHT)))
        return time.perf_counter() - began


def main() -> None:
    spent = uvloop.run(post_all(sys.argv[1], json.load(sys.stdin), int(sys.argv[2])))
    print(json.dumps({"seconds": spent}))


if __name__ == "__main__":
    main()
