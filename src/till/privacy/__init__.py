"""Personal data: erased for good, and handed over to those whom it is about."""

from till.privacy.leaving import forget_app

__all__ = ["forget_app"]
