"""The orders of the demo shop: more than a year of them, in every status that an order can be in."""

from itertools import product
from random import Random
from typing import Any, NamedTuple

from till.clock import DAY, SECOND, iso
from till.demo.goods import GOODS
from till.demo.people import Person, people
from till.orders.words import CancelReason, FinancialStatus, FulfillmentStatus, State

DAYS = 400
HOUR = 3_600 * SECOND
SOURCES = (("web", 62), ("pos", 12), ("instagram", 9), ("marketplace", 11), ("wholesale", 6))
CODES = (("WELCOME10", "percentage", 10), ("FIVE", "fixed_amount", 5), ("SPRING15", "percentage", 15))
TAGS = ("gift", "vip", "first order", "express", "fragile", "subscription", "b2b")
NOTES = (
    "Please leave it with the neighbour at number 12.",
    "A present: no invoice in the parcel, please.",
    "Grind for filter.",
    "Ring twice, the bell is shy.",
    "Deliver after 17:00.",
)
Statuses = tuple[FinancialStatus, FulfillmentStatus | None]
EVERY: list[tuple[Statuses, State]] = list(
    product(product(FinancialStatus, (None, *FulfillmentStatus)), State)
)
F, S = FinancialStatus, FulfillmentStatus
# What is usual: of new orders, of those some days old, and of old ones.
NEW: list[tuple[Statuses, int]] = [
    ((F.PAID, None), 56),
    ((F.AUTHORIZED, None), 14),
    ((F.PENDING, None), 18),
    ((F.PAID, S.PARTIAL), 6),
    ((F.PARTIALLY_PAID, None), 6),
]
MIDDLE: list[tuple[Statuses, int]] = [
    ((F.PAID, S.FULFILLED), 68),
    ((F.PAID, S.PARTIAL), 9),
    ((F.PAID, None), 9),
    ((F.PENDING, None), 6),
    ((F.PARTIALLY_REFUNDED, S.FULFILLED), 4),
    ((F.REFUNDED, S.RESTOCKED), 2),
    ((F.VOIDED, None), 2),
]
OLD: list[tuple[Statuses, int]] = [
    ((F.PAID, S.FULFILLED), 90),
    ((F.PARTIALLY_REFUNDED, S.FULFILLED), 4),
    ((F.REFUNDED, S.RESTOCKED), 3),
    ((F.REFUNDED, S.FULFILLED), 1),
    ((F.VOIDED, None), 2),
]


class Scene(NamedTuple):
    """One order to be: what is sent, when it was last changed, and how it ends if it is cancelled."""

    sent: dict[str, Any]
    at: int
    cancelled_at: int | None
    reason: CancelReason
    refund: bool


def scenes(seed: int, count: int, *, now: int, zone: str) -> list[Scene]:
    """`count` orders of the last 400 days, oldest first; the same for the same seed and day."""
    rng = Random(seed)  # noqa: S311 - believable, not secret
    crowd = people(rng, max(1, count // 3))
    # A few come again and again, most once or twice.
    weights = [1 / (rank + 6) for rank in range(len(crowd))]
    moments = sorted(_moment(rng, now) for _ in range(count))
    # Every state there is, once and somewhere in the last year, however unusual.
    rare = dict(zip(rng.sample(range(count), min(count, len(EVERY))), EVERY, strict=False))
    return [
        _scene(rng, rng.choices(crowd, weights)[0], moment, now, zone, rare.get(index))
        for index, moment in enumerate(moments)
    ]


def _moment(rng: Random, now: int) -> int:
    """Some moment at day or evening; there are more of late, for the shop grows."""
    days = int(DAYS * rng.random() ** 1.6)
    hour = min(23, max(0, round(rng.gauss(15, 4))))
    moment = now // DAY * DAY - days * DAY + hour * HOUR + rng.randrange(3600) * SECOND
    return moment if moment < now - HOUR else moment - DAY


def _scene(
    rng: Random, who: Person, moment: int, now: int, zone: str, state: tuple[Statuses, State] | None
) -> Scene:
    statuses, end = state or _usual(rng, now - moment)
    financial, fulfillment = statuses
    sent = _sold(rng, fulfillment)
    sent |= _money(rng, sent, financial, who)
    sent |= {"createdAt": iso(moment, zone), "financialStatus": financial, "fulfillmentStatus": fulfillment}
    at = moment
    if fulfillment in (S.FULFILLED, S.PARTIAL):
        at = min(now, moment + rng.randrange(4, 70) * HOUR)
        sent["fulfillments"] = [{"status": "success", "createdAt": iso(at, zone)}]
    if end is State.CLOSED:
        at = min(now, at + rng.randrange(1, 96) * HOUR)
        sent["closedAt"] = iso(at, zone)
    # What is paid and fulfilled cannot be cancelled: it stays open.
    is_final = financial in (F.PAID, F.PARTIALLY_REFUNDED) and fulfillment is S.FULFILLED
    is_cancelled = end is State.CANCELLED and not is_final
    return Scene(
        sent=sent | _channel(rng, who),
        at=at,
        cancelled_at=min(now, at + rng.randrange(1, 48) * HOUR) if is_cancelled else None,
        reason=rng.choice(list(CancelReason)),
        refund=rng.random() < 0.7,
    )


def _usual(rng: Random, age: int) -> tuple[Statuses, State]:
    """What an order of that age usually is: fulfilled and put away, unless it is new."""
    choice = NEW if age < 3 * DAY else MIDDLE if age < 20 * DAY else OLD
    statuses = rng.choices([pair for pair, _ in choice], [weight for _, weight in choice])[0]
    if statuses[1] is S.FULFILLED:
        return statuses, State.CLOSED if age > 5 * DAY and rng.random() < 0.8 else State.OPEN
    return statuses, State.CANCELLED if rng.random() < (0.3 if age > 20 * DAY else 0.1) else State.OPEN


def _sold(rng: Random, fulfillment: FulfillmentStatus | None) -> dict[str, Any]:
    """The line items."""
    picked = rng.sample(GOODS, rng.choices((1, 2, 3, 4, 5), (42, 28, 17, 9, 4))[0])
    lines = []
    for goods in picked:
        index = rng.randrange(len(goods.variants))
        variant, price = goods.variants[index]
        lines.append(
            {
                "productId": goods.product_id,
                "variantId": f"{goods.product_id}{index + 1:02}",
                "sku": f"TD-{goods.product_id[2:]}-{index + 1}",
                "title": goods.title,
                "variantTitle": variant,
                "price": _spell(price),
                "quantity": rng.choices((1, 2, 3, 6), (70, 20, 7, 3))[0],
                "grams": goods.grams,
                "requiresShipping": goods.grams > 0,
                "giftCard": goods.title == "Gift Card",
                "taxable": True,
            }
        )
    if fulfillment is S.PARTIAL:
        lines[0]["fulfillmentStatus"] = "fulfilled" if len(lines) > 1 else "partial"
    return {"lineItems": lines}


def _money(rng: Random, sent: dict[str, Any], financial: FinancialStatus, who: Person) -> dict[str, Any]:
    """Discount and tax, and what the status says is still owed or was given back."""
    goods = sum(_cents(line["price"]) * line["quantity"] for line in sent["lineItems"])
    found: dict[str, Any] = {}
    less = 0
    if rng.random() < 0.18:
        code, kind, value = rng.choice(CODES)
        found["discountCodes"] = [{"code": code, "type": kind, "amount": str(value)}]
        less = min(goods, (goods * value + 50) // 100 if kind == "percentage" else value * 100)
    tax = (goods - less) * who.country.tax // 100
    total = goods - less + tax
    found |= {"totalTax": _spell(tax), "taxesIncluded": False}
    if financial is F.PARTIALLY_PAID:
        found["totalOutstanding"] = _spell(total // 2)
    elif financial is F.PARTIALLY_REFUNDED:
        found["currentTotalPrice"] = _spell(total - total // 3)
    gateway = rng.choice(("card", "card", "card", "wallet", "bank transfer"))
    return found | {"paymentGatewayNames": [gateway]}


def _channel(rng: Random, who: Person) -> dict[str, Any]:
    """Where it came from, who bought, and what was said about it."""
    source = rng.choices([name for name, _ in SOURCES], [weight for _, weight in SOURCES])[0]
    found: dict[str, Any] = {"sourceName": source}
    if source != "web":
        found["sourceIdentifier"] = f"{source[:2].upper()}-{rng.randrange(10**9):09}"
    if rng.random() < 0.12:
        found["note"] = rng.choice(NOTES)
    if rng.random() < 0.3:
        found["tags"] = ", ".join(rng.sample(TAGS, rng.choice((1, 1, 2))))
    if source == "pos":  # a guest at the counter leaves no address
        return found
    found |= {"email": who.customer["email"], "phone": who.customer["phone"]}
    found |= {"shippingAddress": who.address, "buyerAcceptsMarketing": rng.random() < 0.35}
    if rng.random() < 0.9:
        found["customer"] = who.customer
    if rng.random() < 0.7:
        found["billingAddress"] = who.address
    return found


def _cents(text: str) -> int:
    return int(text.replace(".", ""))


def _spell(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"
