"""An app that gives its customers a point for each whole unit of money that they paid."""

import base64
import hmac
import json
from collections.abc import Mapping
from decimal import Decimal


class Loyalty:
    """Listens to `orders/paid`; `points` are by e-mail address."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._seen: set[str] = set()
        self.points: dict[str, int] = {}

    def receive(self, headers: Mapping[str, str], body: bytes) -> int:
        """Take a webhook, whose header names are in small letters; answers the status."""
        expected = base64.b64encode(hmac.digest(self._secret, body, "sha256"))
        if not hmac.compare_digest(expected, headers["x-genstore-hmac-sha256"].encode()):
            return 401
        if headers["x-genstore-webhook-id"] not in self._seen:
            self._seen.add(headers["x-genstore-webhook-id"])
            order = json.loads(body)["order"]
            earned = int(Decimal(order["totalPrice"]))
            self.points[order["email"]] = self.points.get(order["email"], 0) + earned
        return 200
