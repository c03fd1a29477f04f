"""`till docs`: print the pages of docs/reference from the code, or say where one differs."""

import inspect
from collections.abc import Iterable, Sequence
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Annotated, Any

import typer

import till
from till.apps.scope import ALL_ORDERS, SCOPES
from till.cli.outcome import refusals, stop
from till.dialect.openapi import document
from till.dialect.refusals import status_of
from till.dialect.schemas import for_readers
from till.errors import Refusal
from till.liquid import coverage
from till.oauth.described import BESIDE
from till.settings import PREFIX, Settings
from till.slices import ENDPOINTS, TOPICS
from till.storefront.coverage import had
from till.web.api import ROOT
from till.web.call import CURRENT
from till.web.protocol import STATUS

app = typer.Typer()

PRINTED = "Printed from the code by `till docs`; not to be changed by hand."
FOLDER = Path("docs/reference")

# What is no part of the server.
APART = ("till.cli", "till.proxying")


@app.command()
def docs(
    *,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; fail if a page differs.")] = False,
    folder: Annotated[Path, typer.Option(help="Where the pages lie.")] = FOLDER,
) -> None:
    """Print the reference pages, or check those that are there."""
    pages = reference()
    with refusals():
        if check:
            _check(pages, folder)
            return
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in pages.items():
            (folder / name).write_text(text, encoding="utf-8")
            typer.echo(f"wrote {folder / name}")


def _check(pages: dict[str, str], folder: Path) -> None:
    for name, text in pages.items():
        path = folder / name
        there = path.read_text(encoding="utf-8") if path.exists() else None
        if there != text:
            what = "is missing" if there is None else "differs from the code"
            stop(f"{path} {what}: run `till docs` and commit what it wrote.")
    typer.echo(f"{folder} is as the code says.")


def reference() -> dict[str, str]:
    """Each page by its file name."""
    return {
        "endpoints.md": endpoints(),
        "errors.md": errors(),
        "scopes.md": scopes(),
        "topics.md": topics(),
        "settings.md": settings(),
        "liquid.md": liquid(),
    }


def endpoints() -> str:
    written = document(ENDPOINTS, root=ROOT + CURRENT, version="", beside=BESIDE)
    rows = [
        (f"`{each.method} {each.path}`", each.summary, _code(sorted(each.scopes)), each.source)
        for each in ENDPOINTS
    ]
    rows += [
        (f"`{method.upper()} {path}`", each["summary"], "", each["x-source"])
        for path, methods in BESIDE.items()
        for method, each in methods.items()
    ]
    parts = [
        (
            f"All paths stand below `{ROOT}{CURRENT}`, but for `/oauth2/token`. The whole description is "
            "served at `/openapi.json`, and shown at `/docs`. An operation needs any one of its scopes. What "
            "is `additive` is in no document of Genstore's."
        ),
        _table(("Operation", "What it does", "Scopes", "Source"), rows),
    ]
    for path, methods in written["paths"].items():
        for method, operation in methods.items():
            parts += _operation(f"{method.upper()} {path.removeprefix(ROOT + CURRENT)}", operation, written)
    return _page("Endpoints", parts)


def _operation(title: str, operation: dict[str, Any], written: dict[str, Any]) -> list[str]:
    parameters = [_meant(each, written) for each in operation["parameters"]]
    rows = [
        (
            f"`{each['name']}`",
            each["in"],
            each.get("description", "The id."),
            each.get("x-source", "genstore"),
        )
        for each in parameters
    ]
    answers = [
        (status, _meant(each, written)["description"]) for status, each in operation["responses"].items()
    ]
    return [
        f"## {title}",
        f"{operation['summary']}. Operation `{operation['operationId']}`.",
        *([operation["description"]] if "description" in operation else []),
        *([_table(("Parameter", "In", "What it says", "Source"), rows)] if rows else []),
        _table(("Status", "When"), answers),
    ]


def _meant(part: dict[str, Any], written: dict[str, Any]) -> dict[str, Any]:
    """The part itself, or the component that it refers to."""
    found: Any = written if "$ref" in part else part
    for name in part.get("$ref", "#").split("/")[1:]:
        found = found[name]
    return dict(found)


def errors() -> str:
    kinds = sorted(_refusals(), key=lambda kind: (_status(kind), kind.__name__))
    rows = [(str(_status(kind)), f"`{code_of(kind)}`", _sentence(kind)) for kind in kinds]
    rows.append(("500", "`internal_error`", "The server failed; nothing was changed."))
    return _page(
        "Errors",
        [
            (
                'Every refusal has one shape: `{"error": "<sentence>", "code": "<code>", "errors": '
                '{"<path>": ["<what is wrong>"]}, "requestId": "<id>"}`. A refused change also carries the '
                "unchanged resource. Codes are stable; sentences may change."
            ),
            _table(("Status", "Code", "What it means"), rows),
        ],
    )


def code_of(kind: type[Refusal]) -> str:
    """The code that a refusal of this kind is answered with."""
    return kind.__new__(kind).code


def _status(kind: type[Refusal]) -> int:
    return STATUS.get(kind) or status_of(kind.__new__(kind))


def _refusals() -> set[type[Refusal]]:
    """Every refusal that the server can answer with; those of the command line and its proxy are theirs."""
    for module in walk_packages(till.__path__, "till."):
        if not module.name.startswith((*APART, "till.__main__")):
            import_module(module.name)
    found: set[type[Refusal]] = set()
    left = [Refusal]
    while left:
        kinds = left.pop().__subclasses__()
        found.update(kind for kind in kinds if kind.__module__.startswith("till."))
        left += kinds
    return {kind for kind in found if not kind.__module__.startswith(APART)}


def scopes() -> str:
    rows = []
    for name in SCOPES:
        used = [f"{each.method} {each.path}" for each in ENDPOINTS if name in each.scopes]
        topics_of = [topic for topic, needed in TOPICS if name in needed]
        rows.append((f"`{name}`", _code(used) or "-", _code(topics_of) or "-"))
    about = (
        "An app is granted scopes when it is installed; any one of an operation's or a topic's scopes is "
        f"enough. `{ALL_ORDERS}` lifts the limit of 60 days on a partner app."
    )
    return _page("Scopes", [about, _table(("Scope", "Operations", "Topics"), rows)])


def topics() -> str:
    rows = [(f"`{name}`", _code(sorted(needed))) for name, needed in TOPICS]
    about = "What an app may be told of; it needs any one of the scopes."
    return _page("Topics", [about, _table(("Topic", "Scopes"), rows)])


def settings() -> str:
    rows = [
        (f"`{PREFIX}{each.name.upper()}`", _default(each.default), each.metadata["sentence"])
        for each in fields(Settings)
    ]
    about = (
        "Environment variables; options of the command line override them. Others under the same prefix are "
        "refused, but for `TILL_URL` and `TILL_TOKEN`: where `till orders` finds the server, and its token."
    )
    return _page("Settings", [about, _table(("Variable", "Default", "What it sets"), rows)])


def liquid() -> str:
    """What of the platform's Liquid there is."""
    tags, filters, objects = coverage.tags(), coverage.filters(), coverage.objects(had())
    found, lacking = (sum(len(part) for part in parts) for parts in zip(*map(_parts, objects), strict=True))
    source = coverage.published().source
    beside = _code(name for names in source.beside.values() for name in names)
    about = (
        f"Tags {_of(tags)}, filters {_of(filters)}, objects {_of(objects)}, and of all properties "
        f"{found}/{found + lacking}. The names are those of {source.names}; {beside} stands in its prose. "
        "What there is was asked of the environment that renders themes, and of the pages of the sample "
        "catalogue. An object or a property that is not here is nil in a template."
    )
    return _page(
        "Liquid",
        [
            about,
            "## Tags",
            _table(("Tag", "Here"), [(f"`{each.name}`", _here(each)) for each in tags]),
            "## Filters",
            _table(
                ("Filter", "Family", "Here"),
                [(f"`{each.name}`", each.family, _here(each)) for each in filters],
            ),
            "## Objects",
            _table(("Object", "Properties", "Not here"), [_object(each) for each in objects]),
        ],
    )


def _parts(held: coverage.Held) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return held.found, held.lacking


def _here(covered: coverage.Covered) -> str:
    return (covered.note or "yes") if covered.has else "-"


def _object(held: coverage.Held) -> tuple[str, str, str]:
    if not held.has:
        return f"`{held.name}`", "-", "the whole object"
    known = len(held.found) + len(held.lacking)
    return f"`{held.name}`", f"{len(held.found)}/{known}" if known else "yes", _code(held.lacking)


def _of(rows: Sequence[coverage.Covered] | Sequence[coverage.Held]) -> str:
    return f"{sum(each.has for each in rows)}/{len(rows)}"


def _default(value: Any) -> str:
    return "-" if value is None else f"`{value}`"


def _sentence(kind: type[Refusal]) -> str:
    return for_readers((inspect.getdoc(kind) or "").partition("\n")[0])


def _code(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _page(title: str, parts: Sequence[str]) -> str:
    return "\n\n".join([f"# {title}", PRINTED, *parts]) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in lines)
