"""`till`, ended when whoever started it is gone: a test run that was killed leaves no server behind."""

import os
import signal
import threading

from till.cli.main import run


def _end_with_parent() -> None:
    """Wait for the end of standard input, which comes at the latest when the other side dies."""
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, daemon=True).start()
    run()
