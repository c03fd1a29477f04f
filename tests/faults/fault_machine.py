"""What every life of webhooks has: a shop on the server, its model beside it, and how they are compared."""

import sys
from datetime import datetime

from checker import Arrival, Asked, Evidence, Listener, check, digest_of
from fault_feed import pages
from fault_model import HOUR, OLDEST, SECOND, Model, Order
from hypothesis.stateful import RuleBasedStateMachine, invariant

from receiver import answer

# A breaker opens at ten; what it does is proved elsewhere, and is not in the model.
MOST_FAILURES = 9
WAITING = {"pending", "retry_wait"}
GIVEN_UP = "It could not be delivered for 72 hours"


def micros(text):
    moment = datetime.fromisoformat(text)
    return int(moment.timestamp()) * SECOND + moment.microsecond


class Beside(RuleBasedStateMachine):
    hall = None

    def __init__(self):
        super().__init__()
        place = self.hall.found()
        self.shop, self.apps, self.clients = place.shop, place.apps, [each.client_id for each in place.apps]
        self.model, self.asked, self.deaths, self.statuses = Model(), [], [], {}
        self.seen_pages = []
        self.hall.receiver.forget()

    def ask(self, method, path, body=None, app=0):
        reply = self.hall.till.run(self.hall.till.ask(method, path, body, token=self.apps[app].token))
        assert reply.status < 500, reply.body
        return reply

    def change(self, command, order, method, path, body, mark=None):
        """Do to both what must be taken; `order` is None where one is created."""
        cursor = self.newest() + 1
        reply = self.ask(method, path, body)
        assert reply.status == 200, reply.body
        order = order or Order(reply.order["orderId"], reply.order["financialStatus"] == "paid")
        command(order, cursor=cursor, now=self.hall.clock)
        verb = "create" if order.version == 1 else "change"
        self.asked.append(Asked(mark or f"{order.id} {order.version}", verb, order.id, order.version))

    def newest(self):
        return self.seen_pages[-1][2] if self.seen_pages else 0

    def one_of(self, found, which):
        return found[which % len(found)]

    def answer(self, hook, fails):
        """From now on a receiver fails, or does not; None is the other than now."""
        hook.fails = not hook.fails if fails is None else fails
        self.hall.receiver.script(hook.path, self.noting(500 if hook.fails else 200))

    def noting(self, status):
        """Answer so, and keep for the checker what was answered."""
        behave = answer(status)

        async def answering(received, writer):
            self.statuses[received.delivery_id, received.attempt] = status
            return await behave(received, writer)

        return answering

    def due(self):
        """What may be sent now; receivers are mended if so much might fail that a breaker opened."""
        if sum(len(hook.open) for hook in self.model.alive if hook.fails) > MOST_FAILURES:
            for hook in self.model.alive:
                self.answer(hook, fails=False)
        return self.model.due(self.hall.clock)

    def adopt(self, hook, owed, each):
        """Take over what cannot be foretold: how far a dying worker came, what waited for another."""
        owed.came = len(self.arrivals(hook, each))
        if each["state"] in ("delivered", "exhausted"):
            wanted = "exhausted" if hook.fails or self.is_given_up(hook, owed, each) else "delivered"
            assert each["state"] == wanted, (each, owed)
            owed.state = each["state"]
        owed.failures = each["failures"]
        if each["state"] in WAITING:
            owed.run_at = micros(each["nextAttemptAt"])

    def is_given_up(self, hook, owed, each):
        """It waited for three days at a receiver that failed all the while, and is tried no more."""
        is_old = self.hall.clock - owed.at >= OLDEST
        is_so = each["state"] == "exhausted" and (each["reason"] or "").startswith(GIVEN_UP)
        assert is_old or not is_so, (each, owed)
        return is_so and len(self.arrivals(hook, each)) == owed.came

    def arrivals(self, hook, each):
        return [one for one in self.hall.receiver.seen(hook.path) if one.delivery_id == each["id"]]

    # Agreement

    def shown(self):
        """Every delivery of the apps that are there, by subscription and cursor."""
        found = {}
        for app in range(2):
            reply = self.ask("GET", "/app/deliveries?limit=250", None, app)
            for each in reply.json["deliveries"]:
                found[str(each["webhookId"]), int(each["cursor"])] = each
        return found

    @invariant()
    def agrees(self):
        self.seen_pages = pages(lambda path: self.ask("GET", path).json)
        events = [event for _, events, _ in self.seen_pages for event in events]
        told = [
            (each.cursor, each.topic, each.resource, each.version)
            for each in events
            if not each.topic.startswith("webhook/")
        ]
        assert told == self.model.events
        for app in range(2):
            listed = self.ask("GET", "/app/webhooks?limit=250", None, app).json["webhooks"]
            alive = {(hook.id, hook.topic) for hook in self.model.alive if hook.app == app}
            assert {(str(each["id"]), each["topic"]) for each in listed} == alive
        shown = self.shown()
        wanted = {
            (hook.id, cursor): (hook, owed)
            for hook in self.model.hooks
            if hook.app is not None
            for cursor, owed in hook.owed.items()
        }
        assert shown.keys() == wanted.keys()
        for key, (hook, owed) in wanted.items():
            self.is_as_foretold(hook, owed, shown[key])

    def is_as_foretold(self, hook, owed, each):
        came = self.arrivals(hook, each)
        assert len(came) == owed.came, (each, owed)
        assert owed.came <= each["attempts"] <= owed.came + owed.crashed, (each, owed)
        assert each["failures"] == owed.failures, (each, owed)
        if owed.state == "open":
            usual = "retry_wait" if each["attempts"] else "pending"
            assert each["state"] == usual or (owed.crashed and each["state"] == "leased"), (each, owed)
        else:
            assert each["state"] == owed.state, (each, owed)
        bytes_of = {one.body for one in came}
        assert len(bytes_of) <= 1

    def teardown(self):
        """All receivers are well, and time passes: everything arrives, and the checker has seen all of it."""
        for hook in self.model.alive:
            self.answer(hook, fails=False)
        if sys.exc_info()[0] is not None:
            return  # a step failed; what it said is to be read
        for _ in range(6):
            if not any(hook.open for hook in self.model.alive):
                break
            self.hall.clock += 30 * HOUR
            self.deliver()
        self.agrees()
        seen = Evidence(asked=self.asked, pages=self.seen_pages, kills=self.deaths, whole=False)
        for hook in self.model.hooks:
            seen.listeners.append(Listener(hook.path, hook.topic, hook.after, hook.until, hook.ordered))
            seen.arrivals += [self.arrival(each) for each in self.hall.receiver.seen(hook.path)]
        keys = {event.cursor: event.key for event in seen.events}
        for hook in self.model.hooks:
            ended = (each for each in hook.owed.values() if each.state in ("exhausted", "cancelled"))
            seen.visible |= {(hook.path, *keys[each.cursor]) for each in ended}
            assert not hook.open, hook
        findings = check(seen)
        assert findings == [], findings[:10]
        for hook in self.model.alive:
            self.ask("DELETE", f"/app/webhooks/{hook.id}", None, hook.app)

    def arrival(self, each):
        return Arrival(
            path=each.path,
            webhook=each.delivery_id,
            change=each.header("x-genstore-event-id"),
            topic=each.header("x-genstore-topic"),
            version=int(each.header("x-genstore-resource-version")),
            digest=digest_of(each.body),
            attempt=each.attempt,
            at=each.at,
            status=self.statuses.get((each.delivery_id, each.attempt), 200),
            gap=each.header("x-genstore-order-gap") is not None,
        )
