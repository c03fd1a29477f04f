"""The storefront: a shop's theme over a sample catalogue, with a cart and a checkout that makes orders."""
