"""Orders as a channel sends them."""

import json


def an_order(number, **others):
    """A bare order of two lines over 25.00, by `number` of the channel."""
    lines = [
        {"productId": "1", "variantId": "11", "title": "Tea", "price": "10.00", "quantity": 2},
        {"productId": "2", "variantId": "21", "title": "Spoon", "price": "5.00", "quantity": 1},
    ]
    return {"sourceName": "erp", "sourceIdentifier": f"E-{number}", "lineItems": lines} | others


def write_lines(path, *orders):
    path.write_text("".join(f"{each if isinstance(each, str) else json.dumps(each)}\n" for each in orders))
    return path
