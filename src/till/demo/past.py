"""What a marketplace hands over: orders with all that happened there, and the mere ends of old ones."""

from itertools import product
from random import Random
from typing import Any

from till.clock import DAY, SECOND, iso
from till.demo import deeds, staff
from till.demo.basket import Basket, filled, spell
from till.demo.people import Person
from till.demo.plan import HOUR, Life, Plan
from till.demo.staff import STAFF
from till.orders.words import CancelReason, FinancialStatus, FulfillmentStatus, State

SOURCE = "marketplace"
F, S = FinancialStatus, FulfillmentStatus
Ending = tuple[FinancialStatus, FulfillmentStatus | None, State]
# However unusual. Nothing is held for an old order: an authorization lapses within a week.
ENDINGS: list[Ending] = list(product([each for each in F if each is not F.AUTHORIZED], (None, *S), State))


def handed_over(rng: Random, at: int, who: Person, zone: str) -> Life:
    """An order that was paid and sent there, days ago, and comes in whole."""
    basket = filled(rng, who.country, shipped=True, many=False)
    plan = Plan(rng, at, basket, who.country)
    shipped = at - rng.randrange(2, 20) * HOUR
    made = shipped - rng.randrange(6, 70) * HOUR
    sale = {"kind": "sale", "gateway": SOURCE, "amount": spell(basket.total), "channelTrxNo": _number(rng)}
    parcel = plan.tracking()
    sent = _named(rng, basket, made, zone) | {
        "paymentGatewayNames": [SOURCE],
        "transactions": [sale | {"createdAt": iso(made, zone), "processedAt": iso(made + HOUR, zone)}],
        "fulfillments": [
            {
                "status": "success",
                "createdAt": iso(shipped, zone),
                "trackingNumber": parcel.number,
                "trackingCompany": parcel.company,
                "trackingUrl": parcel.url,
                "lineItems": [
                    {"variantId": line["variantId"], "quantity": line["quantity"]}
                    for line in basket.sent["lineItems"]
                ],
            }
        ],
    }
    if plan.chance(0.08):
        plan.at_work(3 * 24, 12 * 24)
        said = rng.choice(staff.REFUNDS)
        plan.do(deeds.give_back(share=20, said=said, reviewed=plan.chance(0.6)), by=rng.choice(STAFF))
    return Life(at, sent, plan.steps)


def told(rng: Random, at: int, who: Person, zone: str, ending: Ending) -> Life:
    """An old order of which nothing but its statuses is told."""
    basket = filled(rng, who.country, shipped=True, many=False)
    financial, fulfillment, state = ending
    made = at - rng.randrange(2, 30) * DAY
    sent = _named(rng, basket, made, zone)
    sent |= {"financialStatus": financial, "fulfillmentStatus": fulfillment}
    if financial is F.PARTIALLY_PAID:
        sent["totalOutstanding"] = spell(basket.total // 2)
    elif financial is F.PARTIALLY_REFUNDED:
        sent["currentTotalPrice"] = spell(basket.total - basket.total // 3)
    if fulfillment in (S.FULFILLED, S.PARTIAL):
        sent["fulfillments"] = [{"status": "success", "createdAt": iso(made + DAY, zone)}]
    if fulfillment is S.PARTIAL:
        line, *others = sent["lineItems"]
        status = "fulfilled" if others else "partial"
        sent["lineItems"] = [line | {"fulfillmentStatus": status}, *others]
    ended = iso(at - rng.randrange(1, 20) * HOUR, zone)
    if state is State.CLOSED:
        sent["closedAt"] = ended
    elif state is State.CANCELLED:
        sent |= {"cancelledAt": ended, "cancelReason": rng.choice(list(CancelReason))}
    return Life(at, sent, [])


def _named(rng: Random, basket: Basket, made: int, zone: str) -> dict[str, Any]:
    own = {"sourceName": SOURCE, "sourceIdentifier": f"MA-{_number(rng)}"}
    return basket.sent | own | {"createdAt": iso(made // SECOND * SECOND, zone)}


def _number(rng: Random) -> str:
    return f"{rng.randrange(10**9):09}"
