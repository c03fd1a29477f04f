"""What a job may spend, and what is said of one that wants more."""

import msgspec

from till.errors import Invalid, Unavailable

MIB = 1 << 20
# A worker stops a job itself at this part of its CPU time, to say where it stood; at the whole, it is ended.
WARNED_AT = 0.85


class Limits(msgspec.Struct, frozen=True):
    """What one job may use (delivery.md §6): `memory` and `output` in bytes, `cpu` and `wall` in seconds.

    `memory` is of the whole process, the program's own part included.
    """

    memory: int = 512 * MIB
    cpu: float = 2.0
    output: int = 2 * MIB
    wall: float = 10.0


class Breached(Invalid):
    """A job was stopped, and nothing of it is left.

    `kind` is `cpu`, `memory`, `output`, `wall` or `depth` for the limit, `crashed` where the process ended,
    `failed` where the job did by a defect of ours; `file` and `line` (from 1; 0 if unknown) are where in the
    theme it stood. `detail` is for the log and not for the client.
    """

    def __init__(self, kind: str, message: str, *, file: str = "", line: int = 0, detail: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.file = file
        self.line = line
        self.detail = detail


class Crowded(Unavailable):
    """So many renders wait that one more would only wait in vain."""


def message_of(kind: str, limits: Limits, what: str, file: str = "", line: int = 0) -> str:
    """One sentence for the author of the theme: what was too much, where, and the way out.

    `what` begins it, such as "The page".
    """
    at = f" at {file}, line {line}," if file and line else f" at {file}," if file else ""
    size = limits.memory // MIB
    said = {
        "cpu": f"was stopped{at} after {limits.cpu:g} s of computing: make it simpler, its loops shorter.",
        "memory": f"was stopped{at} as it needs more than {size} MiB of memory: build less in memory.",
        "output": f"is longer than {limits.output // MIB} MiB: show less at once.",
        "wall": f"was not finished within {limits.wall:g} s: ask again, or make it simpler.",
        "depth": f"was stopped{at} because it calls itself too deeply: end the recursion.",
        "crashed": "ended the process that worked on it before it was finished: make it simpler.",
        "cancelled": "was not wanted any more.",
        "failed": f"could not be finished{at} because of a defect in Till: its log says which.",
    }
    return f"{what} {said[kind]}"
