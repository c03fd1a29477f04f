"""Webhooks of a test's shop: subscribed to, received, waited for, and answered badly on purpose."""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from importlib import import_module
from typing import Any
from urllib.parse import urlencode

from till.testing.dev import Clock
from till.testing.receiver import Answer, Received, Receiver
from till.testing.server import Server
from till.testing.shop import Shop

PATIENCE = 10.0
SETTLES_WITHIN = 3.0
POLL = 0.01
MOST = 100
NOT_GRANTED = 403
WHERE_TOPICS_ARE = "till.deliveries.catalog"


class Webhooks:
    """The endpoint of one test, and its subscriptions in `shop`."""

    def __init__(self, server: Server, shop: Shop) -> None:
        self._server, self._shop = server, shop
        self._receiver = Receiver()
        self._subscribed: dict[int, str] = {}
        self._returned: set[int] = set()

    @property
    def url(self) -> str:
        """Where webhooks are received."""
        return self._receiver.url

    @property
    def received(self) -> list[Received]:
        """All that came up to now, in the order in which it came; every attempt is one."""
        with self._receiver.changed:
            return list(self._receiver.received)

    def subscribe(self, *topics: str, **options: Any) -> list[int]:
        """Subscribe to `topics`, or to all that the app may hear; answers the ids of the subscriptions.

        `options` are those of `POST /app/webhooks`, e.g. `filter="totalPrice:>100"`.
        """
        made = []
        for topic in topics or _all_topics():
            webhook = {"address": self.url, "topic": topic} | options
            answer = self._shop.post("/app/webhooks", {"webhook": webhook})
            if answer.status == NOT_GRANTED and not topics:
                continue
            made.append(answer.checked().json()["webhook"]["id"])
            self._subscribed[made[-1]] = topic
        return made

    def respond(
        self,
        answering: Callable[[Received], Answer | int] | None = None,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        delay: float = 0.0,
        times: int | None = None,
    ) -> None:
        """Answer so from now on, or only to the next `times` webhooks.

        `delay` is in seconds. A function is given each `Received`, and says the status or the `Answer`.
        """
        fixed = Answer(status=status, headers=headers or {}, body=body, delay=delay)

        def answer(received: Received) -> Answer:
            said = fixed if answering is None else answering(received)
            return Answer(said) if isinstance(said, int) else said

        self._receiver.respond(answer, times=times)

    def wait_for(
        self,
        topic: str | None = None,
        *,
        order: Any = None,
        attempt: int | None = None,
        where: Callable[[Received], bool] | None = None,
        timeout: float = PATIENCE,
    ) -> Received:
        """The first webhook that fits and that no earlier call has returned, its signatures verified.

        `order` is an order's id, or the order as the API answers it. AssertionError after `timeout`
        seconds says what came instead, what is on its way, and how the server fares.
        """
        __tracebackhide__ = True
        found = self._find(_test(topic, order, attempt, where), timeout)
        if found is None:
            wanted = _spelled(topic, order, attempt, where)
            raise AssertionError(f"{wanted} did not come within {timeout:g} s.\n{self._report()}")
        found.verify(self._shop.client_secret)
        if found.error is not None:
            raise AssertionError(f"What was given to respond() failed on {found}.") from found.error
        return found

    def none_within(
        self,
        seconds: float,
        topic: str | None = None,
        *,
        order: Any = None,
        attempt: int | None = None,
        where: Callable[[Received], bool] | None = None,
    ) -> None:
        """AssertionError if one comes that fits, or has come and was never returned by `wait_for`."""
        __tracebackhide__ = True
        found = self._find(_test(topic, order, attempt, where), seconds)
        if found is not None:
            raise AssertionError(f"Nothing was to come, but this did: {found}.")

    def deliveries(self, **wanted: Any) -> list[dict[str, Any]]:
        """What the server's log says of the app's deliveries, newest first.

        `wanted` are the filters of `GET /app/deliveries`, e.g. `state="retry_wait"`, `topic=…`.
        """
        path = f"/app/deliveries?{urlencode({'limit': MOST} | wanted)}"
        found: list[dict[str, Any]] = self._shop.get(path).checked().json()["deliveries"]
        return found

    def settled(self, timeout: float = SETTLES_WITHIN) -> bool:
        """Wait until each delivery has been tried and what came of it is booked; False after `timeout`.

        A next attempt is waited for once the server's clock says that it is due, in vain where Till leaves
        the receiver alone because it kept failing. Of those that wait, the newest hundred are looked at.
        """
        until = time.monotonic() + timeout
        while self._is_any_due():
            if time.monotonic() > until:
                return False
            time.sleep(POLL)
        return True

    def close(self) -> None:
        """Leave nothing that the server would still send."""
        for number in self._subscribed:
            self._shop.delete(f"/app/webhooks/{number}")
        self._receiver.close()

    def _is_any_due(self) -> bool:
        # What becomes due and is sent between two looks is met by the second, and would not be the other way.
        later = [
            datetime.fromisoformat(each["nextAttemptAt"]) for each in self.deliveries(state="retry_wait")
        ]
        if later and min(later) <= Clock(self._server).now():
            return True
        return bool(self.deliveries(state="pending,leased", limit=1))

    def _find(self, fits: Callable[[Received], bool], seconds: float) -> Received | None:
        until, seen = time.monotonic() + seconds, 0
        with self._receiver.changed:
            while True:
                for index, each in enumerate(self._receiver.received[seen:], seen):
                    if index not in self._returned and fits(each):
                        self._returned.add(index)
                        return each
                seen = len(self._receiver.received)
                left = until - time.monotonic()
                if left <= 0:
                    return None
                self._receiver.changed.wait(left)

    def _report(self) -> str:
        """What a test that waited in vain wants to know."""
        return "\n".join(
            [
                _section("Subscribed to:", self._subscribed.values()),
                _section("Came:", map(str, self.received)),
                _section("What the server has to deliver:", self._told(self._deliveries)),
                _section("Events of the shop:", self._told(self._events)),
                _section("End of the server's log:", self._server.last_lines()),
            ]
        )

    def _told(self, look: Callable[[], list[str]]) -> list[str]:
        """What `look` finds; a report is worth having even of a server that is down."""
        try:
            return look()
        except (OSError, AssertionError, ValueError) as error:
            return [f"(could not be read: {error})"]

    def _deliveries(self) -> list[str]:
        return [_line(each) for each in self.deliveries()]

    def _events(self) -> list[str]:
        page = self._shop.get("/events").checked().json()
        return [f"{each['topic']} of {each['resourceId']}" for each in page["events"]]


def _all_topics() -> tuple[str, ...]:
    """Every topic there is; loaded only here, for whoever runs other tests shall not load the server."""
    return tuple(import_module(WHERE_TOPICS_ARE).KINDS)


def _id_of(order: Any) -> str | None:
    found = order.get("orderId", order.get("id")) if isinstance(order, Mapping) else order
    return None if found is None else str(found)


def _test(
    topic: str | None, order: Any, attempt: int | None, where: Callable[[Received], bool] | None
) -> Callable[[Received], bool]:
    wanted = _id_of(order)
    return lambda each: (
        (topic is None or each.topic == topic)
        and (wanted is None or each.order == wanted)
        and (attempt is None or each.attempt == attempt)
        and (where is None or where(each))
    )


def _spelled(topic: str | None, order: Any, attempt: int | None, where: object) -> str:
    about = f" of order {_id_of(order)}" if order is not None else ""
    number = f", attempt {attempt}," if attempt is not None else ""
    more = " that fits `where`" if where is not None else ""
    return f"{topic or 'A webhook'}{about}{number}{more}"


def _line(delivery: Mapping[str, Any]) -> str:
    """A delivery of the server's log in one line, with what went wrong last and what comes next."""
    last = delivery["lastStatus"] or delivery["lastError"]
    said = [f"{delivery['topic']} of {delivery['resourceId']}: {delivery['state']}"]
    said += [f"{delivery['attempts']} attempt(s), the last: {last}"] if delivery["attempts"] else []
    said += [f"next at {delivery['nextAttemptAt']}"] if delivery["nextAttemptAt"] else []
    return ", ".join(said) + (f" ({delivery['reason']})" if delivery["reason"] else "")


def _section(title: str, lines: Iterable[str]) -> str:
    found = [f"  {line}" for line in lines]
    return "\n".join([title, *found]) if found else f"{title} nothing"
