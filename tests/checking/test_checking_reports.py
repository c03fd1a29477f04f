"""What `till theme check` does with what it finds: mends, silences, and tells it to people and machines."""

import json
import subprocess

import pytest
from themes_to_check import HERO, LAYOUT, SOUND, files, rules

from running import command, environment
from till.checking import configured, reports
from till.checking.configured import BadConfiguration
from till.checking.engine import RULES, check, mend
from till.checking.finding import Severity

S = "sections__hero_DOT_liquid"


def hero(text):
    return files(**{S: f"{text}\n{HERO}"})


def test_what_needs_no_judgement_is_mended():
    broken = files(
        **{S: '<script src="x"></script><script async src="y"></script>\n' + HERO},
        layout__theme_DOT_liquid=LAYOUT.replace("{{ content_for_header }}", "").replace(
            "{{ content_for_layout }}", ""
        ),
        config__settings_data_DOT_json='{"current": {"accent": "#000000",},\n}',
    )
    theme, rounds = dict(broken), 0
    while (changed := mend(theme, check(theme))) and rounds < 5:
        theme |= changed
        rounds += 1
    assert [each for each in check(theme) if each.severity != "info"] == []
    assert theme["sections/hero.liquid"].startswith(b'<script defer src="x"></script><script async src="y">')
    layout = theme["layout/theme.liquid"].decode()
    assert layout.index("content_for_header") < layout.index("</head>") < layout.index("content_for_layout")
    assert json.loads(theme["config/settings_data.json"]) == {"current": {"accent": "#000000"}}
    assert mend(theme, check(theme)) == {}


def test_what_is_silenced_in_a_file_is_not_told():
    wrong = "{{ prodcut.x }}"
    assert rules(hero(wrong)) == {"UndefinedObject"}
    assert rules(hero(f"{{% # theme-check-disable %}}{wrong}")) == set()
    assert rules(hero(f"{{% # theme-check-disable UndefinedObject %}}{wrong}")) == set()
    assert rules(hero(f"{{% # theme-check-disable PlainHttp, ImgAlt %}}{wrong}")) == {"UndefinedObject"}
    assert rules(hero(f"{{%- comment -%}} theme-check-disable {{%- endcomment -%}}{wrong}")) == set()
    between = f"{{% # theme-check-disable %}}\n{{% # theme-check-enable %}}\n{wrong}"
    assert rules(hero(between)) == {"UndefinedObject"}
    assert rules(hero(f"{{% # theme-check-disable-next-line UndefinedObject %}}\n{wrong}")) == set()
    later = f"{{% # theme-check-disable-next-line UndefinedObject %}}\n\n{wrong}"
    assert rules(hero(later)) == {"UndefinedObject"}


def test_a_configuration_turns_rules_off_and_says_how_bad_they_are():
    text = """# What we mind
ignore:
  - snippets/*
  - "assets/vendor*"   # not ours
root: .
UndefinedObject:
  enabled: false
ImgAlt:
  severity: error
  ignore: [layout/*, templates/*]
SomebodyElses:
  enabled: true
"""
    asked = configured.read(text, RULES)
    assert asked.ignore == ("snippets/*", "assets/vendor*")
    assert asked.rules["ImgAlt"].ignore == ("layout/*", "templates/*")
    theme = hero("{{ prodcut.x }}<img src='x' width='1' height='1'>") | {
        "snippets/card.liquid": b"{{ a | b }}"
    }
    found = [each for each in check(theme, None, asked) if each.severity != Severity.INFO]
    assert [(each.rule, each.severity) for each in found] == [("ImgAlt", Severity.ERROR)]
    only = configured.read("extends: :nothing\nImgAlt:\n  enabled: true\n", RULES)
    assert rules(theme, only) == {"ImgAlt"}
    assert configured.read("", RULES) == configured.Configuration()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ImgAlt:\n  enabled: perhaps", "line 2: enabled is true or false"),
        ("ImgAlt:\n  severity: bad", "line 2: severity is error, warning or info, and not bad"),
        ("ImgAlt: off", "line 1: ImgAlt is no map of settings"),
        ("imgalt:\n  enabled: true", "line 1: there is no rule imgalt: write ImgAlt"),
        ("ignore: {a: b}", "line 1: this is more than names, words and lists"),
        ("\tImgAlt:", "line 1: it is indented by tabs"),
        ("ignore:\n  - a: b", "line 2: this is more than names, words and lists"),
        ("just words", "line 1: a name with a colon is expected"),
        ("root: .\n  more: x", "line 2: this belongs to nothing"),
    ],
)
def test_a_configuration_that_cannot_be_read_names_its_line(text, said):
    with pytest.raises(BadConfiguration) as refused:
        configured.read(text, RULES)
    assert refused.value.message.startswith(f".theme-check.yml, {said}")


def test_sarif_says_where_and_by_which_rule():
    found = check(hero("{{ prodcut.x }}"))
    told = json.loads(json.dumps(reports.as_sarif(found, RULES, version="1.2.3")))
    run = told["runs"][0]
    assert (told["version"], run["tool"]["driver"]["semanticVersion"]) == ("2.1.0", "1.2.3")
    result = next(each for each in run["results"] if each["ruleId"] == "UndefinedObject")
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "UndefinedObject"
    assert result["level"] == "error"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "sections/hero.liquid"
    assert place["region"] == {"startLine": 1, "startColumn": 4}
    assert {each["level"] for each in run["results"]} <= {"error", "warning", "note"}


@pytest.fixture
def folder(tmp_path):
    """The sound theme as a folder."""
    for name, text in SOUND.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def asked(folder, *options):
    return subprocess.run(
        command("theme", "check", "--path", folder, *options),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=environment(),
    )


def test_the_command_tells_people_and_machines_and_ends_with_1_on_errors(folder):
    done = asked(folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 info." in done.stdout
    (folder / "sections/hero.liquid").write_text("{{ prodcut.title }}\n<script src='x'></script>\n" + HERO)
    done = asked(folder)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert "sections/hero.liquid" in lines
    told = next(line for line in lines if "UndefinedObject" in line)
    assert told.split()[:7] == ["1:4", "error", "nothing", "is", "called", "prodcut", "here"]
    assert told.endswith("write product  UndefinedObject")
    assert "--fix mends 1 of them." in lines
    told = json.loads(asked(folder, "--json").stdout)
    assert (told["errors"], told["warnings"], told["fixable"]) == (1, 1, 1)
    assert told["findings"][-2]["rule"] == "UndefinedObject"
    assert json.loads(asked(folder, "-o", "sarif").stdout)["version"] == "2.1.0"
    narrow = json.loads(asked(folder, "--only", "templates/*", "--json").stdout)
    assert (narrow["files"], narrow["findings"]) == (10, [])


def test_the_command_mends_and_goes_by_its_configuration(folder):
    (folder / "sections/hero.liquid").write_text("<script src='x'></script>\n" + HERO)
    done = asked(folder, "--fail-level", "warning")
    assert done.returncode == 1
    done = asked(folder, "--fix", "--fail-level", "warning")
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "mended sections/hero.liquid")
    assert (folder / "sections/hero.liquid").read_text().startswith("<script defer src='x'></script>")
    (folder / ".theme-check.yml").write_text("UnusedTranslation:\n  severity: error\n")
    assert asked(folder).returncode == 1
    (folder / ".theme-check.yml").write_text("UnusedTranslation:\n  enabled: maybe\n")
    done = asked(folder)
    assert (done.returncode, done.stderr) == (
        1,
        "till: .theme-check.yml, line 2: enabled is true or false.\n",
    )
    assert "UnclosedHTMLElement" in asked(folder, "--list").stdout
