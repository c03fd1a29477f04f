"""A theme and its rules (genstore.md §10.2, rulings.md §8): at most 20 a shop, and exactly one is current."""

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from till.errors import Invalid, NotFound

MOST_THEMES = 20
LONGEST_NAME = 100
LAYOUT = "layout/theme.liquid"


class Status(StrEnum):
    """What became of the upload: it is being installed, it is there, or it could not be."""

    INIT = "INIT"
    SUCCESS = "SUCCESS"
    FAIL = "FAIL"


class ThemeNotFound(NotFound):
    """No such theme in this shop."""


class AssetNotFound(NotFound):
    """The theme has no such file."""


class VersionNotFound(NotFound):
    """The theme has no such version, or it is kept no longer."""


class BadThemeName(Invalid):
    """A theme cannot be called that."""


class TooManyThemes(Invalid):
    """A shop has as many themes as it may."""


class CurrentThemeStays(Invalid):
    """What visitors see is not deleted."""


class ThemeNotReady(Invalid):
    """The files of the theme have not arrived, or never will."""


class NothingToRollBack(Invalid):
    """There is nothing before what visitors see."""


class PublishedMeanwhile(Invalid):
    """Visitors see something else than when it was wished that they see what was before."""


class Theme(Struct, frozen=True, kw_only=True):
    """`version` is the one that is shown, 0 while there are no files; `revision` rises with every change."""

    shop_id: int
    id: int
    name: str
    status: Status
    version: int
    revision: int
    created_at: int
    updated_at: int
    is_current: bool = False
    reason: str | None = None

    @property
    def is_ready(self) -> bool:
        return self.status is Status.SUCCESS

    @property
    def shown(self) -> str:
        """Names what is seen of it now: this theme, in this version."""
        return f"{self.id}.{self.version}"

    def moved(self, *, at: int, **changes: object) -> "Theme":
        """The theme after a change at `at`."""
        changed = replace(self, revision=self.revision + 1, updated_at=max(at, self.updated_at))
        return replace(changed, **changes)

    def ready(self) -> "Theme":
        """This theme, if its files are there; else `ThemeNotReady`."""
        if self.status is Status.INIT:
            raise ThemeNotReady(
                f"Theme {self.id} is still being installed: wait until its status is {Status.SUCCESS}.",
                fields={"themeId": ["is still being installed"]},
            )
        if self.status is Status.FAIL:
            raise ThemeNotReady(
                f"Theme {self.id} could not be installed and has no files: delete it and upload it again.",
                fields={"themeId": ["could not be installed"]},
            )
        return self

    def deletable(self) -> "Theme":
        """This theme, if it may be deleted."""
        if self.is_current:
            raise CurrentThemeStays(
                f"Theme {self.id} is what visitors see: publish another one before you delete it.",
                fields={"themeId": ["is the current theme"]},
            )
        return self


def checked_name(name: str) -> str:
    """A name without blanks around it; `BadThemeName` says what is wrong with one."""
    plain = name.strip()
    field = "theme.shopThemeName"
    if not plain:
        raise BadThemeName(f"{field} is empty: name the theme.", fields={field: ["must not be empty"]})
    if len(plain) > LONGEST_NAME:
        raise BadThemeName(
            f"{field} has {len(plain)} characters: give at most {LONGEST_NAME}.",
            fields={field: [f"is longer than {LONGEST_NAME} characters"]},
        )
    if not plain.isprintable():
        raise BadThemeName(
            f"{field} holds control characters: leave them out.",
            fields={field: ["must be printable characters"]},
        )
    return plain


def copy_name(name: str) -> str:
    """What a copy is called that nobody named."""
    return f"{name[: LONGEST_NAME - 8]} (copy)"


def room_for_one(count: int) -> None:
    """Refuse one theme more than a shop may have."""
    if count >= MOST_THEMES:
        raise TooManyThemes(
            f"This shop has {count} themes, and {MOST_THEMES} are allowed: delete one that you do not need.",
            fields={"theme": [f"would be more than {MOST_THEMES} themes"]},
        )


def unknown(theme_id: object) -> ThemeNotFound:
    return ThemeNotFound(f"There is no theme {theme_id} in this shop: GET /themes lists them.")
