"""Ports that stay free until somebody listens there."""

import random
import socket
from pathlib import Path

RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
LOWEST, USUAL = 12_000, 32_768
TRIES = 1_000


def free_port() -> int:
    """A port of loopback that nobody has, and below those that the system gives to outgoing connections.

    One of theirs could be taken between being found and being listened at, or while a server is restarted.
    """
    below = int(RANGE.read_text().split()[0]) if RANGE.exists() else USUAL
    # Not the seeded one: processes of a test run would all draw the same.
    draw = random.SystemRandom()
    for _ in range(TRIES):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", draw.randrange(LOWEST, below) if below > 2 * LOWEST else 0))
            except OSError:
                continue
            port: int = probe.getsockname()[1]
            return port
    raise RuntimeError(f"no port from {LOWEST} to {below} is free")
