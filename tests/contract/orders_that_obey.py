"""Orders that obey every rule, also those that JSON Schema cannot express, in any spelling that is taken."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

from till.customers.customer import CustomerState
from till.money import DIGITS
from till.orders import words as w

NOW = datetime.now(UTC).replace(microsecond=0)
ZONES = [timedelta(hours=hours) for hours in (-11, -5, 0, 5.5, 13)]

plain = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
filled = plain.filter(lambda text: any(sign > " " for sign in text))
ids = st.one_of(
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=64),
    st.integers(0, 2**63 - 1),
)
nothing = st.sampled_from([None, "null"])
flags = st.sampled_from([True, False, "true", "FALSE", "1", 0])
tags = st.lists(plain, max_size=4).map(", ".join)


def maybe(values):
    """A value, or one of the ways to say that there is none."""
    return st.one_of(values, nothing)


def spelled(whole):
    """A whole number as a number or in digits."""
    return st.sampled_from([whole, str(whole)])


def spelled_amount(minor, currency):
    """So many cents with the decimals that their currency has, as a string or a number."""
    digits = DIGITS[currency]
    text = f"{minor / 10**digits:.{digits}f}"
    return st.sampled_from([text, "0" + text, int(text) if digits == 0 else float(text)])


def amounts(currency, most=10**7):
    return st.integers(0, most).flatmap(lambda minor: spelled_amount(minor, currency))


def times(*, after=None):
    """A time that is not in the future, with an offset, or the spelling that the samples show."""
    first = datetime(1975, 1, 1, tzinfo=UTC) if after is None else after
    seconds = st.integers(0, int((NOW - first).total_seconds()))
    return st.builds(
        lambda second, zone, stray: _iso(first + timedelta(seconds=second), zone) + stray,
        seconds,
        st.sampled_from(ZONES),
        st.sampled_from(["", "", '"']),
    )


def _iso(moment, zone):
    return moment.astimezone(timezone(zone)).isoformat()


def addresses():
    names = (
        "firstName lastName name company address1 address2 city province provinceCode country countryCode"
        " zip phone latitude longitude"
    )
    return st.fixed_dictionaries({}, optional={name: maybe(plain) for name in names.split()})


def optional_object(values):
    return st.one_of(values, st.sampled_from([None, "null", ""]))


@st.composite
def lines(draw, currency):
    quantity = draw(st.integers(1, 10_000))
    some = st.integers(0, quantity).flatmap(spelled)
    cents = draw(st.integers(0, 10**7))
    found = {
        "productId": draw(ids),
        "variantId": draw(ids),
        "title": draw(filled),
        "price": draw(spelled_amount(cents, currency)),
        "quantity": draw(spelled(quantity)),
    }
    more = st.fixed_dictionaries(
        {},
        optional={
            "variantTitle": maybe(plain),
            "sku": maybe(plain),
            "currentQuantity": maybe(some),
            "fulfillableQuantity": maybe(some),
            "fulfillmentStatus": maybe(st.sampled_from([*w.LineStatus, "unfulfilled"])),
            "totalDiscount": maybe(amounts(currency, most=cents)),
            "grams": maybe(st.integers(0, 10**6).flatmap(spelled)),
            "taxable": maybe(flags),
            "requiresShipping": maybe(flags),
            "giftCard": maybe(flags),
            "locationId": maybe(ids),
            "taxLines": optional_object(taxes(currency)),
            "shippingLines": optional_object(ways(currency)),
            "discountAllocations": optional_object(cuts(currency)),
        },
    )
    return found | draw(more)


def listed(one, most=2):
    return st.lists(one, max_size=most)


def taxes(currency):
    fields = {"title": maybe(plain), "rate": maybe(st.sampled_from(["10", 7.5, 0, "0.00001"]))}
    return listed(st.fixed_dictionaries({"price": amounts(currency)}, optional=fields))


def ways(currency):
    """Shipping lines, whose price may be discounted."""
    fields = {
        "id": maybe(ids),
        "title": maybe(plain),
        "code": maybe(plain),
        "source": maybe(plain),
        "discountedPrice": nothing,
        "taxLines": optional_object(taxes(currency)),
    }
    return listed(st.fixed_dictionaries({"price": amounts(currency)}, optional=fields))


def cuts(currency):
    """What was taken off a line: one object, or several."""
    index = {"discountApplicationIndex": maybe(st.integers(0, 1000).flatmap(spelled))}
    one = st.fixed_dictionaries({"amount": amounts(currency, most=10**5)}, optional=index)
    return st.one_of(one, listed(one))


def applications():
    names = ("code", "title", "targetType", "value")
    fields = {name: maybe(plain) for name in names} | {"id": maybe(ids)}
    return listed(st.fixed_dictionaries({}, optional=fields))


def codes(currency):
    fixed = st.builds(
        lambda code, amount, kind: {"code": code, "amount": amount} | kind,
        plain,
        amounts(currency),
        st.sampled_from([{}, {"type": None}, {"type": "fixed_amount"}, {"type": "shipping"}]),
    )
    rate = st.decimals(0, 100, places=2).map(str)
    percent = st.builds(lambda code, r: {"code": code, "amount": r, "type": "percentage"}, plain, rate)
    return st.lists(st.one_of(fixed, percent), max_size=3)


def terms():
    more = {"paymentTermsName": maybe(plain), "paymentId": maybe(ids), "channelTrxNo": maybe(plain)}

    def of(currency):
        return st.fixed_dictionaries(
            {"amount": amounts(currency), "currency": st.just(currency)}, optional=more
        )

    one = st.sampled_from(["USD", "JPY", "KWD"]).flatmap(of)
    return st.one_of(one, listed(one, 3))


def customers():
    return st.fixed_dictionaries(
        {},
        optional={
            "id": maybe(ids),
            "firstName": maybe(plain),
            "lastName": maybe(plain),
            "email": maybe(plain),
            "phone": maybe(plain),
            "note": maybe(plain),
            "tags": maybe(tags),
            "state": maybe(st.sampled_from(CustomerState)),
            "verifiedEmail": maybe(flags),
            "taxExempt": maybe(flags),
            "taxExemptions": st.one_of(st.lists(plain, max_size=3), nothing, st.just("")),
            "currency": maybe(st.sampled_from(sorted(DIGITS))),
            "createdAt": maybe(times()),
            "updatedAt": maybe(times()),
            "defaultAddress": optional_object(addresses()),
            "addresses": optional_object(st.lists(addresses(), max_size=2)),
        },
    )


TOTALS = [
    "totalPrice",
    "subtotalPrice",
    "totalTax",
    "totalDiscounts",
    "totalLineItemsPrice",
    "totalOutstanding",
    "currentTotalPrice",
    "currentSubtotalPrice",
    "currentTotalTax",
    "currentTotalDiscounts",
]


@st.composite
def orders(draw):
    """The body of a `POST /orders` that must be taken."""
    currency = draw(st.sampled_from(["USD", "JPY", "KWD", "CAD"]))
    created = datetime(2001, 1, 1, tzinfo=UTC) + timedelta(seconds=draw(st.integers(0, 6 * 10**8)))
    items = draw(st.lists(lines(currency), min_size=1, max_size=4))
    if draw(st.booleans()):
        items = [line | {"id": f"line-{index}"} for index, line in enumerate(items)]
    fulfillments = st.fixed_dictionaries(
        {},
        optional={
            "fulfillId": maybe(ids),
            "orderId": ids,
            "status": maybe(st.sampled_from(w.FulfillmentState)),
            "createdAt": maybe(times()),
            "updatedAt": maybe(times()),
            "fulfillTime": maybe(times()),
            "trackingNumber": maybe(plain),
            "trackingCompany": maybe(plain),
            "trackingUrl": maybe(plain),
            "locationId": maybe(ids),
            "message": maybe(plain),
        },
    )
    more = st.fixed_dictionaries(
        {},
        optional={
            "sourceName": maybe(plain),
            "sourceIdentifier": maybe(plain),
            "marketId": maybe(ids),
            "note": maybe(plain),
            "tags": maybe(tags),
            "email": maybe(plain),
            "phone": maybe(plain),
            "buyerAcceptsMarketing": maybe(flags),
            "presentmentCurrency": maybe(st.sampled_from(sorted(DIGITS))),
            "taxesIncluded": maybe(flags),
            "dutiesIncluded": maybe(flags),
            "totalWeight": maybe(st.integers(0, 10**9).flatmap(spelled)),
            "financialStatus": maybe(st.sampled_from(w.FinancialStatus)),
            "fulfillmentStatus": maybe(st.sampled_from([*w.FulfillmentStatus, "unfulfilled"])),
            "cancelReason": maybe(st.sampled_from(w.CancelReason)),
            "closedAt": maybe(times(after=created)),
            "cancelledAt": maybe(times(after=created)),
            "processedAt": maybe(times()),
            "paymentGatewayNames": st.one_of(
                st.lists(plain, max_size=3), st.sampled_from(["", '["manual","gift card"]', "null", None])
            ),
            "paymentTerms": optional_object(terms()),
            "discountCodes": optional_object(codes(currency)),
            "discountApplications": optional_object(applications()),
            "shippingLines": optional_object(ways(currency)),
            "taxLines": optional_object(taxes(currency)),
            "totalShippingPrice": maybe(amounts(currency)),
            "userId": maybe(ids),
            "app": maybe(plain),
            "type": maybe(st.integers(0, 1000).flatmap(spelled)),
            "paymentType": maybe(plain),
            "i18n": maybe(plain),
            "convertRate": maybe(st.sampled_from(["1.25", 2, "0.001"])),
            "fulfillments": optional_object(st.lists(fulfillments, max_size=2)),
            "shippingAddress": optional_object(addresses()),
            "billingAddress": optional_object(addresses()),
            "customer": optional_object(customers()),
            "orderId": ids,
            "updatedAt": times(),
            "version": st.integers(),
            **{name: maybe(amounts(currency, most=10**10)) for name in TOTALS},
        },
    )
    given = {"lineItems": items, "currency": draw(st.sampled_from([currency, currency.lower()]))}
    given["createdAt"] = _iso(created, draw(st.sampled_from(ZONES)))
    return {"order": draw(more) | given}
