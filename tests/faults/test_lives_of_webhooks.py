"""Orders live, apps subscribe and leave, receivers fail, workers die, time passes: all is as a model says.

After every step the server shows what the model foretells: the feed, the subscriptions, what became of each
delivery. At the end the checker looks at all that arrived. As many lives as TILL_TEST_WEBHOOK_LIVES says.
"""

import asyncio
import contextlib
import os
import time
from pathlib import Path

import pytest
import uvloop
from fault_hall import Hall
from fault_machine import Beside, micros
from fault_model import SECOND, TOPICS, Hook
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as prove

from builders import a_line
from till.settings import Settings

ASKED = os.environ.get("TILL_TEST_WEBHOOK_LIVES")
LIVES = int(ASKED or "30")
STEPS = 24
SPANS = st.sampled_from([0, 0, 60, 700, 4_000, 5 * 3_600, 16 * 3_600, 30 * 3_600])


class Webhooks(Beside):
    @initialize(topic=st.sampled_from(TOPICS), ordered=st.booleans(), paid=st.booleans(), fails=st.booleans())
    def begin(self, topic, ordered, paid, fails):
        """Somebody listens, and something happens, in every life."""
        self.subscribe(0, "orders/update", ordered=False)
        self.subscribe(1, topic, ordered=ordered)
        for hook in self.model.alive if fails else ():
            self.answer(hook, fails=True)
        self.create(paid)

    # Orders

    @rule(paid=st.booleans())
    def create(self, paid):
        mark = f"{self.shop.handle} {len(self.model.orders)}"
        order = {"lineItems": [a_line()], "note": mark, "financialStatus": "paid" if paid else "pending"}
        self.change(self.model.created, None, "POST", "/orders", {"order": order}, mark)

    @precondition(lambda self: self.model.orders)
    @rule(which=st.integers(0, 5))
    def update(self, which):
        order = self.one_of(self.model.orders, which)
        body = {"order": {"note": f"version {order.version + 1}"}}
        self.change(self.model.updated, order, "PUT", f"/orders/{order.id}", body)

    @precondition(lambda self: self.model.orders)
    @rule(which=st.integers(0, 5))
    def cancel(self, which):
        order = self.one_of(self.model.orders, which)
        if order.cancelled:
            assert self.ask("POST", f"/orders/{order.id}/cancel", {}).status == 422
        else:
            self.change(self.model.cancelled, order, "POST", f"/orders/{order.id}/cancel", {})

    @precondition(lambda self: any(each.paid and not each.cancelled for each in self.model.orders))
    @rule(which=st.integers(0, 5))
    def refund(self, which):
        paid = [each for each in self.model.orders if each.paid and not each.cancelled and each.refunds < 10]
        if paid:
            order = self.one_of(paid, which)
            body = {"refund": {"orderId": order.id, "amount": "1.00"}}
            self.change(self.model.refunded, order, "POST", "/refunds", body)

    # Subscriptions

    @precondition(lambda self: len(self.model.alive) < 6)
    @rule(app=st.integers(0, 1), topic=st.sampled_from(TOPICS), ordered=st.booleans())
    def subscribe(self, app, topic, ordered):
        path = f"/{self.shop.handle}/{len(self.model.hooks)}"
        options = {"ordering": "per_resource"} if ordered else {}
        body = {"webhook": {"topic": topic, "address": self.hall.receiver.url(path), **options}}
        reply = self.ask("POST", "/app/webhooks", body, app)
        assert reply.status == 201, reply.body
        assert self.ask("POST", "/app/webhooks", body, app).status == 422
        self.model.hooks.append(
            Hook(str(reply.json["webhook"]["id"]), app, topic, path, self.newest(), ordered)
        )

    @precondition(lambda self: self.model.alive)
    @rule(which=st.integers(0, 5))
    def unsubscribe(self, which):
        hook = self.one_of(self.model.alive, which)
        assert self.ask("DELETE", f"/app/webhooks/{hook.id}", None, 1 - hook.app).status == 404
        assert self.ask("DELETE", f"/app/webhooks/{hook.id}", None, hook.app).status in (200, 204)
        hook.end(self.newest())

    @precondition(lambda self: self.model.alive)
    @rule()
    def uninstall(self):
        """The second app leaves, and another comes in its place."""
        self.hall.uninstall(self.shop, self.clients[1])
        for hook in self.model.hooks:
            if hook.app == 1:
                hook.leave(self.newest())
        fresh = self.hall.install(self.shop)
        self.apps[1], self.clients[1] = fresh, fresh.client_id

    # Time and faults

    @precondition(lambda self: self.model.alive)
    @rule(which=st.integers(0, 5))
    def fail_or_mend(self, which):
        self.answer(self.one_of(self.model.alive, which), None)

    @rule(seconds=SPANS)
    def deliver(self, seconds=0):
        """Time passes, and what is due then is sent."""
        self.hall.clock += seconds * SECOND
        due = self.due()
        self.hall.deliver(self.shop)
        shown = self.shown()
        for hook, owed in due:
            each = shown[hook.id, owed.cursor]
            if hook.ordered or self.is_given_up(hook, owed, each):
                self.adopt(hook, owed, each)
                continue
            window = owed.answered(self.hall.clock, taken=not hook.fails)
            if window is not None:
                owed.run_at = micros(each["nextAttemptAt"])
                assert window[0] <= owed.run_at <= window[1], (window, each)

    @precondition(lambda self: any(hook.open for hook in self.model.alive))
    @rule(which=st.integers(0, 5), times=st.integers(2, 9))
    def fail_for_long(self, which, times):
        """One receiver fails at each attempt, each of which is made as soon as it is due."""
        waiting = [hook for hook in self.model.alive if hook.open]
        hook = self.one_of(waiting, which)
        for _ in range(times):
            if hook.open:
                self.answer(hook, fails=True)
                self.hall.clock = max([self.hall.clock, *(each.run_at for each in hook.open)])
                self.deliver(0)
                self.agrees()

    @rule(posts=st.integers(0, 3))
    def crash(self, posts):
        """Whoever sends dies in the midst; a minute later its leases have run out."""
        due = self.due()
        self.hall.crash(self.shop, posts)
        shown = self.shown()
        for hook, owed in due:
            owed.crashed += 1
            self.adopt(hook, owed, shown[hook.id, owed.cursor])
            if owed.state == "open" and shown[hook.id, owed.cursor]["state"] == "leased":
                owed.run_at = self.hall.clock
        self.deaths.append(time.time())
        self.hall.clock += 60 * SECOND


@pytest.fixture
def loop():
    """A loop that is run without asking for signals each time, which would take as long as all else."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        yield runner.get_loop()


def test_33_webhooks_live_as_their_model_does(loop, store):
    hall = Hall(loop.run_until_complete, Settings(data=store["folder"], database=store["url"], work=False))
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        contextlib.redirect_stderr(nowhere),
        hall.opened(),
    ):
        count = LIVES if store["url"] is None else max(1, LIVES // 5)
        prove(
            type("Webhooks", (Webhooks,), {"hall": hall}),
            settings=settings(
                max_examples=count, stateful_step_count=STEPS, derandomize=not ASKED, print_blob=True
            ),
        )
