"""Themes: what a shop's storefront is made of, kept, changed, published and rolled back."""
