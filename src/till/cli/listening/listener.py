"""Reads the feed of events and posts each to an app, in their order, until each has arrived."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from till.cli.durations import spell
from till.cli.listening.forward import Answered, post
from till.cli.listening.state import State
from till.cli.listening.telling import Teller, name_of
from till.cli.outcome import Exit, stop
from till.cli.remote import Remote, Unreachable
from till.cli.stream import stream

Json = dict[str, Any]

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 10.0
PAGE = 250
# The longest that the server waits for an event before it answers.
LONGEST_WAIT = 60
# A signature is of its moment, and libraries refuse those that are older than five minutes.
SIGNATURE_LASTS = 120.0
MOST_COUNTED = 10_000


@dataclass(slots=True)
class Patience:
    """How long to wait before the next try, and when to give up; `limit` is in seconds, None never."""

    limit: float | None
    tries: int = 0
    since: float = 0.0

    def wait(self) -> bool:
        """Wait a little longer than the last time; False when it was long enough."""
        now = time.monotonic()
        if not self.tries:
            self.since = now
        if self.limit is not None and now - self.since >= self.limit:
            return False
        pause = min(FIRST_PAUSE * 2**self.tries, LONGEST_PAUSE)
        if self.limit is not None:
            pause = min(pause, max(0.0, self.since + self.limit - now))
        self.tries += 1
        time.sleep(pause)
        return True

    def over(self) -> None:
        self.tries = 0


@dataclass(slots=True)
class Listener:
    """One listener; `cursor` is the last event that the app has had.

    What the app refuses counts as had, unless `retry_refused`: then it is sent until it is taken.
    """

    remote: Remote
    forward_to: str
    topics: str | None
    state: State
    teller: Teller
    cursor: int
    give_up: float | None
    retry_refused: bool = False
    newest: int = 0
    received: int = 0
    refused: int = 0
    app: Patience = field(init=False)
    server: Patience = field(init=False)

    def __post_init__(self) -> None:
        self.app, self.server = Patience(self.give_up), Patience(self.give_up)

    def begin(self, newest: int) -> None:
        """Say where it stands; up to `newest`, events have happened before."""
        self.newest = newest
        self.state.keep(self.cursor)
        told = f"Listening from event {self.cursor} on, for {self.forward_to}"
        self.teller.notice("listening", told, cursor=str(self.cursor))
        self._replay_word()

    def catch_up(self) -> None:
        """Post all that happened up to now."""
        for event in self._pages():
            self._forward(event)

    def until_idle(self, seconds: int) -> None:
        """Post what comes until nothing has come for so long."""
        while True:
            self.catch_up()
            if not self._more_within(seconds):
                return

    def _more_within(self, seconds: float) -> bool:
        """True as soon as there is an event to post; False when there was none for so long."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            wait = min(math.ceil(left), LONGEST_WAIT)
            answer = self.remote.get("/events", **self._query(limit=1, wait=wait))
            if answer["events"]:
                return True
            self._advance(int(answer["cursor"]))
        return False

    def forever(self) -> None:
        """Post what comes, whatever becomes of either side meanwhile; ends only by giving up."""
        while True:
            try:
                for message in stream(self.remote, "/events", str(self.cursor), **self._query(after=None)):
                    if self.server.tries:
                        self._look()
                    if message.data is None:
                        self._advance(int(message.id))
                    else:
                        self._forward(message.data)
                away = "The server ended the stream"
            except Unreachable as unreachable:
                away = unreachable.message.rstrip(".")
            if not self.server.tries:
                self.teller.notice("away", f"{away}: trying again.", bad=True)
            if not self.server.wait():
                self._give_up(away)
            self._look()

    def _look(self) -> None:
        """After a break, find out what was missed as soon as the server is there again."""
        try:
            newest = self._newest()
        except Unreachable:
            return
        self.newest = newest
        self.server.over()
        self.teller.notice("back", "The server is there again.")
        self._replay_word()

    def _newest(self) -> int:
        return int(self.remote.get("/events", after="latest", limit=1)["cursor"])

    def _replay_word(self) -> None:
        """Say how many events there are that the app has not had."""
        missed = 0
        for _ in self._pages(sign=None):
            missed += 1
            if missed == MOST_COUNTED:
                break
        if missed:
            told = f"more than {missed:,}" if missed == MOST_COUNTED else f"{missed:,}"
            self.teller.notice("missed", f"missed {told} while away, replaying", count=missed)

    def _pages(self, sign: str | None = "true") -> Iterator[Json]:
        """The events after the cursor, up to the newest."""
        after, more = self.cursor, True
        while more:
            answer = self.remote.get("/events", **self._query(after=after, limit=PAGE, sign=sign))
            yield from answer["events"]
            after, more = int(answer["cursor"]), _says(answer["more"])
        if sign:
            self._advance(after)

    def _query(self, **more: Any) -> dict[str, Any]:
        return {"after": self.cursor, "topic": self.topics, "sign": "true"} | more

    def _forward(self, event: Json) -> None:
        """Post one event until it has arrived; an app that is away holds up all that follows."""
        signed, tries = time.monotonic(), 0
        while True:
            if time.monotonic() - signed > SIGNATURE_LASTS:
                event, signed = self._signed_anew(event), time.monotonic()
            answered = post(self.forward_to, event["headers"], event["body"].encode())
            tries += 1
            if not answered.is_away and (answered.is_good or not self.retry_refused):
                break
            self._app_is_away(event, answered)
        if self.app.tries:
            self.app.over()
            self.teller.notice("app_back", "The app takes it now.")
        self.received += 1
        self.refused += not answered.is_good
        # First, so that it is not sent again where nobody is left to be told.
        self._advance(int(event["cursor"]))
        replayed = int(event["cursor"]) <= self.newest
        self.teller.event(event, answered, replayed=replayed, tries=tries)

    def _app_is_away(self, event: Json, answered: Answered) -> None:
        why = answered.why or f"it answered {answered.status}"
        if not self.app.tries:
            told = f"{self.forward_to} did not take {event['topic']} {name_of(event)} ({why})"
            self.teller.notice("app_away", f"{told}: holding it, and what follows.", bad=True)
        if not self.app.wait():
            self._give_up(f"{self.forward_to}: {why}")

    def _signed_anew(self, event: Json) -> Json:
        query = {"after": int(event["cursor"]) - 1, "limit": 1, "sign": "true", "topic": event["topic"]}
        fresh: Json = self.remote.get("/events", **query)["events"][0]
        return fresh

    def _advance(self, cursor: int) -> None:
        if cursor > self.cursor:
            self.cursor = cursor
            self.state.keep(cursor)

    def _give_up(self, why: str) -> None:
        stop(f"gave up after {spell(self.give_up or 0)} ({why}).", Exit.UNREACHABLE)


def _says(flag: Any) -> bool:
    """A flag in either profile."""
    return str(flag).lower() == "true"
