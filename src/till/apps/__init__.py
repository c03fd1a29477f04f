"""Apps, their installations in shops, and their tokens."""
