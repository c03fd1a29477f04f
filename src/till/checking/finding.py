"""What a check finds: where, how bad, what, and how it is mended."""

from enum import StrEnum

from msgspec import Struct


class Severity(StrEnum):
    """How bad it is: an error breaks a page, a warning harms it, info is for who tidies up."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Edit(Struct, frozen=True):
    """A change of a file's text: what stands from `start` to `end`, in characters, becomes `text`."""

    start: int
    end: int
    text: str


class Found(Struct, frozen=True):
    """What a rule says: `at` is the character in the file where it begins, None for the file as a whole."""

    file: str
    at: int | None
    message: str
    fix: str = ""
    edits: tuple[Edit, ...] = ()


class Finding(Struct, frozen=True, kw_only=True):
    """One finding; `line` and `column` count from 1. `edits` mend it without anybody's judgement."""

    file: str
    line: int
    column: int
    rule: str
    severity: Severity
    message: str
    fix: str = ""
    edits: tuple[Edit, ...] = ()

    @property
    def is_fixable(self) -> bool:
        return bool(self.edits)
