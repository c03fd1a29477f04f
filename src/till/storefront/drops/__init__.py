"""The objects that templates read: the catalogue, the cart and the visit under the platform's own names."""
