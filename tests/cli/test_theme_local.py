"""What `till theme` does without a server: begin a theme, pack one, and name its commands quickly."""

import json
import subprocess
import sys
import zipfile
from importlib import import_module

import typer

from running import till
from themer import Themer
from till.cli.theme import COMMANDS, command_of
from till.cli.theme.environments import KEYS, TOKEN_VARIABLE, Environed
from till.themes.starter import starter


def test_a_theme_begins_as_tills_own_and_never_over_another(tmp_path):
    told = json.loads(till("theme", "init", "mine", "--json", cwd=tmp_path).stdout)
    assert told["files"] == sorted(starter())
    for name, content in starter().items():
        assert (tmp_path / "mine" / name).read_bytes() == content
    (tmp_path / "mine" / "assets" / "base.css").write_text("hours of work")
    done = till("theme", "init", "mine", cwd=tmp_path, check=False)
    assert (done.returncode, "not empty" in done.stderr) == (2, True)
    assert (tmp_path / "mine" / "assets" / "base.css").read_text() == "hours of work"
    (tmp_path / "empty").mkdir()
    till("theme", "init", "empty", cwd=tmp_path)


def test_a_package_has_the_files_of_the_theme_alone_and_is_the_same_each_time(tmp_path):
    themer = Themer("", "", tmp_path / "theme")
    themer.write({"README.md": "x", ".tillignore": "*.png\n", "assets/.hidden": "x", ".git/config": "x"})
    told = themer.json("package")
    packed = (themer.folder / "Small-1.0.zip").read_bytes()
    assert told["size"] == len(packed)
    with zipfile.ZipFile(themer.folder / "Small-1.0.zip") as file:
        names = file.namelist()
        assert names == told["files"]
        assert file.read("layout/theme.liquid") == themer.read("layout/theme.liquid")
    others = ["layout/theme.liquid", "sections/hero.liquid", "templates/index.json"]
    assert sorted(names) == ["assets/base.css", "config/settings_schema.json", *others]
    themer.json("package")
    assert (themer.folder / "Small-1.0.zip").read_bytes() == packed


def test_every_key_of_an_environment_is_an_option_of_a_command():
    options = set()
    for name in COMMANDS:
        command = command_of(name)
        if isinstance(command, Environed):
            options |= {each.name.replace("_", "-") for each in command.params}
    assert set(KEYS) - {TOKEN_VARIABLE} <= options


def test_the_group_knows_every_command_by_its_own_name():
    for name, (module, sentence) in COMMANDS.items():
        app = import_module(f"till.cli.theme.{module}").app
        assert isinstance(app, typer.Typer)
        assert command_of(name).name == name
        assert sentence.endswith(".")


def test_help_imports_no_storefront():
    code = (
        "import sys\nfrom till.cli.main import app\n"
        "try: app(['theme', '--help'])\nexcept SystemExit: pass\n"
        "heavy = ('till.storefront', 'till.fence', 'till.server')\n"
        "sys.exit(any(name.startswith(heavy) for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, "push" in done.stdout) == (0, True), done.stderr
