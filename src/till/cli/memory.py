"""Keeps freed memory for the next answer, where the C library would give it back after each."""

import contextlib
import ctypes

# The numbers of glibc's malloc.h.
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3
MIB = 1 << 20


def keep_freed_memory() -> None:
    """Ask glibc not to return what a page of orders took; without glibc nothing is asked.

    A list of 50 orders is a buffer of some 200 kB. By default glibc maps and unmaps the like for
    every answer, which costs the kernel several times what the list costs us.
    """
    with contextlib.suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_MMAP_THRESHOLD, 32 * MIB)
        mallopt(M_TRIM_THRESHOLD, 64 * MIB)
        mallopt(M_TOP_PAD, 4 * MIB)
