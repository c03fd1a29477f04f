"""Clients that create, change and cancel orders as fast as they are answered, and write down all they ask."""

import http.client
import itertools
import json
import random
import threading
from collections import Counter
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from checker import Asked

from builders import a_line

ROOT = "/api/202412"
MARKS = itertools.count(1)


@dataclass
class OrderLog:
    """What was asked, with its answer once it came; `refused` counts (status, is there Retry-After)."""

    asked: dict = field(default_factory=dict)
    orders: list = field(default_factory=list)
    refused: Counter = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, asked):
        with self.lock:
            self.asked[asked.mark] = asked
            if asked.verb == "create" and asked.order is not None:
                self.orders.append(asked.order)

    @property
    def acknowledged(self):
        with self.lock:
            return sum(each.version is not None for each in self.asked.values())

    def all(self):
        with self.lock:
            return list(self.asked.values())


class Client(threading.Thread):
    """Works until `enough` is set; a connection that breaks is made anew."""

    def __init__(self, url, token, log, seed, *, pause=0.0):
        super().__init__(daemon=True)
        self._at = urlsplit(url).netloc
        self._headers = {"X-Genstore-Access-Token": token, "Content-Type": "application/json"}
        self._log = log
        self._chance = random.Random(seed)
        self._pause = pause
        self.enough = threading.Event()

    def run(self):
        link = None
        while not self.enough.is_set():
            try:
                link = link or http.client.HTTPConnection(self._at, timeout=30)
                self._ask(link)
            except (OSError, http.client.HTTPException, ValueError):
                if link is not None:
                    link.close()
                link = None
                self.enough.wait(0.01)
            self.enough.wait(self._pause)
        if link is not None:
            link.close()

    def _ask(self, link):
        asked, path, body = self._deed()
        method = "PUT" if path and not path.endswith("/cancel") else "POST"
        self._log.note(asked)
        link.request(method, f"{ROOT}/orders{path}", json.dumps(body), self._headers)
        with link.getresponse() as reply:
            said = json.load(reply)
            if reply.status == 200:
                order = said["order"]
                self._log.note(replace(asked, order=order["orderId"], version=order["version"]))
            else:
                self._log.refused[reply.status, reply.headers["retry-after"] is not None] += 1

    def _deed(self):
        mark = f"mark {next(MARKS)}"
        with self._log.lock:
            known = self._chance.choice(self._log.orders) if self._log.orders else None
        if known is None or self._chance.random() < 0.5:
            paid = self._chance.choice(["paid", "pending", "authorized"])
            lines = [a_line() for _ in range(self._chance.randint(1, 3))]
            order = {"lineItems": lines, "financialStatus": paid, "note": mark}
            return Asked(mark, "create"), "", {"order": order}
        change = Asked(mark, "change", known)
        if self._chance.random() < 0.1:
            return change, f"/{known}/cancel", {"refund": self._chance.random() < 0.5}
        return change, f"/{known}", {"order": {"note": mark}}


class at_work:  # noqa: N801 - it is used like a function
    """So many clients at work for the length of a block."""

    def __init__(self, url, token, log, seed, *, count=4, pause=0.0):
        self._clients = [Client(url, token, log, f"{seed}/{n}", pause=pause) for n in range(count)]

    def __enter__(self):
        for each in self._clients:
            each.start()

    def __exit__(self, *_):
        for each in self._clients:
            each.enough.set()
        for each in self._clients:
            each.join(60)
