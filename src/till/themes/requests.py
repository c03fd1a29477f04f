"""What is sent about themes: shapes of bodies and queries, and how contents are read from them."""

from typing import Annotated, TypeAlias

from msgspec import UNSET, Struct, UnsetType

from till.dialect import readers
from till.dialect.readers import Note
from till.errors import Invalid
from till.themes.files import LONGEST, MIB
from till.themes.theme import LONGEST_NAME
from till.themes.wire import BASE64
from till.web import texts

Unset: TypeAlias = UnsetType
# What Base64 makes of the largest package, and of a batch of files.
LONGEST_BODY = 70 * MIB
LONGEST_PACKAGE = 50 * MIB
LONGEST_TEXT = LONGEST_BODY
# What the server owns, so that a file may be sent back as it was read.
Ignored: TypeAlias = Annotated[Unset | None, readers.ignored()]
OwnIgnored: TypeAlias = Annotated[Ignored, readers.ADDITIVE]
Name: TypeAlias = Annotated[str, readers.text(LONGEST, shortest=1, nullable=False)]
Context: TypeAlias = Annotated[
    str,
    readers.text(LONGEST_TEXT, nullable=False),
    Note(about="The content: text as it is, or bytes in Base64 where `encoding` says so."),
]
Condition: TypeAlias = Annotated[
    str | Unset | None,
    readers.text(LONGEST),
    Note(about="The checksum that the file must have now, * for any, or empty if it must not be there."),
]
Encoding: TypeAlias = Annotated[
    str | Unset | None, readers.text(16), Note(about="base64, where the content is not text.")
]
Number: TypeAlias = Annotated[int | Unset, readers.whole(1, 2**53, nullable=False)]


class In(Struct, kw_only=True, frozen=True, rename="camel"):
    """What a request says; a field that it does not name is UNSET."""


class NewThemeIn(In, kw_only=True, frozen=True):
    """A theme from a zip, sent along or to be fetched; with neither, a copy of the default theme."""

    shop_theme_name: Annotated[str, readers.text(LONGEST_NAME, shortest=1, nullable=False)]
    src: Annotated[
        str | Unset | None,
        readers.text(2_048),
        Note(about="The address of a zip of at most 50 MB, which is fetched in the background."),
    ] = UNSET
    attachment: Annotated[
        str | Unset | None, readers.text(LONGEST_BODY), Note(about="A zip of at most 50 MB in Base64.")
    ] = UNSET


class NewThemeBody(In, kw_only=True, frozen=True):
    theme: NewThemeIn


class RenameIn(In, kw_only=True, frozen=True):
    shop_theme_name: Annotated[str, readers.text(LONGEST_NAME, shortest=1, nullable=False)]


class RenameBody(In, kw_only=True, frozen=True):
    theme: RenameIn


class CopyIn(In, kw_only=True, frozen=True):
    shop_theme_name: Annotated[
        str | Unset | None,
        readers.text(LONGEST_NAME),
        Note(about="What the copy is called; without it, as the theme is, with (copy) behind it."),
    ] = UNSET


class CopyBody(In, kw_only=True, frozen=True):
    theme: CopyIn | Unset | None = UNSET


class RollbackBody(In, kw_only=True, frozen=True):
    version: Annotated[int, readers.whole(1, 2**53, nullable=False)]


class AssetIn(In, kw_only=True, frozen=True):
    """The content of a file; what else was read of it may be sent back, and is not looked at."""

    context: Context
    encoding: Encoding = UNSET
    asset_name: Ignored = UNSET
    file_type: Ignored = UNSET
    size: Ignored = UNSET
    checksum: Ignored = UNSET
    sha256: Ignored = UNSET
    content_type: Ignored = UNSET
    create_time: Ignored = UNSET
    update_time: Ignored = UNSET


class AssetBody(In, kw_only=True, frozen=True):
    asset: AssetIn


class BatchAssetIn(In, kw_only=True, frozen=True):
    """A file to put in, of a batch."""

    asset_name: Name
    context: Context
    encoding: Encoding = UNSET
    if_match: Condition = UNSET


class BatchDeleteIn(In, kw_only=True, frozen=True):
    """A file to take out, of a batch; one that is not there is no fault."""

    asset_name: Name
    if_match: Condition = UNSET


class BatchBody(In, kw_only=True, frozen=True):
    """Files to put in and to take out: all or none, as one version."""

    assets: tuple[BatchAssetIn, ...] | Unset | None = UNSET
    delete: tuple[BatchDeleteIn, ...] | Unset | None = UNSET


class AssetsQuery(In, kw_only=True, frozen=True, omit_defaults=True):
    asset_name: Annotated[
        str | Unset,
        readers.text(LONGEST, shortest=1, nullable=False),
        Note(about="The name of a file, with its folder; without it, all files are listed without content."),
    ] = UNSET


class AssetQuery(In, kw_only=True, frozen=True):
    asset_name: Annotated[Name, Note(about="The name of the file, with its folder.")]


class OldAssetQuery(In, kw_only=True, frozen=True):
    asset: Annotated[Name, Note(about="The name of the file, with its folder.")]


class VersionFilter(In, kw_only=True, frozen=True, omit_defaults=True):
    """What versions are listed: all of the theme."""


class VersionsQuery(VersionFilter, kw_only=True, frozen=True, omit_defaults=True):
    limit: Annotated[
        int | Unset, readers.whole(1, 250, nullable=False), Note(about="How many on a page, 50 without it.")
    ] = UNSET
    page_token: Annotated[
        str | Unset,
        readers.text(4_000, shortest=1, nullable=False),
        Note(about="Another page of a walk, from the `Link` header; only limit stands beside it."),
    ] = UNSET


class DiffQuery(
    In,
    kw_only=True,
    frozen=True,
    omit_defaults=True,
    rename={"from_": "from", "with_": "with", "asset_name": "assetName"},
):
    from_: Annotated[
        Number, Note(about="The older version; without it the one before, or with `with` the one shown.")
    ] = UNSET
    to: Annotated[
        Number, Note(about="The newer version, of the theme that `with` names if any; else the one shown.")
    ] = UNSET
    with_: Annotated[
        str | Unset, readers.identifier(nullable=False), Note(about="Another theme to compare with.")
    ] = UNSET
    asset_name: Annotated[
        str | Unset,
        readers.text(LONGEST, shortest=1, nullable=False),
        Note(about="Compare this file alone, and show a unified diff of it."),
    ] = UNSET


class NotDecodable(Invalid):
    """What should be bytes in Base64 is not."""


def content_of(context: str, encoding: str | UnsetType | None, at: str) -> bytes:
    """The bytes that were sent; `at` is the path of the object in the body."""
    if encoding is UNSET or not encoding:
        return context.encode()
    if encoding != BASE64:
        raise Invalid(
            f"{at}.encoding is {encoding!r}: leave it out for text, or send base64.",
            fields={f"{at}.encoding": ["must be base64"]},
        )
    return decoded(context, f"{at}.context")


def decoded(text: str, at: str) -> bytes:
    """Bytes from Base64; `NotDecodable` names the field."""
    try:
        return texts.decoded(text)
    except ValueError:
        raise NotDecodable(
            f"{at} is not Base64: encode the bytes as RFC 4648 says.", fields={at: ["is not Base64"]}
        ) from None
