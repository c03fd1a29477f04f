"""Rules of files: their names and sizes, those that a theme needs, and those that exclude one another."""

from collections.abc import Iterator

from till.checking.finding import Edit, Found, Severity
from till.checking.rules import Rule
from till.checking.source import Source
from till.checking.subject import Subject
from till.themes import files

LAYOUT = "layout/theme.liquid"
NEEDED = (
    ("config/settings_schema.json", "the theme has no settings that the editor could show"),
    ("locales/en.default.json", "the theme has no texts to translate"),
)


def names(subject: Subject) -> Iterator[Found]:
    for name in subject.files:
        if fault := files.name_fault(name):
            yield Found(name, None, fault, "rename it, or leave it out of the theme")


def sizes(subject: Subject) -> Iterator[Found]:
    for name, size in subject.files.items():
        if not files.name_fault(name) and (fault := files.size_fault(name, size)):
            yield Found(name, None, fault, "make it smaller")


def together(subject: Subject) -> Iterator[Found]:
    """The theme as a whole: its layout, templates that are there twice, and how many files there are."""
    whole = {name: size for name, size in subject.files.items() if not files.name_fault(name)}
    for name, faults in files.whole_faults(whole).items():
        for fault in faults:
            yield Found(name, None, fault, "add it" if "missing" in fault else "keep one of them")


def needed(subject: Subject) -> Iterator[Found]:
    for name, said in NEEDED:
        is_language = name.startswith("locales/")
        if is_language and any(each.startswith("locales/") for each in subject.files):
            continue
        if name not in subject.files:
            yield Found(name, None, f"there is no such file, so {said}", "add it")


def unreadable(subject: Subject) -> Iterator[Found]:
    for name, at in subject.unreadable.items():
        yield Found(name, None, f"this is no text in UTF-8 (byte {at})", "save it as UTF-8")


def layout_objects(subject: Subject) -> Iterator[Found]:
    """Layouts without what every page needs."""
    source = subject.sources.get(LAYOUT)
    if source is None:
        return
    read = {str(path.path[0]) for path in subject.trees[LAYOUT].paths()}
    for wanted, put in (
        ("content_for_header", _before_head_ends),
        ("content_for_layout", _after_body_begins),
    ):
        if wanted not in read:
            edit = put(source, f"{{{{ {wanted} }}}}")
            said = f"the layout does not write {{{{ {wanted} }}}}"
            where = "before </head>" if wanted == "content_for_header" else "within <body>"
            yield Found(LAYOUT, None, said, f"write it {where}", (edit,) if edit else ())


def _before_head_ends(source: Source, text: str) -> Edit | None:
    at = source.text.lower().find("</head>")
    return Edit(at, at, f"  {text}\n") if at >= 0 else None


def _after_body_begins(source: Source, text: str) -> Edit | None:
    begin = source.text.lower().find("<body")
    at = source.text.find(">", begin) + 1 if begin >= 0 else 0
    return Edit(at, at, f"\n    {text}") if at > 0 else None


RULES = (
    Rule("FileName", Severity.ERROR, "Files that no theme may hold", names),
    Rule("FileSize", Severity.ERROR, "Files that are too large", sizes),
    Rule("FileEncoding", Severity.ERROR, "Text that is not UTF-8", unreadable),
    Rule(
        "RequiredFiles", Severity.ERROR, "Files that a theme needs, and those there are too many of", together
    ),
    Rule("AdvisedFiles", Severity.WARNING, "Files that a theme should have", needed),
    Rule("RequiredLayoutThemeObject", Severity.ERROR, "What each layout writes", layout_objects, mends=True),
)
