"""A database that did not answer for a while holds the engine up for that while, and not for longer."""

import itertools

from till import clock
from till.deliveries.choosing import LONGEST_PAUSE, Chooser
from till.deliveries.circuit import Circuit
from till.deliveries.flights import Flights, Limits
from till.deliveries.queue import Queue


def test_09_after_a_look_that_took_half_a_minute_the_next_comes_soon(db, run):
    moments = itertools.chain([100.0, 130.0], itertools.repeat(130.0))
    chooser = Chooser(
        queue=Queue(db, clock=clock.now),
        flights=Flights(Limits()),
        circuit=Circuit(lambda: 130.0),
        clock=clock.now,
        monotonic=lambda: next(moments),
        poll=1.0,
    )
    run(chooser.look())
    chooser.want()
    assert chooser.idle_seconds() <= LONGEST_PAUSE
    now = 130.0 + LONGEST_PAUSE
    looks = []
    chooser._monotonic = lambda: now
    chooser._queue.look = lambda **_: looks.append(1) or Queue(db, clock=clock.now).look(until=0, heavy=False)
    run(chooser.look())
    assert looks == [1]
