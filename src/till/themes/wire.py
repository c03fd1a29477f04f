"""The REST form of themes and their files (genstore.md §7.2): documented keys, always, and additive ones."""

import base64
from enum import StrEnum
from functools import lru_cache
from typing import Annotated

from msgspec import Struct

from till.clock import moment
from till.dialect.out import Additive, Out, Time
from till.themes.files import content_type, is_text, kind_of
from till.themes.manifest import Entry, Manifest
from till.themes.shelf import Version
from till.themes.theme import Theme

BASE64 = "base64"


class ThemeStatus(StrEnum):
    """INIT while it is being installed, SUCCESS once its files are there, FAIL where they cannot be."""

    INIT = "INIT"
    SUCCESS = "SUCCESS"
    FAIL = "FAIL"


class ThemeOut(Out, kw_only=True, frozen=True):
    shop_theme_id: str
    shop_theme_name: str
    is_current: bool
    status: ThemeStatus
    create_time: Time
    update_time: Time
    version: Annotated[int, Additive]
    reason: Annotated[str | None, Additive]


class ThemesAnswer(Out, kw_only=True, frozen=True):
    """All themes of the shop, oldest first; one of them is current."""

    themes: tuple[ThemeOut, ...]


class ThemeAnswer(Out, kw_only=True, frozen=True):
    """One theme in its envelope."""

    theme: ThemeOut


class AssetOut(Out, kw_only=True, frozen=True):
    """A file: `context` is its text, or where `encoding` is base64 its bytes in Base64."""

    file_type: str
    context: str
    create_time: Time
    update_time: Time
    asset_name: Annotated[str, Additive]
    encoding: Annotated[str | None, Additive]
    size: Annotated[int, Additive]
    checksum: Annotated[str, Additive]
    sha256: Annotated[str, Additive]
    content_type: Annotated[str, Additive]


class AssetEntryOut(Out, kw_only=True, frozen=True):
    """What is known of a file but its content; `checksum` is its MD5 in hexadecimal, and its entity tag."""

    asset_name: str
    file_type: str
    size: int
    checksum: str
    sha256: str
    content_type: str
    create_time: Time
    update_time: Time


class AssetAnswer(Out, kw_only=True, frozen=True):
    """One file with its content."""

    asset: AssetOut


class ShopAssertAnswer(Out, kw_only=True, frozen=True):
    """One file with its content, in the envelope of the older path."""

    shop_assert: AssetOut


class AssetsAnswer(Out, kw_only=True, frozen=True):
    """All files of the theme without their content, by name."""

    assets: tuple[AssetEntryOut, ...]
    version: int


class AssetChangedAnswer(Out, kw_only=True, frozen=True):
    """The file as it is now, or was before it was deleted; `version` is the theme's now."""

    asset: AssetEntryOut
    version: int


class AssetsChangedAnswer(Out, kw_only=True, frozen=True):
    """The files that were put in as they are now, and the names of those that were taken out."""

    assets: tuple[AssetEntryOut, ...]
    deleted: tuple[str, ...]
    theme: ThemeOut


class ThemeVersionOut(Out, kw_only=True, frozen=True):
    """What was in the theme at a time; the numbers count what became of files since the version before.

    `by` is the client id of an app, or `person:` and an id; `byName` is the name of either.
    """

    version: int
    is_shown: bool
    kind: str
    by: str
    by_name: str
    create_time: Time
    added: int
    changed: int
    removed: int


class ThemeVersionsAnswer(Out, kw_only=True, frozen=True):
    """A page of versions, newest first; the `Link` header leads to the next."""

    versions: tuple[ThemeVersionOut, ...]


class ComparedOut(Out, kw_only=True, frozen=True):
    """One side of a comparison."""

    theme_id: str
    version: int


class FileDifferenceOut(Out, kw_only=True, frozen=True):
    """A file that is not the same on both sides; the checksum is null where it is not there."""

    asset_name: str
    change: str
    old_checksum: str | None
    new_checksum: str | None


class ThemeDiffOut(Out, kw_only=True, frozen=True):
    """How two versions differ; `text` is a unified diff of the one file that was asked for, if it is text."""

    old: ComparedOut
    new: ComparedOut
    files: tuple[FileDifferenceOut, ...]
    text: str | None


class ThemeDiffAnswer(Out, kw_only=True, frozen=True):
    diff: ThemeDiffOut


class ThemePackageOut(Out, kw_only=True, frozen=True):
    """The theme as a zip in Base64, the same bytes whenever its files are the same."""

    file_name: str
    attachment: str
    size: int


class ThemePackageAnswer(Out, kw_only=True, frozen=True):
    package: ThemePackageOut


# The files of a version mostly share their times.
@lru_cache(maxsize=1024)
def stamp(micros: int) -> str:
    """`micros` as Genstore writes times in themes: UTC with milliseconds (rulings.md §2.3)."""
    return moment(micros).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def show(theme: Theme) -> ThemeOut:
    return ThemeOut(
        shop_theme_id=str(theme.id),
        shop_theme_name=theme.name,
        is_current=theme.is_current,
        status=ThemeStatus(theme.status),
        create_time=stamp(theme.created_at),
        update_time=stamp(theme.updated_at),
        version=theme.version,
        reason=theme.reason,
    )


def show_asset(entry: Entry, content: bytes) -> AssetOut:
    """A file with its content: text as it is, all else in Base64."""
    text = _text(content) if is_text(entry.name) else None
    return show_asset_of(
        entry, base64.b64encode(content).decode() if text is None else text, is_plain=text is not None
    )


def show_asset_of(entry: Entry, context: str, *, is_plain: bool) -> AssetOut:
    """A file with what its `context` says, which is its text where it `is_plain`."""
    return AssetOut(
        file_type=kind_of(entry.name),
        context=context,
        create_time=stamp(entry.created_at),
        update_time=stamp(entry.updated_at),
        asset_name=entry.name,
        encoding=None if is_plain else BASE64,
        size=entry.size,
        checksum=entry.checksum,
        sha256=entry.sha256.hex(),
        content_type=content_type(entry.name),
    )


def show_entry(entry: Entry) -> AssetEntryOut:
    return AssetEntryOut(
        asset_name=entry.name,
        file_type=kind_of(entry.name),
        size=entry.size,
        checksum=entry.checksum,
        sha256=entry.sha256.hex(),
        content_type=content_type(entry.name),
        create_time=stamp(entry.created_at),
        update_time=stamp(entry.updated_at),
    )


def show_entries(manifest: Manifest) -> tuple[AssetEntryOut, ...]:
    return tuple(show_entry(manifest[name]) for name in sorted(manifest))


def show_version(version: Version, theme: Theme, by_name: str) -> ThemeVersionOut:
    return ThemeVersionOut(
        version=version.number,
        is_shown=version.number == theme.version,
        kind=version.kind,
        by=version.by,
        by_name=by_name,
        create_time=stamp(version.at),
        added=version.added,
        changed=version.changed,
        removed=version.removed,
    )


class Side(Struct, frozen=True):
    """One side of a comparison: which version of which theme, and its files."""

    theme_id: int
    version: int
    manifest: Manifest


def show_diff(old: Side, new: Side, *, only: str | None, text: str | None) -> ThemeDiffOut:
    """Every file that differs, or `only` that one."""
    names = sorted(old.manifest.keys() | new.manifest.keys()) if only is None else [only]
    found = [_difference(name, old.manifest.get(name), new.manifest.get(name)) for name in names]
    return ThemeDiffOut(
        old=ComparedOut(theme_id=str(old.theme_id), version=old.version),
        new=ComparedOut(theme_id=str(new.theme_id), version=new.version),
        files=tuple(each for each in found if each is not None),
        text=text,
    )


def _difference(name: str, old: Entry | None, new: Entry | None) -> FileDifferenceOut | None:
    if old is not None and new is not None and old.sha256 == new.sha256:
        return None
    change = "added" if old is None else "removed" if new is None else "changed"
    return FileDifferenceOut(
        asset_name=name,
        change=change,
        old_checksum=None if old is None else old.checksum,
        new_checksum=None if new is None else new.checksum,
    )


def _text(content: bytes) -> str | None:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None
