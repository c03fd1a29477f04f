"""Personal data: erased for good, and handed over to those whom it is about."""
