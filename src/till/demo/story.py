"""The orders of the demo shop: more than a year of them, and all that happens to each until now."""

from collections.abc import Callable, Iterator
from itertools import takewhile
from random import Random
from typing import Any

from till.clock import DAY, SECOND
from till.demo import past, staff
from till.demo.lives import counter_life, shop_life, wholesale_life
from till.demo.people import Person, people
from till.demo.plan import HOUR, Life

DAYS = 400
OLD = 45 * DAY
TAGS = ("gift", "vip", "first order", "express", "fragile", "subscription")
LifeOf = Callable[[Random, int, Person, str], Life]
LIVES: tuple[tuple[LifeOf, int], ...] = (
    (shop_life, 71),
    (counter_life, 12),
    (past.handed_over, 11),
    (wholesale_life, 6),
)


def lives(seed: int, count: int, *, now: int, zone: str) -> Iterator[Life]:
    """`count` lives that began in the last 400 days, oldest first; the same for the same seed and hour."""
    rng = Random(seed)  # noqa: S311 - believable, not secret
    now = now // HOUR * HOUR
    crowd = people(rng, max(1, count // 3))
    # A few come again and again, most once or twice.
    weights = [1 / (rank + 6) for rank in range(len(crowd))]
    endings = iter(rng.sample(past.ENDINGS, len(past.ENDINGS)))
    kinds, shares = zip(*LIVES, strict=True)
    for at in sorted(_moment(rng, now) for _ in range(count)):
        who = rng.choices(crowd, weights)[0]
        kind = rng.choices(kinds, shares)[0]
        ending = next(endings, None) if kind is past.handed_over and now - at > OLD else None
        life = past.told(rng, at, who, zone, ending) if ending else kind(rng, at, who, zone)
        steps = list(takewhile(lambda step: step.at <= now, life.steps))
        yield Life(at, life.sent | _contact(rng, who, life.sent["sourceName"]), steps)


def _moment(rng: Random, now: int) -> int:
    """Some moment at day or evening; there are more of late, for the shop grows."""
    days = int(DAYS * rng.random() ** 1.6)
    hour = min(23, max(0, round(rng.gauss(15, 4))))
    moment = now // DAY * DAY - days * DAY + hour * HOUR + rng.randrange(3600) * SECOND
    return moment if moment < now else moment - DAY


def _contact(rng: Random, who: Person, source: str) -> dict[str, Any]:
    """Who bought, and what was said about it."""
    found: dict[str, Any] = {}
    if rng.random() < 0.12:
        found["note"] = rng.choice(staff.ADDRESS_NOTES)
    if rng.random() < 0.3:
        found["tags"] = ", ".join(rng.sample(TAGS, rng.choice((1, 1, 2))))
    if source == "wholesale":
        found["tags"] = "b2b"
    if source == "pos" and rng.random() < 0.7:  # a guest at the counter leaves no address
        return found
    found |= {"email": who.customer["email"], "phone": who.customer["phone"]}
    found |= {"shippingAddress": who.address, "buyerAcceptsMarketing": rng.random() < 0.35}
    if rng.random() < 0.9:
        found["customer"] = who.customer
    if rng.random() < 0.7:
        found["billingAddress"] = who.address
    return found
