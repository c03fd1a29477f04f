"""Says whether work grows with what it is given, or with its square, on however busy a machine."""

import gc
import time

TIMES = 16
# Linear work takes 16 times as long for 16 times as much, quadratic work 256 times.
MOST = 64
# Less than this, in seconds of a processor, is lost among what else a process does.
LEAST = 0.004


def is_linear(work, make, size):
    """True where `work` on `make(size)` costs about 16 times what it costs on a sixteenth of that."""
    given = make(size // TIMES), make(size)
    # In turn, so that what else the machine does slows both.
    rounds = [[_spent(work, each) for each in given] for _ in range(3)]
    small, large = (min(times) for times in zip(*rounds, strict=True))
    return large <= MOST * max(small, LEAST)


def _spent(work, given):
    """Seconds of a processor, without looking for garbage: that grows with what other tests have left."""
    gc.disable()
    try:
        began = time.process_time()
        work(given)
        return time.process_time() - began
    finally:
        gc.enable()
