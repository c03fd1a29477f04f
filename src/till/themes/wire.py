"""The REST form of themes (genstore.md §7.2): the documented keys, always, and additive ones."""

from typing import Annotated

from till.clock import moment
from till.dialect.out import Additive, Out, Time
from till.themes.theme import Status, Theme


class ThemeOut(Out, kw_only=True, frozen=True):
    shop_theme_id: str
    shop_theme_name: str
    is_current: bool
    status: Status
    create_time: Time
    update_time: Time
    version: Annotated[int, Additive]
    reason: Annotated[str | None, Additive]


class ThemesAnswer(Out, kw_only=True, frozen=True):
    themes: tuple[ThemeOut, ...]


class ThemeAnswer(Out, kw_only=True, frozen=True):
    theme: ThemeOut


def stamp(micros: int) -> str:
    """`micros` as Genstore writes times in themes: UTC with milliseconds (rulings.md §2.3)."""
    return moment(micros).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def show(theme: Theme) -> ThemeOut:
    return ThemeOut(
        shop_theme_id=str(theme.id),
        shop_theme_name=theme.name,
        is_current=theme.is_current,
        status=theme.status,
        create_time=stamp(theme.created_at),
        update_time=stamp(theme.updated_at),
        version=theme.version,
        reason=theme.reason,
    )
