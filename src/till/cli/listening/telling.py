"""What a listener says: a line for each event, and a word when something is up."""

import sys
from datetime import datetime
from typing import Any

from rich.text import Text

from till.cli.listening.forward import Answered
from till.cli.orders.paint import BAD, FAINT, GOOD, OPEN, Lines, printable
from till.cli.outcome import print_json

Json = dict[str, Any]


class Teller:
    """Speaks to a person, or, with `json`, one JSON line at a time to a program."""

    def __init__(self, *, json: bool) -> None:
        self._json = json
        self._console = Lines()

    def event(self, event: Json, answered: Answered, *, replayed: bool, tries: int) -> None:
        """An event that was posted, and what the app answered."""
        if self._json:
            told = {name: event[name] for name in ("cursor", "id", "topic", "resourceId", "occurredAt")}
            told |= {"name": name_of(event), "status": answered.status, "ms": answered.ms}
            print_json(told | {"replayed": replayed, "tries": tries})
            return
        style = GOOD if answered.is_good else BAD
        parts: list[Any] = [
            (f"{datetime.now().astimezone():%H:%M:%S}  ", FAINT),
            f"{event['topic']:<26}  {printable(name_of(event)):<10}  ",
            (str(answered.status), style),
            (f"  {answered.ms:g} ms", FAINT),
        ]
        if replayed:
            parts.append(("  replayed", FAINT))
        if not answered.is_good:
            parts.append((f"  not taken: `--from {int(event['cursor']) - 1}` sends it again", BAD))
        self._say(Text.assemble(*parts))

    def notice(self, kind: str, sentence: str, *, bad: bool = False, **facts: Any) -> None:
        """Something that is no event."""
        if self._json:
            print_json({"notice": kind, "sentence": sentence} | facts)
        else:
            self._say(Text(printable(sentence), OPEN if bad else FAINT))

    def _say(self, text: Text) -> None:
        self._console.print(text)
        sys.stdout.flush()


def name_of(event: Json) -> str:
    """How a person calls what happened to something: `#1043`, or the id where there is no name."""
    inner = next(iter(event["payload"].values()), None)
    told = inner.get("name") if isinstance(inner, dict) else None
    return str(told) if told and told != "null" else str(event["resourceId"])
