"""What the servers are asked in a round: endless requests, all ready to send before the round begins."""

import random
import re
from collections import deque
from collections.abc import Iterator
from itertools import count, cycle, islice

from bench.databases import Prepared
from bench.load import Result, load, request
from bench.samples import NUMBER, requests
from bench.servers import Server
from till.web.api import CURRENT, ROOT

API = ROOT + CURRENT
MOST = 20_000
MARK = str(NUMBER).encode()
# Of the answer to a creation, enough to see the order's id.
KEEP = 40
ID = re.compile(rb'"orderId":"(\d+)')
TOKEN = re.compile(rb"Access-Token: (\w+)")
CANCEL = b'{"reason":"customer"}'


def targets(place: Prepared) -> dict[str, list[bytes]]:
    """The requests of each read."""
    dice = random.Random(place.orders)
    asked = dice.sample(place.ids, min(MOST, len(place.ids)))
    tokens = place.tokens
    return {
        "get": [request("GET", f"{API}/orders/{order_id}", tokens[shop]) for shop, order_id in asked],
        "list 50": [request("GET", f"{API}/orders?limit=50", token) for token in tokens],
        "count": [request("GET", f"{API}/orders/count?financialStatus=paid", token) for token in tokens],
    }


class Subject:
    """A server, and what there is to ask of it."""

    def __init__(self, server: Server, place: Prepared) -> None:
        self.server = server
        self._reads = {name: cycle(found) for name, found in targets(place).items()}
        several, one = _creations(place.tokens), _creations(place.tokens[:1])
        self._creations = {"create": several, "create, one shop": one}
        self._made: deque[bytes] = deque()

    def read(self, what: str, seconds: float) -> Result:
        return load(self.server.url, self._reads[what], seconds=seconds)

    def create(self, what: str, seconds: float) -> Result:
        result = load(self.server.url, self._creations[what], seconds=seconds, keep=KEEP)
        if what == "create":
            self._made.extend(_cancellation(sent, answer) for sent, answer in result.kept)
        return result

    def cancel(self, seconds: float) -> Result:
        """Cancel what was created before, oldest first."""
        coming = (self._made.popleft() for _ in range(len(self._made)))
        return load(self.server.url, coming, seconds=seconds)


def _creations(tokens: list[str]) -> Iterator[bytes]:
    bodies = requests()
    # Enough that nearly every shop is sent nearly every kind of order.
    made = [
        request("POST", f"{API}/orders", token, body)
        for body, token in islice(zip(cycle(bodies), cycle(tokens), strict=False), 25 * len(bodies))
    ]
    for number, sent in zip(count(1), cycle(made), strict=False):
        yield sent.replace(MARK, b"%07d" % (number % 10_000_000))


def _cancellation(sent: bytes, answer: bytes) -> bytes:
    token, order_id = TOKEN.search(sent), ID.search(answer)
    assert token is not None
    assert order_id is not None
    return request("POST", f"{API}/orders/{order_id[1].decode()}/cancel", token[1].decode(), CANCEL)
