"""The lives of the demo's orders: who does what with each, and when, from its birth to its end."""

from collections.abc import Callable
from random import Random

from till.clock import DAY, SECOND, iso
from till.demo import deeds, staff
from till.demo.basket import filled, spell
from till.demo.people import COUNTRIES, Person
from till.demo.plan import Life, Plan
from till.demo.staff import KIM, STAFF, TILL
from till.orders.words import CancelReason, RestockType, TransactionStatus
from till.orders.words import TransactionKind as Kind

GATEWAYS = ("card", "card", "card", "wallet")
TRANSFER = "bank transfer"


def shop_life(rng: Random, at: int, who: Person, zone: str) -> Life:
    """An order from the web shop, or from Instagram, which hands over what was paid there."""
    basket = filled(rng, who.country, shipped=True, many=False)
    plan = Plan(rng, at, basket, who.country)
    source = "web" if rng.random() < 0.86 else "instagram"
    gateway = rng.choice(GATEWAYS)
    sent = basket.sent | {"sourceName": source, "createdAt": iso(at, zone)}
    if source == "instagram":
        sent |= {"sourceIdentifier": f"IN-{rng.randrange(10**9):09}", "paymentGatewayNames": ["wallet"]}
        sale = {"kind": "sale", "amount": spell(basket.total), "gateway": "wallet"}
        sent["transactions"] = [sale | {"createdAt": iso(at, zone), "processedAt": iso(at, zone)}]
        _fulfil(plan)
        return Life(at, sent, plan.steps)
    way: Callable[[Plan, str], None] = rng.choices((_by_card, _on_hold, _by_transfer), (66, 18, 16))[0]
    way(plan, TRANSFER if way is _by_transfer else gateway)
    return Life(at, sent, plan.steps)


def _by_card(plan: Plan, gateway: str) -> None:
    """Paid within minutes, sometimes at the second try, seldom never."""
    plan.wait(0.01, 0.05)
    if plan.chance(0.06):
        reason = plan.rng.choice(staff.FAILURES)
        plan.do(deeds.take(gateway=gateway, status=TransactionStatus.FAILURE, message=reason))
        if plan.chance(0.35):
            plan.at_work(70, 80)
            plan.do(deeds.call_halt(CancelReason.DECLINED, refund=False))
            return
        plan.wait(0.03, 0.3)
    plan.do(deeds.take(gateway=gateway, reference=_reference(plan)))
    _fulfil(plan)


def _on_hold(plan: Plan, gateway: str) -> None:
    """Held when it is ordered, and taken when it is sent."""
    plan.wait(0.01, 0.05)
    hold = deeds.take(Kind.AUTHORIZATION, gateway=gateway, reference=_reference(plan))
    plan.do(hold)
    fate = plan.rng.random()
    if fate < 0.06:
        plan.at_work(2, 20)
        plan.say("The name on the card is not the name on the parcel. Not answered the phone twice.", by=KIM)
        plan.wait(0.1, 1)
        plan.do(deeds.call_halt(CancelReason.FRAUD, refund=False), by=KIM)
    elif fate < 0.11:
        plan.at_work(2, 40)
        plan.say("Customer comes by and pays at the counter, so I let the money go.")
        plan.do(deeds.take(Kind.VOID), by=plan.steps[-1].by)
    elif fate < 0.2:
        held = plan.at
        plan.at_work(20, 60)
        plan.say("Out of stock, the roaster delivers next month.", by=KIM, pinned=True)
        plan.at = held + 7 * DAY + plan.rng.randrange(60) * SECOND
        plan.do(deeds.let_lapse, by=TILL)
        if plan.chance(0.6):
            plan.at_work(4, 30)
            plan.do(deeds.call_halt(CancelReason.INVENTORY, refund=False), by=KIM)
    else:
        plan.at_work(10, 70)
        plan.do(deeds.take(Kind.CAPTURE), deeds.send(tracking=plan.tracking()))
        _afterwards(plan)


def _by_transfer(plan: Plan, gateway: str) -> None:
    """Paid days later, in two parts now and then, or never."""
    fate = plan.rng.random()
    if fate < 0.12:
        plan.at_work(14 * 24, 15 * 24)
        plan.do(deeds.call_halt(CancelReason.CUSTOMER, refund=False))
        return
    if fate > 0.7:
        plan.at_work(1, 12)
        pending = TransactionStatus.PENDING
        plan.do(deeds.take(gateway=gateway, status=pending, message="Announced by the bank"))
    plan.at_work(20, 100)
    if fate < 0.24:
        plan.do(deeds.take(gateway=gateway, share=plan.rng.choice((40, 50, 60)), reference=_reference(plan)))
        plan.say("Only a part of it came in, I asked for the rest.")
        plan.at_work(30, 200)
    plan.do(deeds.take(gateway=gateway, reference=_reference(plan)))
    _fulfil(plan)


def _reference(plan: Plan) -> str:
    return f"ch_{plan.rng.getrandbits(64):016x}"


def wholesale_life(rng: Random, at: int, who: Person, zone: str) -> Life:
    """An order of a business: confirmed, sent on account, and paid a month later."""
    basket = filled(rng, who.country, shipped=True, many=True)
    plan = Plan(rng, at, basket, who.country)
    terms = {"amount": spell(basket.total), "currency": "USD", "paymentTermsName": "Net 30"}
    sent = basket.sent | {"sourceName": "wholesale", "createdAt": iso(at, zone), "paymentTerms": terms}
    sent["sourceIdentifier"] = f"WH-{rng.randrange(10**9):09}"
    plan.at_work(1, 20)
    plan.do(deeds.promise, by=rng.choice(STAFF))
    plan.at_work(20, 70)
    if plan.chance(0.4) and not plan.is_one_piece:
        plan.do(deeds.send(plan.some(), plan.tracking()))
        plan.at_work(40, 150)
    plan.do(deeds.send(tracking=plan.tracking()))
    if plan.chance(0.3):
        plan.at_work(5 * 24, 15 * 24)
        plan.do(deeds.take(gateway=TRANSFER, share=50, reference=_reference(plan)))
    plan.at_work(10 * 24, 25 * 24)
    plan.do(deeds.take(gateway=TRANSFER, reference=_reference(plan)))
    if plan.chance(0.5):
        plan.at_work(10, 60)
        plan.do(deeds.put_away)
    return Life(at, sent, plan.steps)


def counter_life(rng: Random, at: int, _: Person, zone: str) -> Life:
    """Something bought at the counter: paid, taken along, and done with."""
    here = COUNTRIES[0]
    basket = filled(rng, here, shipped=False, many=False)
    plan = Plan(rng, at, basket, here)
    sale = {"kind": "sale", "amount": spell(basket.total), "gateway": rng.choice(("cash", "card terminal"))}
    sent = basket.sent | {
        "sourceName": "pos",
        "sourceIdentifier": f"PO-{rng.randrange(10**9):09}",
        "createdAt": iso(at, zone),
        "transactions": [sale | {"createdAt": iso(at, zone), "processedAt": iso(at, zone)}],
        "fulfillmentStatus": "fulfilled",
        "closedAt": iso(at, zone),
    }
    if plan.chance(0.06):
        plan.at_work(20, 15 * 24)
        said = ("Brought back to the counter", rng.choice(staff.RETURNS))
        units = plan.some_gone(whole=True)
        plan.do(deeds.give_back(units=units, restock=RestockType.RETURN, said=said), by=rng.choice(STAFF))
    return Life(at, sent, plan.steps)


def _fulfil(plan: Plan) -> None:
    """Send what is paid, unless something comes between."""
    fate = plan.rng.random()
    if fate < 0.05:
        plan.at_work(1, 12)
        reason = plan.rng.choice((CancelReason.CUSTOMER, CancelReason.STAFF, CancelReason.OTHER))
        plan.do(deeds.call_halt(reason, refund=plan.chance(0.85)), by=plan.rng.choice(STAFF))
        return
    if fate < 0.08 and not plan.is_one_piece:
        plan.at_work(4, 20)
        sold_out = ("Sold out before we packed it", "out of stock")
        gone = plan.some_gone(whole=False)
        plan.do(deeds.give_back(units=gone, restock=RestockType.CANCEL, said=sold_out), by=KIM)
    elif fate < 0.18 and not plan.is_one_piece:
        plan.at_work(8, 60)
        plan.do(deeds.send(plan.some(), plan.tracking()))
        if plan.chance(0.1):  # and the rest stays behind
            plan.say("The rest waits for the roaster.", by=KIM, pinned=True)
            return
        plan.wait(12, 40)
    elif plan.chance(0.05):
        plan.at_work(2, 12)
        plan.say(plan.rng.choice(staff.CALLS))
    plan.at_work(8, 60)
    plan.do(deeds.send(tracking=plan.tracking()))
    _afterwards(plan)


def _afterwards(plan: Plan) -> None:
    """What may happen once all is on its way."""
    fate = plan.rng.random()
    if fate < 0.02:
        plan.at_work(0.5, 3)
        plan.do(deeds.call_back, by=plan.rng.choice(STAFF))
        plan.say("The wrong label was on it. Stopped before the carrier came.")
        plan.at_work(1, 20)
        plan.do(deeds.send(tracking=plan.tracking()))
    elif fate < 0.05:
        plan.at_work(20, 50)
        plan.do(deeds.follow(plan.tracking()))
    elif fate < 0.13:
        _return(plan)
    elif fate < 0.18:
        _goodwill(plan)
    elif fate < 0.2 and plan.basket.freight:
        plan.at_work(60, 200)
        plan.do(deeds.give_back(shipping=True, said=staff.REFUNDS[1]), by=plan.rng.choice(STAFF))
    _put_away(plan, fate)


def _return(plan: Plan) -> None:
    """Goods that the customer sends back, or would like to."""
    plan.wait(3 * 24, 15 * 24)
    reason = plan.rng.choice(staff.RETURNS)
    plan.do(deeds.ask_back(plan.some_gone(whole=True), reason))
    if plan.chance(0.08):  # forgotten, it waits still
        return
    plan.at_work(2, 40)
    who, fate = plan.rng.choice(STAFF), plan.rng.random()
    if fate < 0.12:
        plan.do(deeds.refuse(plan.rng.choice(staff.DECLINED)), by=who)
        return
    plan.do(deeds.let_come, by=who)
    if fate < 0.2:
        plan.wait(20, 90)
        plan.do(deeds.call_off)
        return
    plan.at_work(4 * 24, 9 * 24)
    plan.do(deeds.take_in, by=who)
    plan.at_work(1, 30)
    plan.do(deeds.pay_back, by=who)


def _goodwill(plan: Plan) -> None:
    """A part of the price given back: by customer service at once, or once somebody has looked at it."""
    plan.at_work(3 * 24, 10 * 24)
    said, share = plan.rng.choice(staff.REFUNDS), plan.rng.choice((10, 15, 20, 30))
    if plan.chance(0.5):
        plan.do(deeds.give_back(share=share, said=said), by=plan.rng.choice(STAFF))
        return
    plan.do(deeds.give_back(share=share, said=said, reviewed=False))
    if plan.chance(0.3):
        plan.at_work(1, 5)
        plan.do(deeds.annotate_refund(f"{said[0]} Photo received."), by=plan.rng.choice(STAFF))
    if plan.chance(0.3):  # forgotten, it waits still
        return
    plan.at_work(10, 70)
    plan.do(deeds.decide(approve=plan.chance(0.6)), by=KIM)


def _put_away(plan: Plan, fate: float) -> None:
    if not plan.chance(0.5):
        return
    plan.at_work(48, 14 * 24)
    plan.do(deeds.put_away)
    if 0.2 < fate < 0.22:
        plan.at_work(24, 10 * 24)
        plan.do(deeds.take_out, deeds.mark("complaint"), by=KIM)
        plan.say("The kettle drips. Sent a new lid with the next delivery.", by=KIM)
        plan.at_work(20, 60)
        plan.do(deeds.put_away, by=KIM)
