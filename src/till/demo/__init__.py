"""A shop full of believable orders, the same for the same seed."""
