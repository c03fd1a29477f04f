"""The endpoint table as the contract tests read it."""

import re

from till.slices import ENDPOINTS

ROOT = "/api/202412"
LINE = {"productId": "1", "variantId": "2", "title": "Lamp", "price": "1.00", "quantity": 1}
WRITES = [each for each in ENDPOINTS if each.reads is not None]
READS = [each for each in ENDPOINTS if each.reads is None]
ON_ONE = [each for each in ENDPOINTS if "{" in each.path]


def named(endpoint):
    return endpoint.handler.__name__


def path_of(endpoint, order_id="300157930096874"):
    return ROOT + re.sub(r"{\w+}", order_id, endpoint.path)


def body_of(endpoint):
    """A body that would be taken, where the operation takes one."""
    return next(iter(endpoint.sends.values())) if endpoint.sends else None
