"""`till theme push` and `pull` against a server: what changed goes, at once, and nobody's work is lost."""

import json
import os
import pty
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from running import command, environment
from themer import SMALL, Themer
from till.cli.remote import Remote
from till.cli.theme.client import Shelf
from till.cli.theme.folder import Folder
from till.cli.theme.plan import plan_push
from till.cli.theme.pull import fetch
from till.cli.theme.push import Conflict
from till.cli.theme.sending import send


def test_only_what_changed_goes_up_and_every_byte_comes_down_again(draft, other):
    for name, content in SMALL.items():
        assert other.read(name) == (content if isinstance(content, bytes) else content.encode())
    draft.write({"assets/new.png": b"\xff\0\r\n", "sections/new.liquid": "a\r\nb", "assets/dot.png": None})
    told = draft.json("push")
    assert (told["uploaded"], told["deleted"]) == (
        ["assets/new.png", "sections/new.liquid"],
        ["assets/dot.png"],
    )
    assert (told["batches"], told["theme"]["version"]) == (1, 2)
    told = other.json("pull")
    assert (told["written"], told["deleted"]) == (
        ["assets/new.png", "sections/new.liquid"],
        ["assets/dot.png"],
    )
    assert (other.read("assets/new.png"), other.read("sections/new.liquid")) == (b"\xff\0\r\n", b"a\r\nb")
    assert not (other.folder / "assets/dot.png").exists()
    assert draft.json("push")["theme"]["version"] == other.json("push")["theme"]["version"] == 2


def test_nobodys_change_is_pushed_over(draft, other):
    other.write({"assets/base.css": "/* theirs */", "sections/hero.liquid": "theirs"})
    other.json("push")
    draft.write({"assets/base.css": "/* mine */", "templates/page.liquid": "new"})
    said = draft.refused("push")
    assert "assets/base.css" in said
    assert "hero" not in said
    assert "templates/page.liquid" not in json.dumps(other.json("diff", "--brief"))
    told = draft.json("push", "--force")
    assert "assets/base.css" in told["uploaded"]
    # What the other changed besides is taken back by the force too, for it makes the theme what is here.
    assert other.json("pull")["written"] == [
        "assets/base.css",
        "sections/hero.liquid",
        "templates/page.liquid",
    ]
    assert other.read("assets/base.css") == b"/* mine */"


def test_a_folder_that_forgot_what_it_was_synced_with_overwrites_nothing(draft, other):
    other.write({"assets/base.css": "/* theirs */", "snippets/theirs.liquid": "theirs"})
    other.json("push")
    (draft.folder / ".till/sync.json").write_text('{"themes": [{"ur')
    draft.write({"sections/hero.liquid": "mine"})
    for name in ("push", "pull"):
        assert "delete it" in draft.refused(name, "-t", draft.id)
    assert other.json("pull")["written"] == []
    (draft.folder / ".till/sync.json").unlink()
    assert "assets/base.css" in draft.refused("pull", "-t", draft.id)


def test_what_only_the_other_changed_stays_and_is_told(draft, other):
    other.write({"sections/hero.liquid": "theirs", "sections/more.liquid": "theirs"})
    other.json("push")
    draft.write({"assets/base.css": "/* mine */"})
    told = draft.json("push")
    assert (told["uploaded"], told["kept"]) == (
        ["assets/base.css"],
        ["sections/hero.liquid", "sections/more.liquid"],
    )
    assert draft.json("pull")["written"] == ["sections/hero.liquid", "sections/more.liquid"]
    assert draft.json("push")["uploaded"] == []


def test_a_pull_overwrites_no_work_of_hours(draft, other):
    other.write({"sections/hero.liquid": "theirs", "assets/base.css": "/* theirs */"})
    other.json("push")
    draft.write({"sections/hero.liquid": "hours of work"})
    said = draft.refused("pull")
    assert "sections/hero.liquid" in said
    assert "assets/base.css" not in said
    assert draft.read("sections/hero.liquid") == b"hours of work"
    assert draft.read("assets/base.css") == SMALL["assets/base.css"].encode()
    shown = draft.says("diff", "sections/hero.liquid")
    assert "-theirs" in shown
    assert "+hours of work" in shown
    assert draft.json("pull", "--force")["written"] == ["assets/base.css", "sections/hero.liquid"]
    assert draft.read("sections/hero.liquid") == b"theirs"


def test_a_folder_that_never_saw_the_theme_keeps_its_own_files(shelf_server, draft, tmp_path):
    stranger = Themer(
        shelf_server.url, shelf_server.token, tmp_path / "stranger", {"assets/base.css": "mine"}
    )
    assert "assets/base.css" in stranger.refused("pull", "-t", draft.id)
    assert stranger.read("assets/base.css") == b"mine"
    assert not (stranger.folder / "layout").exists()


def test_a_file_that_is_made_while_a_pull_is_on_its_way_is_kept(shelf_server, draft, other):
    class Slow(Shelf):
        """A shelf, while whose files come the developer begins one of the same name."""

        def contents(self, theme, names):
            found = super().contents(theme, names)
            other.write({"snippets/new.liquid": "work of hours"})
            return found

    draft.write({"snippets/new.liquid": "theirs"})
    draft.json("push")
    shelf = Slow(Remote(shelf_server.url, shelf_server.token))
    with pytest.raises(Conflict, match=r"snippets/new\.liquid"):
        fetch(shelf, shelf.find(draft.id), Folder(other.folder), force=False, delete=True)
    assert other.read("snippets/new.liquid") == b"work of hours"


def test_a_pull_shows_what_it_changed(draft, other):
    other.write({"sections/hero.liquid": SMALL["sections/hero.liquid"].replace("h1", "h2")})
    other.json("push")
    shown = draft.says("pull")
    assert "~ sections/hero.liquid" in shown
    assert "-<h1>" in shown
    assert "+<h2>" in shown


def test_the_live_theme_is_not_changed_by_accident(draft):
    draft.json("publish", "-f")
    draft.write({"assets/base.css": "/* oh */"})
    assert "--allow-live" in draft.refused("push", code=2)
    assert "--allow-live" in draft.refused("push", "--live", code=2)
    assert draft.json("diff", "--brief")["changed"] == ["assets/base.css"]
    told = draft.json("push", "--allow-live")
    assert (told["uploaded"], told["theme"]["isCurrent"]) == (["assets/base.css"], True)
    # What visitors saw before was this theme as it was; and before that another.
    draft.json("rollback")
    assert draft.json("pull")["written"] == ["assets/base.css"]
    assert draft.read("assets/base.css") == SMALL["assets/base.css"].encode()
    draft.json("rollback")
    [live] = [each for each in draft.json("list")["themes"] if each["isCurrent"]]
    assert live["shopThemeId"] != draft.id


def test_a_push_may_publish(draft):
    draft.write({"assets/base.css": "/* new */"})
    told = draft.json("push", "--publish")
    assert told["published"] is told["theme"]["isCurrent"] is True
    draft.json("rollback")


def test_files_that_no_theme_may_hold_are_all_named_before_anything_goes(draft):
    draft.write({"assets/run.exe": "x", "snippets/README.md": "x", "sections/big.liquid": "x" * 300_000})
    said = draft.refused("push")
    assert all(name in said for name in ("assets/run.exe", "snippets/README.md", "sections/big.liquid"))
    assert "262,144" in said
    draft.write({".tillignore": "assets/run.exe\nsnippets/*.md\nbig.liquid\n"})
    assert draft.json("push")["uploaded"] == []


def test_what_the_server_refuses_is_named_with_its_line_and_nothing_is_done(draft):
    draft.write({"sections/hero.liquid": "a\n{% if %}", "assets/base.css": "/* fine */"})
    said = draft.refused("push")
    assert "sections/hero.liquid" in said
    assert "line 2" in said
    assert draft.json("diff", "--brief")["changed"] == ["assets/base.css", "sections/hero.liquid"]


def test_a_part_may_be_chosen_and_nothing_taken_away(draft, other):
    draft.write({"assets/base.css": "/* a */", "sections/hero.liquid": "a", "assets/dot.png": None})
    told = draft.json("push", "--only", "assets", "--nodelete")
    assert (told["uploaded"], told["deleted"]) == (["assets/base.css"], [])
    told = draft.json("push", "--ignore", "sections/*")
    assert (told["uploaded"], told["deleted"]) == ([], ["assets/dot.png"])
    assert other.json("pull", "--only", "assets/*.css")["written"] == ["assets/base.css"]
    assert draft.json("push")["uploaded"] == ["sections/hero.liquid"]


def test_a_pattern_that_fits_nothing_is_a_slip_and_no_success(draft):
    for name in ("push", "pull", "check"):
        said = draft.refused(name, "--only", "secions/*", code=2)
        assert "--only secions/* fits no file of" in said
    said = draft.refused("push", "--unpublished", "--only", "secions/*", code=2)
    assert "--only secions/* fits no file of the folder" in said
    draft.write({"assets/dot.png": None})
    assert draft.json("push", "--only", "assets/*.png")["deleted"] == ["assets/dot.png"]


def test_names_that_differ_by_case_only_are_refused_by_name(draft):
    draft.write({"snippets/Card.liquid": "a", "snippets/card.liquid": "b", "assets/base.css": "/* x */"})
    if len(list((draft.folder / "snippets").iterdir())) == 1:
        pytest.skip("the file system takes both names for one")
    assert "snippets/card.liquid is there as snippets/Card.liquid too" in draft.refused("push")
    assert "assets/base.css" in draft.json("diff", "--brief")["changed"]
    assert draft.json("push", "--ignore", "Card.liquid")["deleted"] == []


def test_the_first_push_to_a_theme_says_what_it_took_and_how_to_go_back(shelf_server, draft, tmp_path):
    mine = {"assets/base.css": "mine", "layout/theme.liquid": SMALL["layout/theme.liquid"]}
    stranger = Themer(shelf_server.url, shelf_server.token, tmp_path / "stranger", mine)
    told = stranger.json("push", "-t", draft.id)
    assert told["firstPush"] == {"overwritten": 1, "deleted": len(SMALL) - 2, "versionBefore": 1}
    assert stranger.json("push", "-t", draft.id)["firstPush"] is None
    draft.json("rollback", "--version", "1", "-t", draft.id)
    again = Themer(shelf_server.url, shelf_server.token, tmp_path / "again", mine)
    said = again.says("push", "-t", draft.id)
    assert f"1 file of it overwritten, {len(SMALL) - 2} deleted" in said
    assert "`till theme rollback --version 1` brings them back" in said
    again.says("rollback", "--version", "1")
    assert draft.json("diff", "--brief")["changed"] == []


@pytest.mark.parametrize(("answer", "code"), [(b"n\n", 1), (b"y\n", 0)])
def test_on_a_terminal_the_first_push_asks_with_the_counts(shelf_server, draft, tmp_path, answer, code):
    mine = {"assets/base.css": "mine", "layout/theme.liquid": SMALL["layout/theme.liquid"]}
    stranger = Themer(shelf_server.url, shelf_server.token, tmp_path / "stranger", mine)
    ours, its = pty.openpty()
    os.write(ours, answer)
    done = subprocess.run(
        command("theme", "push", "-t", draft.id),
        stdin=its,
        capture_output=True,
        text=True,
        cwd=stranger.folder,
        env=environment(**stranger.known),
        check=False,
        timeout=60,
    )
    os.close(its)
    os.close(ours)
    assert done.returncode == code, (done.stdout, done.stderr)
    assert f"1 file of it would be overwritten and {len(SMALL) - 2} deleted" in done.stderr
    assert bool(draft.json("diff", "--brief")["changed"]) is (code == 0)


def test_a_push_is_one_change_of_many_files_and_the_next_of_one(draft):
    draft.write({f"snippets/part-{index}.liquid": f"{{{{ {index} }}}}" for index in range(500)})
    told = draft.json("push")
    assert (len(told["uploaded"]), told["batches"], told["theme"]["version"]) == (500, 1, 2)
    draft.write({"snippets/part-7.liquid": "{{ 'seven' }}"})
    told = draft.json("push")
    assert (told["uploaded"], told["theme"]["version"]) == (["snippets/part-7.liquid"], 3)


def test_what_is_more_than_one_request_holds_goes_up_in_batches_and_is_said(shelf_server, draft):
    draft.write({f"snippets/part-{index}.liquid": "x" * 400 for index in range(10)})
    draft.write({"assets/base.css": "/* last */", "config/settings_data.json": "{}"})
    shelf, folder = Shelf(Remote(shelf_server.url, shelf_server.token)), Folder(draft.folder)
    theme = shelf.find(draft.id)
    there = shelf.held(theme).files
    plan = plan_push(folder.checksums(), there, None, force=False, delete=True)
    said = []
    sent = send(shelf, theme, folder, plan, there, largest=2_000, tell=said.append)
    assert (sent.batches, sorted(sent.files)) == (4, sorted(plan.put))
    assert "4 batches" in said[0]
    assert shelf.held(theme).files == folder.checksums()


def test_two_who_push_at_once_tear_no_file_and_one_of_them_wins_each(draft, other):
    names = [f"snippets/part-{index}.liquid" for index in range(40)]
    for who, mark in ((draft, "mine"), (other, "theirs")):
        who.write(dict.fromkeys(names, f"{mark} {mark}"))
    with ThreadPoolExecutor() as pool:
        done = list(pool.map(lambda who: who.run("push"), (draft, other)))
    assert sorted(each.returncode for each in done) == [0, 1], [each.stderr for each in done]
    winner, loser = (draft, other) if done[0].returncode == 0 else (other, draft)
    assert "snippets/part-" in loser.refused("push")
    loser.json("pull", "--force")
    assert {loser.read(name) for name in names} == {winner.read(names[0])}


def test_a_strict_push_sends_nothing_where_the_check_finds_errors(draft):
    draft.write({"sections/hero.liquid": "{{ 1 | mony }}", "assets/base.css": "/* fine */"})
    said = draft.refused("push", "--strict")
    assert "sections/hero.liquid:1" in said
    assert draft.json("diff", "--brief")["changed"] == ["assets/base.css", "sections/hero.liquid"]
