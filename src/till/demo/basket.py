"""What is bought: lines, discounts, shipping and taxes, as a channel sends them, and what they come to."""

from random import Random
from typing import Any, NamedTuple

from till.demo.goods import GOODS
from till.demo.people import Country

CODES = (("WELCOME10", "percentage", 10), ("FIVE", "fixed_amount", 5), ("SPRING15", "percentage", 15))
FREE_SHIPPING = ("SHIPSFREE", "shipping")
FREE_FROM = 7_500
EXPRESS = ("Express", "express", 1_790)


class Basket(NamedTuple):
    """What a channel sends of it, the units of each line; the total and its shipping in cents."""

    sent: dict[str, Any]
    units: tuple[int, ...]
    total: int
    freight: int


def filled(rng: Random, country: Country, *, shipped: bool, many: bool) -> Basket:
    """Some goods for somebody in `country`; `many` as a business buys them, `shipped` with shipping."""
    lines = _lines(rng, many=many)
    goods = sum(spelled(line["price"]) * line["quantity"] for line in lines)
    sent: dict[str, Any] = {"lineItems": lines, "taxesIncluded": country.tax_included}
    less = 0
    code = rng.random()
    if code < 0.16:
        name, kind, value = rng.choice(CODES)
        sent["discountCodes"] = [{"code": name, "type": kind, "amount": str(value)}]
        less = min(goods, (goods * value + 50) // 100 if kind == "percentage" else value * 100)
    freight = 0
    if shipped:
        price, freight = _freight(rng, sent, country, goods - less, free=0.16 <= code < 0.2)
        if price != freight and 0.16 <= code < 0.2:
            sent["discountCodes"] = [
                {"code": FREE_SHIPPING[0], "type": FREE_SHIPPING[1], "amount": spell(price)}
            ]
    tax, freight_tax = _tax(goods - less, country), _tax(freight, country)
    sent["taxLines"] = [_tax_line(tax + freight_tax, country)]
    if freight_tax:
        sent["shippingLines"][0]["taxLines"] = [_tax_line(freight_tax, country)]
    total = goods - less + freight + (0 if country.tax_included else tax + freight_tax)
    return Basket(sent, tuple(line["quantity"] for line in lines), total, freight)


def _lines(rng: Random, *, many: bool) -> list[dict[str, Any]]:
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
                "price": spell(price),
                "quantity": rng.choices((6, 12, 24) if many else (1, 2, 3), (70, 22, 8))[0],
                "grams": goods.grams,
                "requiresShipping": goods.grams > 0,
                "giftCard": goods.title == "Gift Card",
                "taxable": True,
            }
        )
    return lines


def _freight(
    rng: Random, sent: dict[str, Any], country: Country, goods: int, *, free: bool
) -> tuple[int, int]:
    """Put a shipping line into `sent`; its price, and the price after what was taken off it."""
    title, code, price = ("Standard", "standard", country.freight)
    if rng.random() < 0.12:
        title, code, price = EXPRESS
    left = 0 if free or (code == "standard" and goods >= FREE_FROM) else price
    line = {"title": title, "code": code, "source": "till-demo", "price": spell(price)}
    sent["shippingLines"] = [line | {"discountedPrice": spell(left)}]
    return price, left


def _tax(amount: int, country: Country) -> int:
    """The tax on an amount, or within it."""
    whole = 100 + country.tax if country.tax_included else 100
    return (amount * country.tax * 2 + whole) // (2 * whole)


def _tax_line(tax: int, country: Country) -> dict[str, Any]:
    return {"title": country.tax_name, "rate": str(country.tax), "price": spell(tax)}


def spelled(text: str) -> int:
    """The cents of an amount in text."""
    return int(text.replace(".", ""))


def spell(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"
