"""What is kept of an attempt beside its columns: both heads, and the times it took."""

import msgspec
from msgspec import Struct

from till.deliveries.outcome import Pairs, Timings


class Details(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The column `attempts.details`, as JSON; `request` and `response` are the headers of either.

    The body that was sent is the event's own (deliveries.form), that of the answer has a column.
    `timeout` is the budget of the whole in seconds.
    """

    request: Pairs = ()
    response: Pairs = ()
    dialled: str | None = None
    sentence: str | None = None
    timings: Timings = Timings()
    timeout: float = 10.0


DETAILS = msgspec.json.Decoder(Details)


def encode(details: Details) -> bytes:
    return msgspec.json.encode(details)
