"""`--set path=value`: fields by their dotted paths; whether there is such a field, the server says."""

import json
import re
from itertools import pairwise
from typing import Any

from till.cli.outcome import Exit, stop

STEP = re.compile(r"([A-Za-z_]\w*)|\[([0-9]{1,3})\]")
PATH = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\[[0-9]{1,3}\])*")

Json = dict[str, Any]


def apply(body: Json, wishes: list[str]) -> Json:
    """`body` with what the wishes say; ends the command for what is no wish."""
    changed: Json = json.loads(json.dumps(body))
    for wish in wishes:
        path, parted, text = wish.partition("=")
        path = path.strip().removeprefix("order.")
        if not parted or not PATH.fullmatch(path):
            stop(f"--set {wish}: give PATH=VALUE, such as customer.email=ada@example.com.", Exit.USAGE)
        _put(changed, [name or int(index) for name, index in STEP.findall(path)], _value(wish, text), wish)
    return changed


def _value(wish: str, text: str) -> Any:
    """A text, which the API reads as what it should be; an object or a list is JSON."""
    if not text.startswith(("{", "[")):
        return text
    try:
        return json.loads(text)
    except ValueError:
        stop(f"--set {wish}: what begins with a bracket must be JSON.", Exit.USAGE)


def _put(body: Json, steps: list[str | int], value: Any, wish: str) -> None:
    inside: Any = body
    for step, following in pairwise([*steps, None]):
        if isinstance(inside, list) is not isinstance(step, int):
            what = (
                "is a list: name its place, as in lineItems[0].price" if isinstance(step, str) else "is none"
            )
            stop(f"--set {wish}: what stands before {step!r} {what}.", Exit.USAGE)
        if isinstance(step, int):
            step = min(step, len(inside))  # noqa: PLW2901 - one past the end makes the list longer
            if step == len(inside):
                inside.append(None)
        if following is None:
            inside[step] = value
            return
        found = inside[step] if isinstance(step, int) else inside.get(step)
        if not isinstance(found, dict | list):
            found = inside[step] = [] if isinstance(following, int) else {}
        inside = found
