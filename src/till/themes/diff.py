"""How one file differs between two versions, as a unified diff."""

from difflib import unified_diff

# Beyond so many lines that may all be others, comparing takes too long.
MOST_LINES = 2_000
# And of more bytes on a side the lines alone would fill the memory.
MOST_BYTES = 2 * 1024 * 1024
CONTEXT = 3


def unified(name: str, old: bytes, new: bytes) -> str | None:
    """A unified diff; None of what is no text, or of so much that differs that it would take too long."""
    if max(len(old), len(new)) > MOST_BYTES:
        return None
    try:
        before, after = old.decode().splitlines(), new.decode().splitlines()
    except UnicodeDecodeError:
        return None
    head = _common(before, after)
    tail = _common(list(reversed(before[head:])), list(reversed(after[head:])))
    if max(len(before), len(after)) - head - tail > MOST_LINES:
        return None
    # What is the same at both ends is no work for the comparison, but for what is shown around a change.
    start = max(0, head - CONTEXT)
    ends = [len(lines) - max(0, tail - CONTEXT) for lines in (before, after)]
    lines = unified_diff(
        before[start : ends[0]], after[start : ends[1]], "a/" + name, "b/" + name, lineterm=""
    )
    return "\n".join(_moved(line, start) for line in lines)


def _common(before: list[str], after: list[str]) -> int:
    """How many lines are the same at the beginning."""
    count = 0
    for one, other in zip(before, after, strict=False):
        if one != other:
            break
        count += 1
    return count


def _moved(line: str, start: int) -> str:
    """A line of a diff; where it says at which lines a piece stands, counted from the file's beginning."""
    if not line.startswith("@@ "):
        return line
    _, old, new, _ = line.split(" ")
    return f"@@ {_shifted(old, start)} {_shifted(new, start)} @@"


def _shifted(place: str, start: int) -> str:
    first, comma, count = place[1:].partition(",")
    return f"{place[0]}{int(first) + start}{comma}{count}"
