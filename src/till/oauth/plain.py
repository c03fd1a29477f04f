"""What each scope and each kind of protected data means, in words for a merchant."""

from till.apps.scope import ALL_ORDERS, AREAS
from till.caller import Protected

THINGS = {
    "orders": "orders of the last 60 days, with their payments, refunds and returns",
    "products": "products, their variants, prices and categories",
    "themes": "the themes of the online store",
    "apps": "webhooks and settings of this app in the shop",
    "shops": "the shop's own details and its locations",
    "customers": "customers, their addresses and what they bought",
    "fulfillments": "shipments of orders, and where they are",
    "discounts": "discounts and discount codes",
    "gift_card": "gift cards and their balances",
    "content": "pages of the online store",
    "translate": "translations of the shop's texts",
    "materials": "pictures and other files",
}
SENTENCES = {
    **{f"read_{area}": f"See {THINGS[area]}" for area in AREAS},
    **{f"write_{area}": f"See, create, change and delete {THINGS[area]}" for area in AREAS},
    "write_apps": "See and change webhooks and settings of this app in the shop, and uninstall it",
    "write_orders": "See, create, change, cancel and refund orders of the last 60 days",
    ALL_ORDERS: "See orders that are older than 60 days, too",
}
KINDS = {
    Protected.NAME: "Customers' names",
    Protected.EMAIL: "Customers' e-mail addresses",
    Protected.PHONE: "Customers' phone numbers",
    Protected.ADDRESS: "Customers' postal addresses",
}


def implied(scopes: frozenset[str]) -> frozenset[str]:
    """The scopes of which another says all and more: who may change a thing may see it."""
    return frozenset(each for each in scopes if each.replace("read_", "write_", 1) in scopes - {each})
