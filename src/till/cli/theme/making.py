"""`till theme init|package`: begin a theme, and pack one."""

from pathlib import Path
from typing import Annotated

import typer

from till.cli.options import Json
from till.cli.outcome import Exit, print_json, refusals, stop
from till.cli.theme import options
from till.cli.theme.folder import IGNORED, Folder, choose, listed
from till.cli.theme.naming import package_name
from till.cli.theme.push import sound_checksums
from till.themes import package
from till.themes.starter import starter

app = typer.Typer()

# A zip of a theme may be this large (semantics.md §5.3).
LARGEST = 50 * 1024 * 1024
IGNORE = """# What `till theme` leaves alone, as in a .gitignore.
*.map
"""


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="The folder to make.", show_default=False)],
    *,
    json: Json = False,
) -> None:
    """Make a folder with a copy of Till's own theme, to begin from."""
    with refusals():
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            stop(f"{folder} is there already, and not empty: name another folder.", Exit.USAGE)
        made, files = Folder(folder), starter()
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            made.write(name, content)
        (folder / IGNORED).write_text(IGNORE, encoding="utf-8")
    if json:
        print_json({"folder": str(folder), "files": sorted(files)})
    else:
        typer.echo(f"{folder} has a theme of {len(files)} files. Show it: cd {folder} && till theme dev")


@app.command("package")
def pack(
    *,
    path: options.Root = Path(),
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The file to write.", show_default="name-version.zip"),
    ] = None,
    only: options.Only = None,
    ignore: options.Ignore = None,
    json: Json = False,
) -> None:
    """Pack the theme into a zip that is the same whenever its files are."""
    with refusals():
        folder = Folder(path, choose(path, only or (), ignore or ()))
        folder.must_be_theme()
        sound_checksums(folder)
        files = dict(folder.contents())
        packed = package.write(files)
        if len(packed) > LARGEST:
            stop(
                f"The zip would have {len(packed):,} bytes, and a theme's has at most {LARGEST:,}: leave "
                f"large files out with --ignore."
            )
        file = output or path / package_name(folder)
        file.write_bytes(packed)
    if json:
        print_json({"file": str(file), "size": len(packed), "files": sorted(files)})
    else:
        typer.echo(f"{file} has {len(files)} files in {len(packed):,} bytes.")
        if folder.passed_over:
            typer.echo(f"No folders of a theme, and passed over: {listed(folder.passed_over)}.", err=True)
