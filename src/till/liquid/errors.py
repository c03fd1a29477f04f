"""From an exception of python-liquid to a fault that names file, line and the nearest known name."""

import re

from liquid.exceptions import (
    LiquidError,
    LiquidSyntaxError,
    ResourceLimitError,
    TemplateNotFoundError,
    UnknownFilterError,
)

from till.liquid.faults import Fault, Kind, line_of, nearest
from till.liquid.names import Names

QUOTED = re.compile(r"'([^']*)'")


def fault_of(error: LiquidError, file: str, names: Names) -> Fault:
    """The fault that an error means; `file` is used where the error names none."""
    token = error.token
    line = line_of(token.source, token.start_index) if token and token.start_index >= 0 else 0
    kind, message, hint = _read(error, names)
    return Fault(str(error.template_name or file), line, kind, message, hint)


def _read(error: LiquidError, names: Names) -> tuple[Kind, str, str]:
    said = str(error.message or type(error).__name__)
    quoted = QUOTED.search(said)
    name = quoted.group(1) if quoted else ""
    if isinstance(error, UnknownFilterError):
        return "unknown_filter", f"unknown filter {name}", nearest(name, names.filters)
    if isinstance(error, TemplateNotFoundError):
        stem = name or said
        return "missing_file", f"there is no {stem}", nearest(stem, names.files)
    if isinstance(error, ResourceLimitError):
        return "limit", said, ""
    if isinstance(error, LiquidSyntaxError):
        if said.startswith("unexpected tag"):
            return _unexpected(name, names)
        return "syntax", said, ""
    return "bad_argument", said, ""


def _unexpected(name: str, names: Names) -> tuple[Kind, str, str]:
    if name.startswith("end") and name.removeprefix("end") in names.tags:
        return "syntax", f"{name} closes nothing", ""
    if name in {"else", "elsif", "when"}:
        return "syntax", f"{name} stands outside of the tag it belongs to", ""
    return "unknown_tag", f"unknown tag {name}", nearest(name, names.tags)
