"""What the log says of workers."""

from till.fence.crew import UNSTARTED, Replaced
from till.log import Log


def note(log: Log, one: Replaced) -> None:
    """Write down that a worker was replaced, or could not be started."""
    if one.kind == UNSTARTED:
        log.now("workers that render cannot be started", reason=one.detail)
        return
    log.line(
        "a worker that renders was replaced",
        reason=one.kind,
        cpu=round(one.cpu, 2),
        peak=one.peak,
        trace=one.detail,
    )
