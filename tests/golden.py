"""The public cases of golden-liquid, run through Till's own environment: all tags, all filters, limits on."""

import json
from pathlib import Path

from till.liquid.bundle import Bundle
from till.liquid.engine import Engine, Page
from till.liquid.limits import Limits
from till.liquid.registers import Registers

CASES = Path(__file__).parent / "fixtures" / "golden-liquid" / "golden_liquid.json"
FLOOR = 1_048
LIMITS = Limits()

KNOWN = {
    "tags, case, unexpected when token, strict2": (
        "`and` between the values of `when` ends them, as on the lax parser that themes are written for"
    ),
    "tags, comment, incomplete tags are not parsed": (
        "braces left open inside a comment are taken as its text, not as a mistake"
    ),
}
"""Cases that Till answers otherwise, each with the reason; docs/explanation/liquid.md lists them too."""

ADVICE = {"unknown_object", "unknown_property"}
"""Faults that say what a developer probably meant; Liquid itself has nothing against an undefined name."""


def cases():
    return json.loads(CASES.read_text(encoding="utf-8"))["tests"]


def failure(case):
    """What is wrong with Till's answer to a case; None where it is right."""
    if case.get("invalid"):
        _, faults = answer(case, strict=True)
        return None if faults else "is invalid, and no fault is found"
    expected = case.get("results") or [case["result"]]
    for strict in (False, True):
        body, faults = answer(case, strict=strict)
        if body not in expected:
            return f"{'strict' if strict else 'lax'}: {body!r} instead of {expected[0]!r} {faults}"
        if faults and strict:
            return f"is valid, and is said to be wrong: {faults[0]}"
    return None


def answer(case, *, strict):
    files = {f"snippets/{name}.liquid": text for name, text in case.get("templates", {}).items()}
    files |= {"templates/index.liquid": case["template"], "layout/theme.liquid": "{{ content_for_layout }}"}
    engine = Engine(Bundle("golden", "golden", files, {}), LIMITS, strict=strict)
    page = Page(template="index", globals=case.get("data", {}), registers=Registers())
    rendered = engine.render(page)
    return rendered.body, [fault for fault in rendered.faults if fault.kind not in ADVICE]
