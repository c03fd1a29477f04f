"""Exact amounts: whole minor units (cents) of one currency, never a float."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from till.errors import Invalid

# ISO 4217, by the number of decimals that its amounts have.
NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
TWO_DECIMALS = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD "
    "CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD "
    "GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD "
    "MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP "
    "PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS "
    "TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG"
)
THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
DIGITS = {
    code: digits
    for digits, codes in ((0, NO_DECIMALS), (2, TWO_DECIMALS), (3, THREE_DECIMALS))
    for code in codes.split()
}
# The largest amount, in minor units: a sum of a thousand of them still fits 64 bits.
LARGEST = 10**15


class BadAmount(ValueError):
    """What was given is no amount of the currency; the text says why, to follow the field's name."""


def digits_of(currency: str, *, field: str = "currency") -> int:
    """How many decimals `currency` has; `Invalid` names `field` when ISO 4217 lacks it."""
    digits = DIGITS.get(currency)
    if digits is None:
        raise Invalid(
            f"{currency!r} is not a currency: give an ISO 4217 code such as USD.",
            fields={field: ["is not an ISO 4217 currency code"]},
        )
    return digits


def parse(value: Decimal | int | str, currency: str) -> int:
    """The minor units of `value`; `BadAmount` when it is not exactly an amount of `currency`."""
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise BadAmount("must be a decimal number such as 19.99") from None
    if not amount.is_finite():
        raise BadAmount("must be a decimal number such as 19.99")
    # The exponent of what is finite is a number; its type also knows the letters of NaN and infinity.
    if not -LARGEST <= amount <= LARGEST or amount.as_tuple().exponent < -30:  # type: ignore[operator]
        raise BadAmount("is too large")
    digits = DIGITS[currency]
    minor = amount.scaleb(digits)
    if minor != minor.to_integral_value():
        raise BadAmount(f"has more decimals than {currency} has ({digits})")
    if abs(minor) > LARGEST:
        raise BadAmount("is too large")
    return int(minor)


@lru_cache(maxsize=16_384)
def spell(minor: int, currency: str) -> str:
    """`minor` as a decimal string with the currency's own decimals, e.g. `409.90`."""
    digits = DIGITS[currency]
    if digits == 0:
        return str(minor)
    sign = "-" if minor < 0 else ""
    whole, part = divmod(abs(minor), 10**digits)
    return f"{sign}{whole}.{part:0{digits}}"


def spread(amount: int, weights: Sequence[int]) -> list[int]:
    """`amount` in proportion to `weights`: cut down to the cent, left-over cents to the first parts.

    The parts always sum to `amount` (semantics.md §1.2, note 2). Weights that sum to nothing
    share evenly.
    """
    whole = sum(weights)
    if whole == 0:
        weights, whole = [1] * len(weights), len(weights)
    parts = [amount * weight // whole for weight in weights]
    left = amount - sum(parts)
    for index, weight in enumerate(weights):
        if left == 0:
            break
        if weight:
            parts[index] += 1
            left -= 1
    return parts


def percent(rate: Decimal, amount: int) -> int:
    """`rate` per cent of `amount`, halves rounded up."""
    return int((rate * amount / 100).quantize(Decimal(1), rounding="ROUND_HALF_UP"))
