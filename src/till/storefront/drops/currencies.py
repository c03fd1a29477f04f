"""Currencies by their codes."""

from till.liquid.drop import Drop, Record

SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CNY": "¥", "INR": "₹", "KRW": "₩", "CHF": "CHF"}
NAMES = {
    "USD": "United States Dollar",
    "EUR": "Euro",
    "GBP": "British Pound",
    "JPY": "Japanese Yen",
    "CNY": "Chinese Yuan",
    "CHF": "Swiss Franc",
    "CAD": "Canadian Dollar",
    "AUD": "Australian Dollar",
}


def currency_of(code: str) -> Drop:
    """A currency; prints as its code."""
    return Record(
        "currency",
        {"iso_code": code, "name": NAMES.get(code, code), "symbol": SYMBOLS.get(code, code)},
        text=code,
    )
