"""Complete orders as a channel hands them over, random in all their parts, whose money and units add up."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from builders import NOON
from till.money import spell

NOW = datetime.fromtimestamp(NOON // 1_000_000, UTC)
words = st.sampled_from(["a", "Grün", "x y", "名", "10%"])
flags = st.booleans()


def some(values):
    return st.one_of(st.none(), values)


times = st.integers(1, 10**8).map(lambda ago: (NOW - timedelta(seconds=ago)).isoformat())


@st.composite
def taxes(draw, money, most=2):
    rows = draw(st.lists(st.tuples(words, st.sampled_from([None, "10", "7.5"])), max_size=most, unique=True))
    return [{"title": title, "rate": rate, "price": money(draw(st.integers(0, 500)))} for title, rate in rows]


@st.composite
def shipping(draw, money, index):
    price = draw(st.integers(0, 2_000))
    return {
        "id": f"ship-{index}",
        "title": draw(some(words)),
        "code": draw(some(words)),
        "source": draw(some(words)),
        "price": money(price),
        "discountedPrice": money(draw(st.integers(0, price))),
        "taxLines": draw(taxes(money, 1)),
    }


@st.composite
def lines(draw, money, index):
    price, quantity = draw(st.integers(0, 9_999)), draw(st.integers(1, 5))
    cut = draw(st.integers(0, price * quantity))
    return {
        "id": f"line-{index}",
        "productId": "1",
        "variantId": f"v{index}",
        "title": draw(words),
        "variantTitle": draw(some(words)),
        "sku": draw(some(words)),
        "price": money(price),
        "quantity": quantity,
        "totalDiscount": money(draw(st.sampled_from([0, 0, cut // 2]))),
        "grams": draw(st.integers(0, 900)),
        "taxable": draw(flags),
        "requiresShipping": draw(flags),
        "giftCard": draw(flags),
        "locationId": draw(some(st.just("L1"))),
        "taxLines": draw(st.one_of(st.just([]), taxes(money))),
        "shippingLines": draw(st.one_of(st.just([]), st.lists(shipping(money, 9), max_size=1))),
        "discountAllocations": draw(
            st.one_of(
                st.just([]),
                st.just([{"amount": money(cut // 2), "discountApplicationIndex": draw(st.integers(0, 1))}]),
            )
        ),
    }


@st.composite
def codes(draw, money):
    kind = draw(st.sampled_from(["fixed_amount", "percentage", "shipping"]))
    amount = str(draw(st.integers(0, 100))) if kind == "percentage" else money(draw(st.integers(0, 900)))
    return {"code": draw(words), "amount": amount, "type": kind}


@st.composite
def shipments(draw, items):
    """Shipments of some units, and what is left of each line after those that arrived."""
    left = {item["id"]: item["quantity"] for item in items}
    found = []
    for index in range(draw(st.integers(0, 2))):
        status = draw(st.sampled_from(["success", "success", "failure", "cancelled"]))
        units = []
        for number, item in enumerate(items):
            count = draw(st.integers(0, left[item["id"]]))
            if count:
                left[item["id"]] -= count if status == "success" else 0
                units.append({"id": f"u{index}-{number}", "lineItemId": item["id"], "quantity": count})
        found.append(
            {
                "fulfillId": f"F{index}",
                "status": status,
                "createdAt": draw(times),
                "updatedAt": draw(times),
                "fulfillTime": draw(times),
                "trackingNumber": draw(some(words)),
                "trackingCompany": draw(some(words)),
                "trackingUrl": draw(some(words)),
                "locationId": draw(some(st.just("L2"))),
                "message": draw(some(words)),
                "lineItems": units,
            }
        )
    return found


@st.composite
def payments(draw, money, total):
    """A stated status or a ledger, and how much of it may be given back."""
    kind = draw(st.sampled_from(["nothing", "status", "sale", "hold", "both"]))
    if kind == "status":
        status = draw(st.sampled_from(["paid", "pending", "authorized", "voided"]))
        if status == "paid":
            return {"financialStatus": status, "totalPrice": money(total)}, total
        return {"financialStatus": status}, 0
    part = draw(st.integers(1, total)) if total else 0
    hold, sale = ({"kind": name, "amount": money(part)} for name in ("authorization", "sale"))
    if kind == "sale":
        return {"transactions": [sale | {"gateway": "visa", "channelTrxNo": "9"}]}, part
    if kind == "hold":
        return {"transactions": [hold | {"authorization": "a"}]}, 0
    if kind == "both" and part:
        return {"transactions": [hold, hold | {"kind": "capture"}, sale | {"status": "failure"}]}, part
    return {}, 0


@st.composite
def refunds(draw, money, items, most):
    found, left = [], {item["id"]: item["quantity"] for item in items}
    for index in range(draw(st.integers(0, 2)) if most else 0):
        status = draw(st.sampled_from([1, 1, 0, 2]))
        amount = draw(st.integers(0, most))
        most -= amount if status == 1 else 0
        units = []
        for number, item in enumerate(items):
            count = draw(st.integers(0, left[item["id"]]))
            if not count:
                continue
            left[item["id"]] -= count if status == 1 else 0
            units.append(
                {
                    "id": f"r{index}-{number}",
                    "lineItemId": item["id"],
                    "quantity": count,
                    "rightsReason": draw(some(words)),
                    "rightsReasonType": draw(st.integers(0, 3)),
                    "locationId": draw(some(st.just("L3"))),
                }
            )
        found.append(
            {
                "refundId": f"R{index}",
                "status": status,
                "amount": money(amount),
                "totalRefundShippingPrice": money(draw(st.integers(0, 50))),
                "note": draw(some(words)),
                "rightsType": draw(st.sampled_from([1, 2])),
                "createTime": draw(times),
                "processedTime": draw(times) if status == 1 else None,
                "lineItems": units,
            }
        )
    return found


@st.composite
def addresses(draw, *, own=False):
    keys = "firstName lastName name company address1 address2 city province provinceCode country countryCode"
    found = {name: draw(some(words)) for name in [*keys.split(), "zip", "phone", "latitude", "longitude"]}
    return found | ({"id": draw(some(st.just("A1")))} if own else {})


@st.composite
def customers(draw):
    listed = draw(st.lists(addresses(own=True), max_size=2))
    return {
        "id": draw(some(st.just("77"))),
        "firstName": draw(some(words)),
        "lastName": draw(some(words)),
        "email": draw(some(st.just("ada@example.com"))),
        "phone": draw(some(words)),
        "note": draw(some(words)),
        "tags": draw(some(words)),
        "state": draw(some(st.sampled_from(["enabled", "disabled"]))),
        "verifiedEmail": draw(some(flags)),
        "taxExempt": draw(some(flags)),
        "taxExemptions": draw(st.lists(words, max_size=2)),
        "currency": draw(some(st.just("JPY"))),
        "createdAt": draw(some(times)),
        "updatedAt": draw(some(times)),
        "addresses": listed,
        "defaultAddress": draw(st.one_of(addresses(own=True), st.sampled_from(listed or [None]))),
    }


def scalars():
    return st.fixed_dictionaries(
        {
            "sourceName": some(words),
            "sourceIdentifier": some(words),
            "marketId": some(st.just("5")),
            "note": some(words),
            "tags": some(words),
            "email": some(st.just("bell@example.com")),
            "phone": some(words),
            "buyerAcceptsMarketing": flags,
            "taxesIncluded": flags,
            "dutiesIncluded": flags,
            "presentmentCurrency": st.sampled_from(["USD", "KWD"]),
            "userId": some(st.just("4")),
            "app": words,
            "type": st.integers(0, 9),
            "paymentType": some(words),
            "i18n": some(st.just('{"language":"en", "country":"US"}')),
            "convertRate": st.sampled_from(["1.25", "0.00001", "100"]),
            "processedAt": times,
            "closedAt": some(times),
            "cancelledAt": st.one_of(st.none(), st.none(), times),
            "cancelReason": some(st.sampled_from(["customer", "fraud"])),
            "paymentGatewayNames": st.lists(words, min_size=1, max_size=2),
            "shippingAddress": some(addresses()),
            "billingAddress": some(addresses()),
            "customer": some(customers()),
        }
    )


@st.composite
def whole_orders(draw):
    """The fields of an order for `POST /orders`."""
    currency = draw(st.sampled_from(["USD", "JPY", "KWD"]))

    def money(minor):
        return spell(minor, currency)

    items = [draw(lines(money, index)) for index in range(draw(st.integers(1, 3)))]
    paid, most = draw(payments(money, draw(st.integers(1, 9_999))))
    terms = {"amount": money(draw(st.integers(0, 99))), "currency": currency}
    terms |= {"paymentTermsName": draw(some(words)), "paymentId": "P1", "channelTrxNo": draw(some(words))}
    order = {
        "currency": currency,
        "createdAt": (NOW - timedelta(days=2000)).isoformat(),
        "lineItems": items,
        "taxLines": draw(st.one_of(st.just([]), taxes(money))),
        "shippingLines": [draw(shipping(money, index)) for index in range(draw(st.integers(0, 2)))],
        "discountCodes": draw(st.lists(codes(money), max_size=2)),
        "discountApplications": draw(
            st.lists(
                st.fixed_dictionaries(
                    {
                        "id": some(st.just("da")),
                        "code": some(words),
                        "title": some(words),
                        "targetType": some(st.just("lineItem")),
                        "value": some(st.just("15")),
                    }
                ),
                max_size=2,
            )
        ),
        "paymentTerms": [terms] * draw(st.integers(0, 2)),
        "fulfillments": draw(shipments(items)),
        **draw(scalars()),
        **paid,
    }
    if "financialStatus" not in order or most:
        order["refunds"] = draw(refunds(money, items, min(most, 50)))
    return order
