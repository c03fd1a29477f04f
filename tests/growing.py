"""Says whether work grows with what it is given, or with its square, on however busy a machine."""

import time

TIMES = 8
# Linear work takes 8 times as long for 8 times as much, quadratic work 64 times.
MOST = 24
# Less than this, in seconds of a processor, is lost among what else a process does.
LEAST = 0.01


def is_linear(work, make, size):
    """True where `work` on `make(size)` costs about eight times what it costs on an eighth of that."""
    small, large = (min(_spent(work, make(each)) for _ in range(3)) for each in (size // TIMES, size))
    return large <= MOST * max(small, LEAST)


def _spent(work, given):
    began = time.process_time()
    work(given)
    return time.process_time() - began
