"""The life of an order: whatever is done to it in whatever order, it is as an independent model says."""

import asyncio
import contextlib
import io
import os
from dataclasses import dataclass, field

import pytest
import uvloop
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from hypothesis.stateful import run_state_machine_as_test as prove
from life_allowed import is_open
from life_steps_back import StepsBack
from life_sums import DAY
from life_talk import Talk

from inside import Inside, inside
from till.clock import now
from till.orders.lapse import lapse_due

SCOPES = frozenset({"write_orders", "read_orders", "read_customers", "write_fulfillments"})
HOUR = DAY // 24
# The same lives every time; as many as TILL_TEST_LIFE says, and then others every time.
ASKED = os.environ.get("TILL_TEST_LIFE")
LIVES = int(ASKED or "300")


class Life(StepsBack):
    # Life

    @rule(note=st.sampled_from(["a", "b"]))
    def edit(self, note):
        self.talk.act(lambda m: m.edit(note), "PUT", self.path, {"order": {"note": note}})

    @rule(verb=st.sampled_from(["confirm", "close", "reopen"]))
    def turn(self, verb):
        self.talk.act(lambda m: getattr(m, verb)(), "POST", f"{self.path}/{verb}")

    @rule(refund=st.booleans(), restock=st.booleans(), chance=st.integers(0, 2))
    def cancel(self, refund, restock, chance):
        body = {"refund": refund, "restock": restock}
        command = lambda m: m.cancel(refund=refund)  # noqa: E731 - it is foreseen and then done
        self.talk.foresee(command, f"{self.path}/cancel", body)
        if not chance:
            self.talk.act(command, "POST", f"{self.path}/cancel", body)
            self.talk.is_as_foreseen()

    @precondition(lambda self: self.model.cancelled or len(self.model.ledger) + len(self.model.shipments) < 2)
    @rule(chance=st.integers(0, 2))
    def delete(self, chance):
        if not chance or not is_open(self.model, "delete"):
            self.talk.act(lambda m: m.delete(), "DELETE", self.path)

    @rule(hours=st.sampled_from([1, 5, 24, 100, 167, 168, 192]))
    def later(self, hours):
        self.hall.clock += hours * HOUR
        self.talk.lapse(self.hall.clock, self.hall.lapse)

    @rule(
        action=st.sampled_from(["authorize", "pay", "capture", "void", "ship", "cancel", "reopen", "delete"])
    )
    def attempt(self, action):
        """What the order says is refused is refused, for the reason that it says."""
        code = self.talk.order["allowedActions"]["refused"].get(action)
        if code is None or self.model.deleted:
            return
        kind = {"authorize": "authorization"}.get(action, action)
        booking = f"{self.path}/transactions", {"transaction": {"kind": kind}}
        method, path, body, command = {
            "authorize": ("POST", *booking, lambda m: m.pay("authorization")),
            "pay": ("POST", f"{self.path}/mark_as_paid", {}, lambda m: m.mark_as_paid()),
            "capture": ("POST", *booking, lambda m: m.capture()),
            "void": ("POST", *booking, lambda m: m.void()),
            "ship": ("POST", "/fulfillments", {"fulfillment": {"orderId": self.talk.id}}, lambda m: m.ship()),
            "cancel": ("POST", f"{self.path}/cancel", {}, lambda m: m.cancel()),
            "reopen": ("POST", f"{self.path}/reopen", {}, lambda m: m.reopen()),
            "delete": ("DELETE", self.path, None, lambda m: m.delete()),
        }[action]
        reply = self.talk.act(command, method, path, body)
        assert code == reply.json.get("code", "already_open")

    # Asking twice, and too late

    @rule()
    def again(self):
        if self.talk.wrote_at > self.hall.clock - DAY:
            self.talk.again()

    @precondition(lambda self: self.model.version > 1 and not self.model.deleted)
    @rule(verb=st.sampled_from(["edit", "cancel", "ship", "pay", "refund"]))
    def stale(self, verb):
        requests = {
            "edit": ("PUT", self.path, {"order": {"note": "late"}}),
            "cancel": ("POST", f"{self.path}/cancel", {}),
            "ship": ("POST", "/fulfillments", {"fulfillment": {"orderId": self.talk.id}}),
            "pay": ("POST", f"{self.path}/mark_as_paid", {}),
            "refund": ("POST", "/refunds", {"refund": {"orderId": self.talk.id, "amount": "1"}}),
        }
        self.talk.stale(*requests[verb])


class LastWords(io.StringIO):
    """Keeps of the server's log what was written last, for there is very much of it."""

    def write(self, text):
        self.seek(0)
        self.truncate()
        return super().write(text)


@dataclass
class Hall:
    """A running server with two shops, of which one closes what is done; its clock is set by hand."""

    till: Inside = None
    clock: int = field(default_factory=now)
    doors: dict = field(default_factory=dict)

    def open(self, till):
        self.till = till
        for closes in (False, True):
            shop = till.found(f"closes-{closes}".lower(), auto_close=closes)
            self.doors[closes] = shop, till.install(shop, scopes=SCOPES)

    def talk(self, birth, *, closes):
        return Talk(self.till, *self.doors[closes], birth, now=self.clock)

    def lapse(self):
        parts = self.till.parts
        self.till.run(lapse_due(parts.db, at=self.clock, mint=parts.lease.minter))


@pytest.fixture
def loop():
    """A loop that is run without asking for signals each time, which would take as long as all else."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        yield runner.get_loop()


@pytest.mark.long
def test_an_order_lives_as_its_model_does(loop, store):
    hall = Hall()
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stderr(LastWords()))
        run = loop.run_until_complete
        till = stack.enter_context(inside(run, **store, now=lambda: hall.clock))
        hall.open(till)
        count = LIVES if till.parts.db.dialect == "sqlite" else LIVES // 5
        machine = type("Life", (Life,), {"hall": hall})
        prove(
            machine,
            settings=settings(
                max_examples=count, stateful_step_count=16, derandomize=not ASKED, print_blob=True
            ),
        )
