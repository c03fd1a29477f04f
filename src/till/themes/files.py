"""Which files a theme may hold (genstore.md §10.3, semantics.md §5.3 and §5.4): names and sizes."""

import re
from collections.abc import Iterable, Mapping

from till.errors import Invalid
from till.themes.theme import LAYOUT

KIB, MIB = 1024, 1024 * 1024
LONGEST = 200
# The files of one theme together; the platform publishes no numbers.
MOST_FILES = 5_000
ALL_FILES = 500 * MIB
MOST_JSON_TEMPLATES = 1_000
MOST_GROUPS = 20
MOST_BLOCK_FILES = 300
ALL_TEMPLATES = 250 * MIB
PAGE = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\Z")
ASSET = re.compile(r"[A-Za-z0-9_@(+\[][A-Za-z0-9_.,@()+~\[\] -]*\Z")
LIQUID, JSON = ("liquid",), ("json",)
MEDIA = (
    "avif bmp css csv eot gif htm html ico jpeg jpg js json map md mjs mp3 mp4 ogg otf pdf png scss svg "
    "ttf txt wasm wav webm webmanifest webp woff woff2 xml yaml yml"
)
FOLDERS: Mapping[str, tuple[str, ...]] = {
    "layout": LIQUID,
    "templates": (*JSON, *LIQUID),
    "templates/customers": (*JSON, *LIQUID),
    "templates/metaobject": (*JSON, *LIQUID),
    "sections": (*LIQUID, *JSON),
    "blocks": LIQUID,
    "snippets": LIQUID,
    "config": JSON,
    "locales": JSON,
    "assets": (*LIQUID, *MEDIA.split()),
}
TEXTS = "liquid css csv htm html js json map md mjs scss svg txt webmanifest xml yaml yml"
TEXT = frozenset(TEXTS.split())
TYPES = {
    "liquid": "application/x-liquid",
    "json": "application/json",
    "css": "text/css",
    "scss": "text/x-scss",
    "js": "text/javascript",
    "mjs": "text/javascript",
    "svg": "image/svg+xml",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "avif": "image/avif",
    "bmp": "image/bmp",
    "ico": "image/x-icon",
    "woff": "font/woff",
    "woff2": "font/woff2",
    "ttf": "font/ttf",
    "otf": "font/otf",
    "eot": "application/vnd.ms-fontobject",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "ogg": "audio/ogg",
    "wav": "audio/wav",
    "webm": "video/webm",
    "pdf": "application/pdf",
    "txt": "text/plain",
    "md": "text/markdown",
    "csv": "text/csv",
    "xml": "application/xml",
    "html": "text/html",
    "htm": "text/html",
    "map": "application/json",
    "wasm": "application/wasm",
    "webmanifest": "application/manifest+json",
    "yaml": "application/yaml",
    "yml": "application/yaml",
}


class BadThemeFiles(Invalid):
    """Some files cannot be in a theme; `fields` says of each by its name why, and nothing was changed."""


Faults = dict[str, list[str]]


def refuse(faults: Mapping[str, Iterable[str]]) -> None:
    """Raise `BadThemeFiles` where there are faults: the sentence tells of the first, `fields` of all."""
    found = {name: list(said) for name, said in faults.items()}
    if not found:
        return
    name = next(iter(found))
    rest = len(found) - 1
    more = f", and {rest} more file{'s' if rest > 1 else ''} cannot be taken" if rest else ""
    raise BadThemeFiles(f"{name} {found[name][0]}{more}; nothing was changed.", fields=found)


def kind_of(name: str) -> str:
    """What a file is by its last extension, in small letters: css, liquid, png."""
    return name.rpartition(".")[2].lower()


def is_text(name: str) -> bool:
    """True of a file whose content is shown as text."""
    return kind_of(name) in TEXT


def content_type(name: str) -> str:
    return TYPES[kind_of(name)]


def is_theme_file(name: str) -> bool:
    """True of a name that stands in one of a theme's folders, so that it is meant to be in it."""
    return name.partition("/")[0] in FOLDERS and "/" in name


def name_fault(name: str) -> str | None:
    """What is wrong with a file's name, as words that follow it."""
    folder, _, base = name.rpartition("/")
    if folder not in FOLDERS:
        return f"stands in no folder of a theme: the folders are {', '.join(FOLDERS)}"
    if len(name) > LONGEST:
        return f"has a name of {len(name)} characters: at most {LONGEST} are allowed"
    wanted, allowed = (ASSET, "letters, digits, blanks and _ - . , @ + ~ ( ) [ ]")
    if folder != "assets":
        wanted, allowed = PAGE, "letters, digits, _ - and dots between them"
    if not wanted.match(base):
        return f"has characters that are not allowed in a name: use {allowed}"
    extension = kind_of(base) if "." in base else ""
    if extension not in FOLDERS[folder]:
        known = ", ".join(f".{each}" for each in FOLDERS[folder])
        return f"has an extension that {folder}/ does not take: it takes {known}"
    return None


def limit_of(name: str) -> int:
    """How many bytes a file of this name may have."""
    folder = name.partition("/")[0]
    if folder == "assets":
        return 20 * MIB
    if folder == "locales" or name == "config/settings_data.json":
        return 3 * MIB // 2
    return 512 * KIB if kind_of(name) == "json" else 256 * KIB


def size_fault(name: str, size: int) -> str | None:
    """What is wrong with a file's size."""
    limit = limit_of(name)
    if size <= limit:
        return None
    return f"has {size:,} bytes: at most {limit:,} are allowed there"


def whole_faults(sizes: Mapping[str, int], touched: Iterable[str] | None = None) -> Faults:
    """What is wrong with the files of a theme together, by name; only what `touched` files are to blame for.

    All names must be sound (`name_fault`).
    """
    blamed = set(sizes if touched is None else touched)
    faults: Faults = {}
    if LAYOUT not in sizes:
        faults[LAYOUT] = ["is missing: every theme has this layout"]
    for name in sizes:
        twin = f"{name.removesuffix('.json')}.liquid"
        if name.startswith("templates/") and name.endswith(".json") and twin in sizes:
            for each, other in ((name, twin), (twin, name)):
                if each in blamed:
                    faults.setdefault(each, []).append(
                        f"is there as {other} too: a template is one or the other"
                    )
    spelled: dict[str, str] = {}
    for name in sorted(sizes, key=lambda each: each in blamed):
        other = spelled.setdefault(name.lower(), name)
        if other != name and name in blamed:
            faults.setdefault(name, []).append(
                f"is there as {other} too, which is the same file to many computers: name it otherwise"
            )
    for name, said in _crowds(sizes, blamed):
        faults.setdefault(name, []).append(said)
    return faults


def _crowds(sizes: Mapping[str, int], blamed: set[str]) -> Iterable[tuple[str, str]]:
    """Of each kind of file that there are too many of: the last one that was touched, and what is wrong."""
    templates = [name for name in sizes if name.startswith("templates/")]
    crowds = (
        ("JSON templates", MOST_JSON_TEMPLATES, [each for each in templates if each.endswith(".json")]),
        ("section groups", MOST_GROUPS, [each for each in sizes if _is_group(each)]),
        ("block files", MOST_BLOCK_FILES, [each for each in sizes if each.startswith("blocks/")]),
        ("files", MOST_FILES, list(sizes)),
    )
    for what, most, names in crowds:
        last = [name for name in names if name in blamed][-1:]
        if len(names) > most and last:
            yield last[0], f"would make {len(names):,} {what}: a theme has at most {most:,}"
    for what, limit, names in (("templates", ALL_TEMPLATES, templates), ("files", ALL_FILES, list(sizes))):
        total = sum(sizes[name] for name in names)
        last = [name for name in names if name in blamed][-1:]
        if total > limit and last:
            yield last[0], f"would make {total:,} bytes of {what}: a theme has at most {limit:,}"


def _is_group(name: str) -> bool:
    return name.startswith("sections/") and name.endswith(".json")
