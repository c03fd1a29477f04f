"""The files of a theme in a folder: which count, byte for byte, and nothing outside of it."""

import os

import pytest

from till.cli.theme.folder import BadName, BadPattern, Folder, Outside, checksum, choose
from till.cli.theme.naming import name_of, package_name


@pytest.fixture
def root(tmp_path):
    found = tmp_path / "theme"
    for name, content in {
        "layout/theme.liquid": b"<html>\r\n{{ content_for_layout }}\r\n</html>",
        "templates/customers/account.json": b"{}",
        "assets/base.css": b"a{}",
        "assets/logo.png": bytes(range(256)),
        "config/settings_data.json": b"{}",
    }.items():
        (found / name).parent.mkdir(parents=True, exist_ok=True)
        (found / name).write_bytes(content)
    return found


def test_only_files_of_the_theme_count(root):
    whole = Folder(root).names()
    for name in (
        "README.md",
        "package.json",
        ".git/config",
        "assets/.DS_Store",
        "assets/base.css~",
        "assets/.base.css.swp",
        "assets/4913",
        "node_modules/a.js",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")
    assert Folder(root).names() == whole
    assert len(whole) == 5


def test_a_folder_that_no_theme_has_is_told(root):
    (root / "assets" / "icons").mkdir()
    (root / "assets" / "icons" / "a.svg").write_text("<svg/>")
    folder = Folder(root)
    folder.names()
    assert folder.passed_over == ["assets/icons"]


def test_names_are_chosen_as_in_a_gitignore(root):
    (root / ".tillignore").write_text("# mine\nassets/*\n!assets/base.css\n")
    assert "assets/logo.png" not in Folder(root, choose(root)).names()
    assert "assets/base.css" in Folder(root, choose(root)).names()
    assert Folder(root, choose(root, only=["templates"])).names() == ["templates/customers/account.json"]
    assert (
        "config/settings_data.json" not in Folder(root, choose(root, ignore=["config/*_data.json"])).names()
    )
    with pytest.raises(BadPattern, match="--only"):
        choose(root, only=["!"])


def test_bytes_are_what_they_were(root):
    folder = Folder(root)
    for name, content in folder.contents():
        folder.write(name, content)
        assert (root / name).read_bytes() == content
    assert folder.checksums()["assets/logo.png"] == checksum(bytes(range(256)))


def test_a_link_out_of_the_folder_is_refused_for_reading_and_for_writing(root, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("mine")
    (root / "assets" / "key.txt").symlink_to(secret)
    with pytest.raises(Outside, match=r"assets/key\.txt leads out"):
        Folder(root).checksums()
    with pytest.raises(Outside):
        Folder(root).write("assets/key.txt", b"theirs")
    (root / "assets" / "key.txt").unlink()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (root / "snippets").symlink_to(elsewhere)
    with pytest.raises(Outside, match="snippets leads out"):
        Folder(root).names()
    with pytest.raises(Outside):
        Folder(root).write("snippets/a.liquid", b"theirs")
    assert secret.read_text() == "mine"
    assert list(elsewhere.iterdir()) == []


def test_a_link_within_the_folder_is_followed(root):
    (root / "assets" / "again.css").symlink_to(root / "assets" / "base.css")
    assert Folder(root).read("assets/again.css") == b"a{}"


@pytest.mark.parametrize(
    "name",
    [
        "../evil.liquid",
        "assets/../../evil.css",
        "/etc/passwd",
        "assets/",
        "assets/a/b.css",
        "snippets/a\\b.liquid",
        ".till/sync.json",
        "assets/.bashrc",
        "C:/x.css",
        "assets/evil.sh",
    ],
)
def test_what_a_server_calls_a_file_writes_nothing_elsewhere(root, tmp_path, name):
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(Outside):
        Folder(root).write(name, b"x")
    with pytest.raises(Outside):
        Folder(root).remove(name)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_name_that_is_no_text_is_refused_in_a_sentence(root):
    os.close(os.open(os.fsencode(root) + b"/assets/bad\xff.txt", os.O_CREAT))
    with pytest.raises(BadName, match=r"assets/bad\\udcff\.txt.*rename it"):
        Folder(root).checksums()
    assert Folder(root, choose(root, ignore=["assets/*.txt"])).checksums()


def test_a_link_that_leads_to_itself_is_refused_in_a_sentence(root):
    (root / "assets/round.css").symlink_to(root / "assets/round.css")
    # From Python 3.13 on, it is the system that says so.
    with pytest.raises((Outside, OSError), match=r"leads to itself|symbolic links"):
        Folder(root).checksums()


def test_a_theme_is_called_what_it_says_else_as_its_folder(root):
    assert (name_of(Folder(root)), package_name(Folder(root))) == ("theme", "theme.zip")
    (root / "config/settings_schema.json").write_text(
        '[{"name": "theme_info", "theme_name": "Pear & Co/..", "theme_version": "1.2.0"}]'
    )
    assert name_of(Folder(root)) == "Pear & Co/.."
    assert package_name(Folder(root)) == "Pear-Co-..-1.2.0.zip"
    (root / "config/settings_schema.json").write_text("[{")
    assert name_of(Folder(root)) == "theme"
