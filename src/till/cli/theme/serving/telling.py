"""What `till theme dev` says: where it is, what was saved, and what is wrong with it."""

import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from rich.text import Text

from till.cli.orders.paint import BAD, FAINT, GOOD, OPEN, Lines, printable
from till.cli.outcome import print_json
from till.cli.theme.folder import listed
from till.cli.theme.serving.impact import Repaint
from till.liquid.faults import Fault


class Teller:
    """Speaks to a person, or, with `json`, one JSON line at a time to a program."""

    def __init__(self, *, json: bool) -> None:
        self._json = json
        self._console = Lines()
        self._known: set[Fault] = set()

    def begun(self, facts: Mapping[str, Any], sentences: Iterable[str]) -> None:
        """Where the pages are."""
        if self._json:
            print_json(dict(facts))
            return
        for sentence in sentences:
            self._say(Text(printable(sentence)))

    def saved(
        self, contents: Mapping[str, bytes | None], told: Repaint, faults: list[Fault], seconds: float
    ) -> None:
        """What was saved, what of the pages is painted again, and how soon they were told."""
        names = sorted(contents)
        painted = _painted(told)
        self._known = {fault for fault in self._known if fault.file not in told.files}
        if self._json:
            shown = {"saved": names, "repainted": painted}
            print_json(shown | {"faults": msgspec.to_builtins(faults), "ms": round(seconds * 1_000)})
            self._known |= set(faults)
            return
        self._say(
            Text.assemble(
                (f"{datetime.now().astimezone():%H:%M:%S}  ", FAINT),
                printable(listed(names)),
                (f"  {painted}", BAD if faults else GOOD),
            )
        )
        self.faults(faults)

    def faults(self, faults: Iterable[Fault]) -> None:
        """What is wrong, each of it once until its file is saved again."""
        new = [fault for fault in faults if fault not in self._known]
        self._known |= set(new)
        if self._json:
            if new:
                print_json({"faults": msgspec.to_builtins(new)})
            return
        for fault in new:
            self._say(Text(f"  {printable(fault)}", BAD))

    def tell(self, sentence: str) -> None:
        """What was done beside the pages."""
        self._notice("sync", sentence, FAINT)

    def warn(self, sentence: str) -> None:
        """What could not be done; the pages go on."""
        self._notice("warning", sentence, OPEN)

    def _notice(self, kind: str, sentence: str, style: str) -> None:
        if self._json:
            print_json({"notice": kind, "sentence": sentence})
        else:
            self._say(Text(printable(sentence), style))

    def _say(self, text: Text) -> None:
        self._console.print(text)
        sys.stdout.flush()


def _painted(told: Repaint) -> str:
    """What of the pages is painted again, in a word."""
    if told.page or told.templates:
        return "page"
    if told.sections:
        return "sections"
    return "styles" if told.styles else "nothing"
