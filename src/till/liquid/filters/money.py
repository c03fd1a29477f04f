"""Prices in the shop's format, unit prices and weights.

A price is a whole number of minor units of the currency (cents). The placeholders of the format are
those of the platform's currency settings (help.shopify.com, "Currency formatting").
"""

import re
from decimal import ROUND_HALF_UP, Decimal

from liquid import RenderContext

from till.liquid.filters.common import Filter, Html, escaped, get, number, text, with_context
from till.liquid.filters.reach import registers
from till.money import DIGITS

PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")
# By placeholder: what parts thousands, what parts the decimals, and whether there are any.
SEPARATORS = {
    "amount": (",", ".", True),
    "amount_no_decimals": (",", ".", False),
    "amount_with_comma_separator": (".", ",", True),
    "amount_no_decimals_with_comma_separator": (".", ",", False),
    "amount_with_apostrophe_separator": ("'", ".", True),
    "amount_no_decimals_with_space_separator": (" ", ",", False),
    "amount_with_space_separator": (" ", ",", True),
    "amount_with_period_and_space_separator": (" ", ".", True),
}
# Grams in one of each.
WEIGHTS = {"g": Decimal(1), "kg": Decimal(1000), "oz": Decimal("28.349523125"), "lb": Decimal("453.59237")}


def digits_of(currency: str) -> int:
    """How many decimals the currency has; two where ISO 4217 does not know it."""
    return DIGITS.get(currency, 2)


def amount(minor: Decimal, currency: str, placeholder: str, *, trailing_zeros: bool = True) -> str:
    """The number alone, e.g. `1.134,65`; halves are rounded up."""
    thousands, point, decimals = SEPARATORS.get(placeholder, SEPARATORS["amount"])
    digits = digits_of(currency) if decimals else 0
    major = minor.scaleb(-digits_of(currency)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    spelt = f"{abs(major):,.{digits}f}"
    front, _, back = spelt.partition(".")
    if not trailing_zeros and not back.strip("0"):
        back = ""
    sign = "-" if major < 0 else ""
    return sign + front.replace(",", thousands) + (point + back if back else "")


def formatted(value: object, form: str, currency: str, *, trailing_zeros: bool = True) -> str:
    """`value` in the shop's format; nothing for what is no number, as on the platform."""
    minor = number(value)
    if minor is None:
        return ""

    def spelt(found: re.Match[str]) -> str:
        return amount(minor, currency, found[1], trailing_zeros=trailing_zeros)

    return Html(PLACEHOLDER.sub(spelt, form))


@with_context
def money(value: object, *, context: RenderContext) -> str:
    """The price in the shop's format without the currency's code: `$1,134.65`."""
    shown = registers(context)
    return formatted(value, shown.money_format, shown.currency)


@with_context
def money_with_currency(value: object, *, context: RenderContext) -> str:
    """The price in the shop's format with the currency's code: `$1,134.65 USD`."""
    shown = registers(context)
    return formatted(value, shown.money_with_currency_format, shown.currency)


@with_context
def money_without_currency(value: object, *, context: RenderContext) -> str:
    """The number of the shop's format, and nothing around it: `1,134.65`."""
    shown = registers(context)
    found = PLACEHOLDER.search(shown.money_format)
    return formatted(value, found[0] if found else "{{amount}}", shown.currency)


@with_context
def money_without_trailing_zeros(value: object, *, context: RenderContext) -> str:
    """As `money`, but `$1,134` where the cents are none."""
    shown = registers(context)
    return formatted(value, shown.money_format, shown.currency, trailing_zeros=False)


@with_context
def money_amount(value: object, *, context: RenderContext) -> str:
    """The plain decimal number: `1134.65`."""
    minor = number(value)
    if minor is None:
        return ""
    return amount(minor, registers(context).currency, "amount").replace(",", "")


@with_context
def unit_price_with_measurement(value: object, measurement: object = None, *, context: RenderContext) -> str:
    """A price for a measure, `$5.00/100ml`; the price may have been formatted by another filter."""
    price = text(value) if number(value) is None else money(value, context=context)
    unit = get(measurement, "reference_unit")
    if not price or unit is None:
        return escaped(price)
    size = number(get(measurement, "reference_value"))
    times = "" if size is None or size == 1 else text(size.normalize().__format__("f"))
    return Html(f"{escaped(price)}/{times}{escaped(unit)}")


@with_context
def weight_with_unit(value: object, unit: object = None, *, context: RenderContext) -> str:
    """A weight in grams, in the unit that is asked for or the shop's: `2.5 kg`."""
    grams = number(value)
    if grams is None:
        return ""
    shops = get(context.resolve("shop", default=None), "weight_unit")
    name = text(unit) or text(shops) or "kg"
    if name not in WEIGHTS:
        name = "kg"
    weight = (grams / WEIGHTS[name]).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{weight.normalize():f} {name}"


FILTERS: dict[str, Filter] = {
    "money": money,
    "money_amount": money_amount,
    "money_with_currency": money_with_currency,
    "money_without_currency": money_without_currency,
    "money_without_trailing_zeros": money_without_trailing_zeros,
    "unit_price_with_measurement": unit_price_with_measurement,
    "weight_with_unit": weight_with_unit,
}
