"""What the servers are asked in a round: endless requests, all ready to send before the round begins."""

import random
import re
from collections import defaultdict, deque
from collections.abc import Iterator
from itertools import count, cycle, islice

from bench.databases import Prepared
from bench.load import Result, load, request
from bench.moves import AFTER, API, CREATIONS, LIFE, MOVES
from bench.samples import NUMBER, UNPAID, requests
from bench.servers import Server

MOST = 20_000
MARK = str(NUMBER).encode()
# Of the answer to a creation, enough to see the order's id.
KEEP = 40
ID = re.compile(rb'"orderId":"(\d+)')
TOKEN = re.compile(rb"Access-Token: (\w+)")

# An order that a server made: the token it was made with, and its id.
Made = tuple[str, int]


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
        # The orders that a move may be made with, oldest first.
        self.coming: dict[str, deque[Made]] = defaultdict(deque)
        self._reads = {name: cycle(found) for name, found in targets(place).items()}
        bodies = requests()
        several, one = CREATIONS
        self._creations = {
            several: _creations(place.tokens, bodies),
            one: _creations(place.tokens[:1], bodies),
        }
        self._unpaid = _creations(place.tokens, [bodies[each] for each in UNPAID])

    def read(self, what: str, seconds: float) -> Result:
        return load(self.server.url, self._reads[what], seconds=seconds)

    def ready(self, seconds: float) -> None:
        """Create orders of which nothing is paid, for as long as a round lasts."""
        result = load(self.server.url, self._unpaid, seconds=seconds, keep=KEEP)
        self.coming[LIFE[0]].extend(map(_made, result.kept))

    def write(self, what: str, seconds: float) -> Result:
        """Create in many shops, or in the one that is asked for; or move what is there, oldest first."""
        if what not in CREATIONS:
            return load(self.server.url, self._moving(what), seconds=seconds)
        result = load(self.server.url, self._creations[what], seconds=seconds, keep=KEEP)
        if what == CREATIONS[0]:
            self.coming["cancel"].extend(map(_made, result.kept))
        return result

    def _moving(self, what: str) -> Iterator[bytes]:
        asked: deque[bytes] = deque()
        for made in self.coming[what]:
            path, body = MOVES[what].of(made[1])
            asked.append(request("POST", API + path, made[0], body))
        return self._moved(what, asked)

    def _moved(self, what: str, asked: deque[bytes]) -> Iterator[bytes]:
        while asked:
            made = self.coming[what].popleft()
            if what in AFTER:
                self.coming[AFTER[what]].append(made)
            yield asked.popleft()


def _creations(tokens: list[str], bodies: list[bytes]) -> Iterator[bytes]:
    # Enough that nearly every shop is sent nearly every kind of order.
    made = [
        request("POST", f"{API}/orders", token, body)
        for body, token in islice(zip(cycle(bodies), cycle(tokens), strict=False), 25 * len(bodies))
    ]
    # Begun anywhere, so that nearly every order has a buyer of its own.
    for number, sent in zip(count(random.randrange(10_000_000)), cycle(made), strict=False):
        yield sent.replace(MARK, b"%07d" % (number % 10_000_000))


def _made(answered: tuple[bytes, bytes]) -> Made:
    """The order that came of a creation."""
    sent, answer = answered
    token, order_id = TOKEN.search(sent), ID.search(answer)
    assert token is not None
    assert order_id is not None
    return token[1].decode(), int(order_id[1])
