"""Time spans as they are typed: 90s, 15m, 4h, 2d."""

import re

from till.cli.outcome import Exit, stop

SPAN = re.compile(r"([0-9]{1,9})(s|m|h|d)")
SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def seconds_of(option: str, text: str) -> int:
    """The seconds of a span; ends the command where it is none."""
    found = SPAN.fullmatch(text.strip().removeprefix("+"))
    if found is None:
        stop(f"{option} {text}: give a time span such as 90s, 15m, 4h or 2d.", Exit.USAGE)
    return int(found[1]) * SECONDS[found[2]]


def spell(seconds: float) -> str:
    """A span for people: `4h`, `1d 2h`, `90s`; of fractions, none."""
    left, told = round(abs(seconds)), []
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            told.append(f"{count}{unit}")
    return " ".join(told) or "0s"
