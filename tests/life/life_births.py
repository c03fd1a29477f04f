"""Orders as they are born: everything random that a channel may say about one."""

from hypothesis import strategies as st

CURRENCIES = st.sampled_from(["USD", "USD", "JPY", "KWD"])
PRICES = st.one_of(st.sampled_from([1000, 333, 1, 0]), st.integers(1, 99_999))


@st.composite
def a_line(draw):
    price, quantity = draw(PRICES), draw(st.integers(1, 4))
    return price, quantity, draw(st.sampled_from([0, 0, 0, 1, 3])) * price * quantity // 4


@st.composite
def births(draw):
    """What `Model` and `Talk` are made of; amounts in minor units.

    `told` says where the tax stands: as a total, as a line of the order, or on the last line item. `earlier`
    is the currency of an order that the same customer placed before.
    """
    lines = draw(st.lists(a_line(), min_size=1, max_size=4))
    goods = sum(price * quantity - less for price, quantity, less in lines)
    rate = draw(st.sampled_from([None, None, None, 10, 33]))
    code = (
        draw(st.sampled_from([0, 0, 0, 1, 7, goods // 3, goods + 5]))
        if rate is None
        else percent(rate, goods)
    )
    tax = draw(st.sampled_from([0, 0, 1, goods // 10, 77]))
    shipping = draw(st.sampled_from([0, 0, 499, 1]))
    shipping_tax = draw(st.sampled_from([0, 50])) if shipping else 0
    included = draw(st.booleans())
    total = goods - min(code, goods) + shipping + (0 if included else tax + shipping_tax)
    status, moves = draw(payments(total))
    return {
        "currency": draw(CURRENCIES),
        "lines": lines,
        "rate": rate,
        "code": code,
        "tax": tax,
        "told": draw(st.sampled_from(["total", "order", "line"])),
        "included": included,
        "shipping": shipping,
        "shipping_tax": shipping_tax,
        "status": status,
        "moves": moves,
        "earlier": draw(st.sampled_from([None, None, "same", "EUR"])),
    }


def percent(rate, amount):
    """Half a cent is rounded up."""
    return (2 * rate * amount + 100) // 200


def payments(total):
    """The status that is stated, and the transactions that are told."""
    half = total // 2
    whole = [
        (None, []),
        ("pending", []),
        ("paid", []),
        ("authorized", []),
    ]
    told = [
        (None, [("sale", total)]),
        (None, [("authorization", total)]),
        (None, [("sale", half)]),
        (None, [("authorization", half)]),
        (None, [("authorization", total - half), ("authorization", half)]),
        (None, [("sale", half), ("authorization", total - half)]),
        ("partially_paid", [("authorization", half)]),
        ("paid", [("sale", half)]),
    ]
    return st.sampled_from(whole + (told if half else []))
