"""Every command of the READMEs and of docs/howto is run, in its order, and every link leads somewhere."""

import re
import stat
import subprocess

import pytest

from reading import BLOCK, ROOT

PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs" / "howto").glob("*.md")),
]
SAMPLES = sorted((ROOT / "examples").glob("app_*/README.md"))
TEXTS = [
    *ROOT.glob("*.md"),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "examples").rglob("*.md")),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_of_the_page_works_in_its_order(reader, page):
    blocks = BLOCK.findall(page.read_text(encoding="utf-8"))
    assert blocks
    for block in blocks:
        reader.follow(block)


@pytest.mark.parametrize("page", SAMPLES, ids=lambda page: page.parent.name)
def test_the_page_of_a_sample_works_twice_and_keeps_the_secret_from_others(reader, page):
    serve, *others = BLOCK.findall(page.read_text(encoding="utf-8"))
    reader.follow(serve)
    for block in others * 2:
        reader.follow(block)
    (kept,) = reader.folder.glob("*.secret")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    # The secret was printed the first time only; and nowhere else in the copy does it stand.
    (secret,) = re.findall(r"^clientSecret +([0-9a-f]{64})$", kept.read_text(), re.MULTILINE)
    assert len(re.findall("^clientId", kept.read_text(), re.MULTILINE)) == 2
    left = [path for path in reader.folder.rglob("*") if path.is_file() and ".venv" not in path.parts]
    assert [path for path in left if secret.encode() in path.read_bytes()] == [kept]
    log, shops = (f"{page.parent.relative_to(ROOT)}/{name}" for name in ("app.log", "shops.json"))
    for path in (kept.name, serve.split()[3] + "/", log, shops):
        assert subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT, check=False).returncode == 0, (
            path
        )


@pytest.mark.parametrize("page", TEXTS, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_to_a_file(page):
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target
