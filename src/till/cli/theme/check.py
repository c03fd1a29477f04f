"""`till theme check`: find what is wrong with a theme before anybody else does."""

import asyncio
from collections import Counter
from enum import StrEnum
from importlib import metadata
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from till.checking import configured, reports
from till.checking.configured import Configuration
from till.checking.engine import RULES, mend
from till.checking.finding import Finding, Severity
from till.cli.options import Json
from till.cli.orders.paint import BAD, FAINT, GOOD, OPEN, STRONG, Lines, printable
from till.cli.outcome import Exit, print_json, refusals, stop, while_read
from till.cli.theme import options
from till.cli.theme.environments import Environed
from till.cli.theme.folder import Folder, choose
from till.fence.crew import Part
from till.fence.limits import Limits
from till.fence.pool import Fence
from till.themes.files import is_text, limit_of, name_fault

app = typer.Typer()

JOB = "till.checking.engine:check"
MIB = 1 << 20
# A theme may be somebody else's: it is read behind the fence, with more of everything than a page has.
LIMITS = Limits(memory=1024 * MIB, cpu=30.0, output=16 * MIB, wall=60.0)
COLOURS = {Severity.ERROR: BAD, Severity.WARNING: OPEN, Severity.INFO: FAINT}
# What a level of failing counts: itself and what is worse.
RANKS = (Severity.ERROR, Severity.WARNING, Severity.INFO)


class Output(StrEnum):
    """In which form the findings are printed."""

    HUMAN = "human"
    JSON = "json"
    SARIF = "sarif"


class FailLevel(StrEnum):
    """From what severity on the command fails."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    NEVER = "never"


@app.command("check", cls=Environed)
def check_command(  # noqa: PLR0913 - an option each
    *,
    path: options.Root = Path(),
    fix: Annotated[bool, typer.Option("--fix", "-a", help="Mend what needs nobody's judgement.")] = False,
    output: Annotated[Output, typer.Option("--output", "-o", help="How it is printed.")] = Output.HUMAN,
    fail_level: Annotated[
        FailLevel, typer.Option(help="End with 1 where something as bad as this is found.")
    ] = FailLevel.ERROR,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", "-C", metavar="FILE", help="The configuration.", show_default=configured.FILE
        ),
    ] = None,
    rules: Annotated[bool, typer.Option("--list", help="List the rules, and check nothing.")] = False,
    only: options.Only = None,
    ignore: options.Ignore = None,
    environment: options.Environment = None,
    json: Json = False,
) -> None:
    """Check the theme of this folder: its Liquid, its JSON, its texts, and the files that it names.

    Ends with 1 where it finds errors. `.theme-check.yml` turns rules off and changes how bad they are;
    `{% # theme-check-disable Rule %}` silences one from there on, up to `theme-check-enable`.
    """
    del environment  # read where the options are
    output = Output.JSON if json else output
    if rules:
        _tell_rules(output)
        return
    with refusals():
        folder = Folder(path, choose(path, only or (), ignore or ()))
        folder.must_be_theme()
        asked = configuration_of(path, config)
        findings, count = checked(folder, asked)
        options.must_fit(only or (), range(count), "of the folder")
        mended: dict[str, bytes] = {}
        if fix:
            mended = mend(
                {name: folder.read(name) or b"" for name in {each.file for each in findings}}, findings
            )
            for name, content in mended.items():
                folder.write(name, content)
            findings = checked(folder, asked)[0] if mended else findings
    _tell(findings, output, files=count, mended=sorted(mended))
    if fails(findings, fail_level):
        raise typer.Exit(Exit.FAILED)


def configuration_of(root: Path, named: Path | None = None) -> Configuration:
    """What the folder's `.theme-check.yml` asks for, or the file `named`; nothing where there is none."""
    path = named or root / configured.FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        if named is not None:
            stop(f"There is no file {named}.", Exit.USAGE)
        return Configuration()
    except UnicodeDecodeError:
        stop(f"{path} is not UTF-8: save it so.", Exit.USAGE)
    return configured.read(text, RULES)


def checked(folder: Folder, configuration: Configuration | None = None) -> tuple[list[Finding], int]:
    """What is wrong with the files of a folder, and how many it looked at; hostile ones end in a refusal.

    All of the theme is read, whatever the folder is narrowed to, for files name one another.
    """
    files: dict[str, bytes] = {}
    others: dict[str, int] = {}
    for name, content in Folder(folder.root, choose(folder.root)).contents():
        if is_text(name) and (name_fault(name) is not None or len(content) <= limit_of(name)):
            files[name] = content
        else:
            others[name] = len(content)
    findings = asyncio.run(_fenced(files, others, configuration))
    count = sum(folder.choice.has(name) for name in (*files, *others))
    return [each for each in findings if folder.choice.has(each.file)], count


def fails(findings: list[Finding], level: FailLevel) -> bool:
    """True where something is at least as bad as `level`."""
    if level is FailLevel.NEVER:
        return False
    bad = RANKS[: RANKS.index(Severity(level.value)) + 1]
    return any(finding.severity in bad for finding in findings)


async def _fenced(
    files: dict[str, bytes], others: dict[str, int], configuration: Configuration | None
) -> list[Finding]:
    async with Fence(1, LIMITS, jobs=(JOB,)) as fence:
        parts = (Part(files), Part(others), Part(configuration))
        return await fence.run(JOB, parts, list[Finding])


def _tell(findings: list[Finding], output: Output, *, files: int, mended: list[str]) -> None:
    if output is Output.JSON:
        print_json(reports.as_json(findings, files=files) | {"fixed": mended})
    elif output is Output.SARIF:
        print_json(reports.as_sarif(findings, RULES, version=metadata.version("till")))
    else:
        with while_read():
            _tell_people(findings, files=files, mended=mended)


def _tell_people(findings: list[Finding], *, files: int, mended: list[str]) -> None:
    console = Lines()
    for name in mended:
        console.print(Text(f"mended {printable(name)}", GOOD))
    for file, found in groupby(findings, key=lambda each: each.file):
        console.print(Text(printable(file), STRONG))
        for each in found:
            place = Text(f"  {each.line}:{each.column}".ljust(10), FAINT)
            said = Text(f"{each.severity.value:8}", COLOURS[each.severity])
            more = f" \N{EN DASH} {printable(each.fix)}" if each.fix else ""
            console.print(place + said + Text(printable(each.message) + more) + Text(f"  {each.rule}", FAINT))
    counts = Counter(finding.severity for finding in findings)
    told = ", ".join(
        f"{counts[each]} {each.value}{'' if counts[each] == 1 or each is Severity.INFO else 's'}"
        for each in RANKS
        if counts[each]
    )
    fixable = sum(finding.is_fixable for finding in findings)
    console.print(Text(f"{files} files: {told or 'nothing is wrong'}.", "" if told else GOOD))
    if fixable:
        console.print(Text(f"--fix mends {fixable} of them.", FAINT))


def _tell_rules(output: Output) -> None:
    if output is Output.JSON:
        listed = [
            {"rule": rule.name, "severity": rule.severity.value, "about": rule.about, "fixes": rule.mends}
            for rule in RULES.values()
        ]
        print_json({"rules": listed})
        return
    console = Lines()
    for rule in RULES.values():
        mends = "  (--fix)" if rule.mends else ""
        console.print(
            Text(f"{rule.name:28}")
            + Text(f"{rule.severity.value:9}", COLOURS[rule.severity])
            + Text(f"{rule.about}{mends}")
        )
