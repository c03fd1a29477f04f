"""Test an app against a real Till (docs/howto/test-your-app.md).

The pytest plug-in's fixtures are these; they can be used without pytest as well.
"""

from till.testing.dev import Chaos, Clock, found_shop
from till.testing.receiver import Answer, Received
from till.testing.server import Attached, Server
from till.testing.shop import Reply, Shop
from till.testing.webhooks import Webhooks

__all__ = [
    "Answer",
    "Attached",
    "Chaos",
    "Clock",
    "Received",
    "Reply",
    "Server",
    "Shop",
    "Webhooks",
    "found_shop",
]
