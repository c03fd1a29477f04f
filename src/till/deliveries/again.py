"""What may be sent again, how much of it at once, and what is said where it may not."""

from msgspec import Struct

from till.db.port import Row
from till.errors import Invalid, NotFound, Unavailable
from till.webhooks.forms import TEST

# So many at most for one request, so that it holds up nobody.
MOST = 1_000
# Of those that have to be read, and made anew, so many, and so many bytes.
MOST_ANEW = 250
MOST_BYTES = 1_000_000


class ReplaysHeld(Unavailable):
    """So much waits to be sent that nothing is sent again until it is less."""

    retry_after = 60


class NoLongerOnRecord(Invalid):
    """It cannot be told any more whether an event of that time was delivered."""


class NothingToReplay(Invalid):
    """A delivery that is still on its way cannot be sent again."""


class OtherTopic(Invalid):
    """The event is of another topic than the subscription."""


class NoSuchEvent(NotFound):
    """The shop has no such event."""


class UnknownDelivery(Invalid):
    """A list names a delivery that the subscription was not owed."""


class TooMuchAnew(Invalid):
    """So many deliveries cannot be made anew in one request."""


class Span(Struct, frozen=True, kw_only=True):
    """From when to when, in microseconds; after which delivery or event; and how many at most."""

    since: int
    until: int
    limit: int


class Resent(Struct, frozen=True):
    """How many were sent again, and where to go on; None where there is nothing more."""

    count: int
    next: str | None


class Old(Struct, frozen=True):
    """A delivery that may be sent again; `is_kept` says that the bytes of its form are there."""

    id: bytes
    event_number: int
    topic: str
    resource_id: int
    form: str
    state: int
    occurred_at: int | None
    size: int | None
    is_kept: int

    @property
    def is_test(self) -> bool:
        return self.form.startswith(TEST)


class Budget(Struct):
    """What one request may still read and make anew, so that it holds up no other write for long."""

    events: int = MOST_ANEW
    bytes: int = MOST_BYTES

    def takes(self, size: int) -> bool:
        """Take an event of that size, if there is room for it; there always is for the first."""
        is_room = self.events == MOST_ANEW or (self.events > 0 and self.bytes >= size)
        self.events -= 1
        self.bytes -= size
        return is_room


def old_of(row: Row) -> Old:
    """A row of the statements that find such deliveries (till.deliveries.statements)."""
    named, number, topic, resource_id, form, state, occurred_at, size, is_kept = row
    return Old(bytes(named), number, topic, resource_id, form, state, occurred_at, size, is_kept)
