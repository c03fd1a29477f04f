"""What a shop's orders tell and who is owed it, as it must be: a model that shares no code with the server.

Times are microseconds. `Model` is changed by the same commands as the server, and says afterwards which
events there must be and what must have become of each delivery.
"""

from dataclasses import dataclass, field

SECOND = 1_000_000
HOUR = 3_600 * SECOND
# The waits after the first failure, the second …: eight attempts (delivery.md §8).
WAITS = [5, 60, 600, 3_600, 4 * 3_600, 12 * 3_600, 24 * 3_600]
MOST = 1 + len(WAITS)
OLDEST = 72 * HOUR
TOPICS = ("orders/create", "orders/update", "orders/paid", "orders/cancelled", "refunds/create")


@dataclass
class Order:
    id: str
    paid: bool
    version: int = 1
    cancelled: bool = False
    refunds: int = 0


@dataclass
class Owed:
    """One event owed to one subscription; `state` is open, delivered, exhausted or cancelled.

    Due from `run_at` on; `came` is how often the receiver saw it, `crashed` how often who sent it died.
    """

    cursor: int
    at: int
    run_at: int
    state: str = "open"
    failures: int = 0
    came: int = 0
    crashed: int = 0

    def answered(self, now, *, taken):
        """It was sent, and this came of it; answers the window of the next attempt, if there is one."""
        self.came += 1
        if taken:
            self.state = "delivered"
            return None
        self.failures += 1
        if self.failures == MOST or now - self.at >= OLDEST:
            self.state = "exhausted"
            return None
        wait = WAITS[self.failures - 1] * SECOND
        return now + wait + SECOND // 2, now + wait + max(SECOND // 2, wait // 5)


@dataclass
class Hook:
    """A subscription of one app; `after` and `until` are the cursors between which it was there."""

    id: str
    app: int
    topic: str
    path: str
    after: int
    ordered: bool
    until: int | None = None
    fails: bool = False
    owed: dict = field(default_factory=dict)

    @property
    def lives(self):
        return self.until is None

    @property
    def open(self):
        return [each for each in self.owed.values() if each.state == "open"]

    def leave(self, newest):
        """Its app is uninstalled: nobody can see it any more."""
        self.app = None
        if self.lives:
            self.end(newest)

    def end(self, newest):
        """It is deleted: what is open is cancelled."""
        self.until = newest
        for each in self.open:
            each.state = "cancelled"


@dataclass
class Model:
    """`notices` counts the events that tell how webhooks fare, which have cursors, too."""

    orders: list = field(default_factory=list)
    events: list = field(default_factory=list)
    hooks: list = field(default_factory=list)

    def tell(self, order, topics, *, cursor, now):
        """A change of an order came to be; `cursor` is that of its first event."""
        for number, topic in enumerate(topics, cursor):
            self.events.append((number, topic, order.id, order.version))
            for hook in self.hooks:
                if hook.lives and hook.topic == topic:
                    hook.owed[number] = Owed(number, now, now)

    def created(self, order, **when):
        self.orders.append(order)
        self.tell(order, ["orders/create", *(["orders/paid"] if order.paid else [])], **when)

    def updated(self, order, **when):
        order.version += 1
        self.tell(order, ["orders/update"], **when)

    def cancelled(self, order, **when):
        order.version += 1
        order.cancelled = True
        self.tell(order, ["orders/cancelled", "orders/update"], **when)

    def refunded(self, order, **when):
        order.version += 1
        order.refunds += 1
        self.tell(order, ["refunds/create", "orders/update"], **when)

    @property
    def alive(self):
        return [hook for hook in self.hooks if hook.lives]

    def due(self, now):
        """What may be sent now, with its subscription; where order is kept, all that is open."""
        return [
            (hook, owed) for hook in self.alive for owed in hook.open if hook.ordered or owed.run_at <= now
        ]
