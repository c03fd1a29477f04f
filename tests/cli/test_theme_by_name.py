"""`till theme`: environments of a folder, themes by their names, and what is said where something lacks."""

from themer import SMALL


def test_environments_say_once_what_a_folder_needs(shelf_server, draft):
    draft.write(
        {
            "till.theme.toml": f'[environments.staging]\nurl = "{shelf_server.url}"\ntheme = "{draft.id}"\n'
            'token-variable = "STAGING_TOKEN"\nignore = ["sections/*"]\nallow-live = true\n'
            '[environments.bad]\nthem = "x"\n[environments.secret]\ntoken = "x"\n',
            "assets/base.css": "/* staged */",
            "sections/hero.liquid": "not now",
        }
    )
    away = {"TILL_URL": "http://127.0.0.1:9", "TILL_TOKEN": "no"}
    staging = away | {"STAGING_TOKEN": shelf_server.token}
    assert draft.json("push", "-e", "staging", **staging)["uploaded"] == ["assets/base.css"]
    assert "STAGING_TOKEN" in draft.refused("push", "-e", "staging", code=2, **away)
    assert "'staging'" in draft.refused("push", "-e", "stagin", code=2)
    assert "'theme'" in draft.refused("push", "-e", "bad", code=2)
    assert "token-variable" in draft.refused("push", "-e", "secret", code=2)
    # What is typed wins.
    draft.refused("push", "-e", "staging", "--url", "http://127.0.0.1:9", code=3, **staging)


def test_themes_are_named_copied_shown_and_deleted(draft):
    draft.json("rename", "-n", "Spring")
    copy = draft.json("duplicate", "-t", "spring", "-n", "Summer")["theme"]
    listed = draft.says("list")
    assert "Spring" in listed
    assert "Summer" in listed
    draft.write({"assets/base.css": "/* 2 */"})
    draft.json("push", "-t", draft.id)
    assert [each["version"] for each in draft.json("versions")["versions"]] == [2, 1]
    differ = draft.json("diff", "--with", "Summer")
    assert (differ["changed"], differ["added"], differ["removed"]) == (["assets/base.css"], [], [])
    assert any("/* 2 */" in line for line in differ["texts"]["assets/base.css"])
    assert draft.json("diff", "--from", "1", "--to", "2", "--brief")["changed"] == ["assets/base.css"]
    draft.json("rollback", "--version", "1", "-t", "Spring")
    assert draft.json("pull")["written"] == ["assets/base.css"]
    assert draft.read("assets/base.css") == SMALL["assets/base.css"].encode()
    assert "--force" in draft.refused("delete", "-t", "Summer", code=2)
    draft.json("delete", "-t", copy["shopThemeId"], "-f")
    assert "'Summer'" in draft.refused("delete", "-t", "Summer", "-f")


def test_who_made_a_version_is_told_by_name(draft):
    (version,) = draft.json("versions")["versions"]
    listed = draft.says("versions")
    assert version["byName"] in listed
    assert version["by"] not in listed


def test_a_name_that_another_theme_has_is_taken_with_a_warning(draft):
    first = draft.run("rename", "-n", "Autumn")
    assert (first.returncode, first.stderr) == (0, "")
    copy = draft.json("duplicate", "-n", "Winter")["theme"]["shopThemeId"]
    again = draft.run("rename", "-t", copy, "-n", "Autumn", "--json")
    assert again.returncode == 0
    assert "2 themes are called" in again.stderr
    assert "ids" in again.stderr
    draft.json("delete", "-t", copy, "-f")


def test_without_a_server_a_token_or_a_theme_it_is_said_how_to_go_on(draft, tmp_path):
    assert "cannot be reached" in draft.refused("push", code=3, TILL_URL="http://127.0.0.1:9")
    assert "TILL_TOKEN" in draft.refused("push", code=2, TILL_TOKEN="")
    assert "--path" in draft.refused("push", "--path", str(tmp_path / "nowhere"))
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "till theme init" in draft.refused("push", "--path", str(empty))
