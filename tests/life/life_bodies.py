"""What is sent to make an order of a birth."""

VAT = {"title": "VAT", "rate": "20"}


def body_of(birth, money, email):
    """The order as a channel tells it; `money` spells an amount of minor units."""
    tax, shipping_tax = birth["tax"], birth["shipping_tax"]
    body = {
        "currency": birth["currency"],
        "lineItems": [a_line(n, line, money) for n, line in enumerate(birth["lines"])],
        "taxesIncluded": birth["included"],
        "customer": {"email": email, "firstName": "Ada", "lastName": "Bell"},
    }
    if birth["told"] == "total":
        body["totalTax"] = money(tax + shipping_tax)
    elif birth["told"] == "order":
        body["taxLines"] = [VAT | {"price": money(tax + shipping_tax)}]
    else:
        body["lineItems"][-1]["taxLines"] = [VAT | {"price": money(tax)}]
    if birth["rate"]:
        body["discountCodes"] = [{"code": "PART", "amount": str(birth["rate"]), "type": "percentage"}]
    elif birth["code"]:
        body["discountCodes"] = [{"code": "LESS", "amount": money(birth["code"])}]
    if birth["shipping"]:
        taxes = [VAT | {"price": money(shipping_tax)}] if shipping_tax else []
        body["shippingLines"] = [{"title": "Post", "price": money(birth["shipping"]), "taxLines": taxes}]
    if birth["status"]:
        body["financialStatus"] = birth["status"]
    if birth["moves"]:
        body["transactions"] = [{"kind": kind, "amount": money(amount)} for kind, amount in birth["moves"]]
    return body


def a_line(n, line, money):
    price, quantity, less = line
    return {
        "productId": "1",
        "variantId": str(n),
        "title": f"Thing {n}",
        "price": money(price),
        "quantity": quantity,
        "totalDiscount": money(less),
    }


def earlier_of(currency, email):
    """A paid order of the same customer."""
    line = {"productId": "1", "variantId": "1", "title": "Mug", "price": "7", "quantity": 1}
    return {
        "currency": currency,
        "lineItems": [line],
        "financialStatus": "paid",
        "customer": {"email": email, "firstName": "Ada", "lastName": "Bell"},
    }
