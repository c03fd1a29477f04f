"""Customers of a shop, as far as orders need them."""
