"""Moves that obey every rule of an order, made from what the API shows of it, in any spelling taken."""

from collections import Counter

from hypothesis import strategies as st
from orders_that_obey import filled, flags, ids, maybe, plain, spelled, spelled_amount, times

CURRENCIES = ["JPY", "KWD", "USD"]
DEAREST = 10**6


@st.composite
def plain_orders(draw):
    """The body of an order of which nothing is stated, so that everything is counted."""
    currency = draw(st.sampled_from(CURRENCIES))

    def line(number):
        price = draw(st.integers(0, DEAREST))
        cut = draw(st.integers(0, price))
        tax = draw(st.integers(0, price))
        found = {"productId": "1", "variantId": str(number), "title": "Lamp", "id": f"line-{number}"}
        found |= {"quantity": draw(st.integers(1, 6)), "price": draw(spelled_amount(price, currency))}
        found |= {"totalDiscount": draw(spelled_amount(cut, currency))} if draw(st.booleans()) else {}
        taxes = [{"title": "VAT", "price": draw(spelled_amount(tax, currency))}]
        return found | ({"taxLines": taxes} if draw(st.booleans()) else {})

    order = {"currency": currency, "lineItems": [line(n) for n in range(draw(st.integers(1, 3)))]}
    order |= {"taxesIncluded": True} if draw(st.booleans()) else {}
    post = draw(spelled_amount(draw(st.integers(0, 2_000)), currency))
    order |= {"shippingLines": [{"title": "Post", "price": post}]} if draw(st.booleans()) else {}
    return {"order": order}


def units(draw, most, *more):
    """Some units of some lines, of each at most so many; or all of them, by leaving the quantity out."""
    names = draw(st.lists(st.sampled_from(sorted(most)), unique=True, min_size=1))
    return [
        {draw(st.sampled_from(["lineItemId", "id"])): name}
        | {"quantity": draw(st.integers(1, most[name]).flatmap(spelled))}
        | draw(st.fixed_dictionaries({}, optional=dict(more)))
        for name in names
    ]


def amount(draw, seen, most):
    return draw(spelled_amount(draw(st.integers(1, most)), seen.currency))


def words(draw, *names):
    return draw(st.fixed_dictionaries({}, optional=dict.fromkeys(names, maybe(plain))))


def tracking(draw):
    plainly = words(draw, "trackingNumber", "trackingCompany", "trackingUrl")
    return plainly | (
        {"trackingInfo": words(draw, "number", "company", "url")} if draw(st.booleans()) else {}
    )


def pay(draw, seen, send):
    if draw(st.booleans()):
        body = words(draw, "gateway", "channelTrxNo")
        body |= {"processedAt": draw(times())} if draw(st.booleans()) else {}
        return send("markOrderAsPaid", draw(st.sampled_from([body, {"order": body}, None])), orderId=seen.id)
    body = {"kind": "sale"} | words(draw, "gateway", "message", "authorization")
    body |= (
        {"amount": amount(draw, seen, seen.outstanding)} if seen.outstanding and draw(st.booleans()) else {}
    )
    body |= draw(st.sampled_from([{}, {"status": "failure"}, {"status": "pending"}]))
    return send("createTransaction", {"transaction": body}, orderId=seen.id)


def authorize(draw, seen, send):
    body = {"kind": "authorization", "amount": amount(draw, seen, seen.outstanding)}
    return send("createTransaction", {"transaction": body}, orderId=seen.id)


def capture(draw, seen, send):
    held = draw(st.sampled_from(sorted(seen.held)))
    body = {"kind": "capture"} | ({"parentId": held} if len(seen.held) > 1 or draw(st.booleans()) else {})
    most = min(seen.held[held], seen.due)
    body |= {"amount": amount(draw, seen, most)} if draw(st.booleans()) else {}
    return send("createTransaction", {"transaction": body}, orderId=seen.id)


def void(draw, seen, send):
    held = draw(st.sampled_from(sorted(seen.held)))
    return send("createTransaction", {"transaction": {"kind": "void", "parentId": held}}, orderId=seen.id)


def ship(draw, seen, send):
    body = {"orderId": seen.id} | tracking(draw) | words(draw, "message")
    body |= {"lineItems": units(draw, seen.to_ship())} if draw(st.booleans()) else {}
    body |= {"locationId": draw(maybe(ids)), "notifyCustomer": draw(maybe(flags))}
    name = draw(st.sampled_from(["createFulfillment", "createFulfillmentByOlderPath"]))
    made = send(name, {"fulfillment": body})
    send("getFulfillment", orderId=seen.id, fulfillmentId=made["fulfillId"])
    return send("updateTracking", {"fulfillment": tracking(draw)}, fulfillmentId=made["fulfillId"])


def unship(draw, seen, send):
    live = [each["id"] for each in seen.fulfillments if each["status"] == "success"]
    name = draw(st.sampled_from(["cancelFulfillment", "postCancelFulfillment"]))
    return send(name, draw(st.sampled_from([{}, None])), fulfillmentId=draw(st.sampled_from(live)))


def refund(draw, seen, send):
    """Units, an amount, or shares of payments; told by the calculation what it will come to."""
    body = {"orderId": seen.id} | words(draw, "note")
    more = [("rightsReason", maybe(plain)), ("rightsReasonType", st.integers(0, 9).flatmap(spelled))]
    kinds = {"no_restock": seen.to_refund()}
    kinds["cancel"] = {n: min(most, seen.to_refund().get(n, 0)) for n, most in seen.to_ship().items()}
    kinds["return"] = {n: min(most, seen.to_refund().get(n, 0)) for n, most in seen.with_customer().items()}
    kinds = {kind: {n: most for n, most in named.items() if most} for kind, named in kinds.items()}
    kind = draw(st.sampled_from([None, *(kind for kind, named in kinds.items() if named)]))
    if kind:
        asked = units(draw, kinds[kind], *more)
        body["lineItems"] = [each | {"restockType": kind} for each in asked]
    elif not seen.net:
        body["shipping"] = {"fullRefund": True}
    if seen.net and (not kind or draw(st.booleans())):
        parent = draw(st.sampled_from(sorted(seen.payments)))
        share = amount(draw, seen, seen.payments[parent])
        body |= draw(
            st.sampled_from([{"amount": share}, {"transactions": [{"parentId": parent, "amount": share}]}])
        )
    if "shipping" in body and not seen.minor(seen.order["totalShippingPrice"]):
        return None
    if "shipping" in body and seen.refunds:
        return None
    told = send("calculateRefund", {"refund": body})
    filed = draw(st.booleans())
    made = send("createRefund", {"refund": body | ({"status": 0} if filed else {})})
    assert (made["amount"], made["lineItems"] == []) == (told["amount"], told["lineItems"] == [])
    if filed:
        verdict = {"refund": {"status": draw(st.sampled_from([1, 2, "1", "2"]))} | words(draw, "note")}
        made = send("reviewRefund", verdict, refundId=made["refundId"])
    return send("getRefund", refundId=made["refundId"])


def refund_return(draw, seen, send):
    backs = {each["id"]: seen.received(each) for each in seen.returns}
    name = draw(st.sampled_from(sorted(name for name, lefts in backs.items() if lefts)))
    body = {"orderId": seen.id, "returnId": name}
    body |= {"lineItems": units(draw, backs[name])} if draw(st.booleans()) else {}
    return send("createRefund", {"refund": body})


def ask_back(draw, seen, send):
    more = [("reason", maybe(plain)), ("note", maybe(plain)), ("reasonType", st.integers(0, 9))]
    body = {"lineItems": units(draw, seen.with_customer(), *more)} | words(draw, "note")
    body |= {"approved": draw(flags)} if draw(st.booleans()) else {}
    return send("createReturn", {"return": body}, orderId=seen.id)


def decide(draw, seen, send):
    name = draw(st.sampled_from([each["id"] for each in seen.returns if each["status"] == "requested"]))
    move = draw(st.sampled_from(["approveReturn", "approveReturn", "declineReturn", "cancelReturn"]))
    body = draw(st.sampled_from([{}, None]))
    if move == "declineReturn":
        body = draw(st.sampled_from([{}, None, {"return": {"reason": "No."}}, {"reason": "No."}]))
    return send(move, body, returnId=name)


def take_back(draw, seen, send):
    back = draw(st.sampled_from([each for each in seen.returns if each["status"] == "open"]))
    coming = {unit["lineItemId"]: unit["quantity"] - unit["receivedQuantity"] for unit in back["lineItems"]}
    body = {"restock": draw(flags)}
    body |= (
        {"lineItems": units(draw, {n: most for n, most in coming.items() if most})}
        if draw(st.booleans())
        else {}
    )
    send("receiveReturn", draw(st.sampled_from([body, {"return": body}])), returnId=back["id"])
    return send("getReturn", returnId=back["id"])


def end_return(draw, seen, send):
    open_ = [each["id"] for each in seen.returns if each["status"] in ("open", "received")]
    return send("closeReturn", draw(st.sampled_from([{}, None])), returnId=draw(st.sampled_from(open_)))


def note(draw, seen, send):
    text = draw(filled)
    made = send("createNote", {"note": {"text": text} | words(draw, "author")}, orderId=seen.id)
    edit = {"text": draw(filled), "pinned": draw(flags)}
    return send("updateNote", {"note": edit}, orderId=seen.id, entryId=made["id"])


def life(draw, seen, send):
    open_ = seen.order["cancelledAt"] is None
    names = ["closeOrder", *(["confirmOrder", "reopenOrder", "openOrder"] if open_ else [])]
    return send(draw(st.sampled_from(names)), draw(st.sampled_from([{}, None])), orderId=seen.id)


def foresee(draw, seen, send):
    body = {"refund": draw(flags), "restock": draw(flags)}
    told = send("cancelOrder", body, query="?dryRun=true", orderId=seen.id)
    assert told["allowed"] in ("cancel" in seen.open, str("cancel" in seen.open).lower())
    return told


def cancel(draw, seen, send):
    body = {"refund": draw(flags), "restock": draw(flags)}
    body |= draw(st.sampled_from([{}, {"reason": "fraud"}, {"reason": None}]))
    return send("cancelOrder", body, orderId=seen.id)


def possible(seen, *, last):
    """The moves that are open for the order as it is, as often as they shall be made; a cancellation ends."""
    statuses = Counter(each["status"] for each in seen.returns)
    shipped = any(each["status"] == "success" for each in seen.fulfillments)
    back = any(seen.received(each) for each in seen.returns)
    rows = (
        (pay, 3, "pay" in seen.open),
        (authorize, 1, "authorize" in seen.open),
        (capture, 3, "capture" in seen.open),
        (void, 1, "void" in seen.open),
        (ship, 3, "ship" in seen.open),
        (unship, 4, "cancel_shipment" in seen.open and shipped and not seen.refunds and not seen.returns),
        (refund, 1, "refund" in seen.open and bool(seen.net or seen.to_refund() or not seen.refunds)),
        (refund_return, 4, "refund" in seen.open and back),
        (ask_back, 4, "return" in seen.open and bool(seen.with_customer())),
        (decide, 4, statuses["requested"]),
        (take_back, 4, statuses["open"]),
        (end_return, 3, statuses["open"] + statuses["received"]),
        (note, 1, True),
        (life, 1, True),
        (foresee, 1, True),
        (cancel, 4, last and "cancel" in seen.open),
    )
    return [move for move, often, is_open in rows if is_open for _ in range(often)]
