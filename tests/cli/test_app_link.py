"""`till app link`: an app as its developer's genstore.app.toml says."""

import json
import stat

import pytest

from running import answer, seed, till, where

FILE = """\
# Our app, as `genstore app dev` keeps it.
name = "Loyalty"
client_id = ""            # made by link
application_url = "http://127.0.0.1:3000/"
embedded = false
handle = "loyalty"

[access_scopes]
scopes = "read_orders,write_apps"

[auth]
redirect_urls = ["http://127.0.0.1:3000/callback"]

[protected_data]
fields = "name,email"

[webhooks]
"orders/paid" = "http://127.0.0.1:3000/webhooks"
"customers/redact" = "http://127.0.0.1:3000/webhooks"
"""


@pytest.fixture
def app(tmp_path):
    """A folder with the file; `say` writes it with replacements, `link` links it."""
    seed(tmp_path / "data")
    return Linked(tmp_path)


class Linked:
    def __init__(self, folder):
        self.folder = folder / "app"
        self.folder.mkdir()
        self.path = self.folder / "genstore.app.toml"
        self.path.write_text(FILE)
        self.at = where(folder / "data")

    def say(self, old, new):
        text = self.path.read_text()
        assert old in text
        self.path.write_text(text.replace(old, new))

    def link(self, *options, **more):
        return answer("app", "link", self.folder, *options, *self.at, **more)

    def refused(self, *options, **more):
        done = till("app", "link", self.folder, *options, *self.at, check=False, **more)
        assert done.returncode != 0
        assert len(done.stderr.splitlines()) == 1, done.stderr
        return done.stderr.removeprefix("till: ").strip()

    def shown(self, client_id):
        return answer("app", "show", client_id, *self.at)


def test_a_new_app_gets_id_secret_and_install_address_once(app):
    told = app.link("--write")
    assert told["outcome"] == "created"
    assert len(told["clientSecret"]) == 64
    assert told["shops"] == [
        {
            "shop": "demo",
            "installed": False,
            "lacks": "",
            "installUrl": "http://127.0.0.1:8080/admin/demo/app-install/loyalty",
        }
    ]
    assert told["notices"] == []
    assert app.shown(told["clientId"]) == {
        "clientId": told["clientId"],
        "name": "Loyalty",
        "handle": "loyalty",
        "partner": True,
        "scopes": "read_orders,write_apps",
        "protected": "email,name",
        "applicationUrl": "http://127.0.0.1:3000/",
        "redirectUrls": ["http://127.0.0.1:3000/callback"],
        "embedded": False,
        "webhooks": {
            "orders/paid": "http://127.0.0.1:3000/webhooks",
            "customers/redact": "http://127.0.0.1:3000/webhooks",
        },
        "preinstalled": False,
    }
    # The file keeps all of its layout but the empty id.
    assert app.path.read_text() == FILE.replace('client_id = ""', f'client_id = "{told["clientId"]}"')
    again = app.link()
    assert (again["outcome"], again["changed"]) == ("unchanged", [])
    assert "clientSecret" not in again


def test_an_id_of_the_developers_own_is_kept(app):
    app.say('client_id = ""', 'client_id = "58DAED6AEC7AA1C2C8DFD719E8E06E3A"')
    assert app.link()["clientId"] == "58DAED6AEC7AA1C2C8DFD719E8E06E3A"
    assert app.link()["outcome"] == "unchanged"


def test_an_app_that_is_linked_already_is_not_made_twice(app):
    made = app.link()["clientId"]
    said = "genstore.app.toml: client_id is empty, and 'Loyalty' is linked already: write "
    assert app.refused() == f'{said}client_id = "{made}".'
    app.say('handle = "loyalty"\n', "")
    assert "linked already" in app.refused()


def test_each_change_of_the_file_is_told(app):
    client_id = app.link("--write")["clientId"]
    app.say("read_orders,write_apps", "read_products,write_apps")
    app.say('name = "Loyalty"', 'name = "Loyal"')
    told = app.link()
    assert (told["outcome"], told["changed"]) == ("updated", ["name", "scopes"])
    assert told["scopes"] == {"added": ["read_products"], "removed": ["read_orders"]}
    assert app.shown(client_id)["scopes"] == "read_products,write_apps"


def test_scopes_that_are_added_are_not_granted_but_asked_for(app):
    client_id = app.link("--write")["clientId"]
    till("app", "install", client_id, "--shop", "demo", *app.at)
    app.say("read_orders,write_apps", "read_orders,write_apps,read_products")
    (shop,) = app.link()["shops"]
    assert (shop["installed"], shop["lacks"]) == (True, "read_products")
    said = till("app", "link", app.folder, *app.at).stdout
    assert "demo: installed, but not granted read_products; the merchant grants it at http://" in said
    assert "Nothing has changed." in said


def test_a_secret_that_the_app_has_is_imported_and_not_shown(app):
    first = till(
        "app", "link", app.folder, "--secret", "-", "--write", *app.at, given="a secret of the app\n"
    )
    assert "a secret of the app" not in first.stdout
    assert "clientSecret" not in first.stdout
    assert app.link("--secret", "-", given="a secret of the app\n")["outcome"] == "unchanged"
    told = app.link("--secret", "-", given="another secret of the app\n")
    assert (told["outcome"], told["changed"]) == ("updated", ["clientSecret"])


@pytest.mark.parametrize("given", ["", "short\n", "x" * 300 + "\n", "ein geheimes Wört, lang genug\n"])
def test_a_secret_that_is_none_is_refused(app, given):
    assert app.refused("--secret", "-", given=given).startswith("A client secret is a line of 16 to 256")


def test_a_secret_on_the_command_line_is_refused_for_others_could_see_it(app):
    assert "standard input" in app.refused("--secret", "a secret of the app")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('name = "Loyalty"\n', "", "genstore.app.toml: name is missing, and has to be there."),
        (
            'client_id = ""            # made by link\n',
            "",
            'genstore.app.toml: client_id is missing: write client_id = "" to have one made.',
        ),
        (
            "embedded = false",
            'embedded = "no"',
            "genstore.app.toml: embedded must be true or false, without quotes.",
        ),
        ('name = "Loyalty"', "name = 7", "genstore.app.toml: name must be a text in quotes:"),
        (
            "[access_scopes]\nscopes = ",
            "[other]\nx = ",
            "genstore.app.toml: [access_scopes] scopes is missing:",
        ),
        ("read_orders,", "read_order,", "'read_order' is no scope (did you mean 'read_orders'?)."),
        ('"name,email"', '"name,hat"', "has 'hat': choose from"),
        ('"orders/paid"', '"orders/payed"', "genstore.app.toml: [webhooks] 'orders/payed' is no topic"),
        (
            '"orders/paid" = "http://127.0.0.1:3000/webhooks"',
            '"orders/paid" = 7',
            "must be an address in quotes",
        ),
        ('["http://127.0.0.1:3000/callback"]', "[7]", "[auth] redirect_urls must be texts:"),
        (
            "http://127.0.0.1:3000/callback",
            "http://app.example.com/x",
            "genstore.app.toml: redirectUrls[0] is",
        ),
        ("http://127.0.0.1:3000/webhooks", "javascript:alert(1)", "genstore.app.toml: webhooks."),
        ('handle = "loyalty"', 'handle = "Lo/yal"', "genstore.app.toml: The handle 'Lo/yal' cannot"),
        ('client_id = ""', 'client_id = "x y"', "genstore.app.toml: The client id 'x y' cannot be one"),
        ("[auth]", "[auth", "genstore.app.toml is no TOML:"),
        ("[access_scopes]\n", "access_scopes = 1\n[x]\n", "access_scopes must be a table"),
    ],
)
def test_what_cannot_be_is_refused_by_file_key_and_way_out(app, old, new, sentence):
    app.say(old, new)
    before = app.path.read_text()
    said = app.refused("--write")
    assert sentence in said
    assert said.startswith("genstore.app.toml")
    assert app.path.read_text() == before
    assert json.loads(till("app", "list", "--json", *app.at).stdout)["apps"][1:] == []


def test_keys_that_are_unknown_are_told_of_and_passed_over(app):
    app.say("[auth]", '[build]\ncommand = "make"\n\n[auth]\nmode = "x"')
    assert app.link()["notices"][:2] == [
        "genstore.app.toml: build is not known here, and was passed over.",
        "genstore.app.toml: [auth] mode is not known here, and was passed over.",
    ]


def test_the_documented_file_alone_will_do(app):
    app.path.write_text(
        'name = "Bare"\nclient_id = ""\napplication_url = "https://bare.example.com"\nembedded = true\n'
        '[access_scopes]\nscopes = "read_orders"\n'
    )
    told = app.link("--write")
    assert told["handle"] == "bare"
    assert app.shown("bare")["redirectUrls"] == ["https://bare.example.com"]
    assert "redirect_urls" in told["notices"][0]
    # What the file does not speak of stays as it was configured.
    till("app", "configure", told["clientId"], "--redirect-url", "https://bare.example.com/back", *app.at)
    assert app.link()["outcome"] == "unchanged"
    assert app.shown("bare")["redirectUrls"] == ["https://bare.example.com/back"]


def test_another_configuration_is_another_file(app):
    (app.folder / "genstore.app.staging.toml").write_text(FILE.replace("oyalty", "oyalty-staging"))
    assert app.link("-c", "staging", "--write")["handle"] == "loyalty-staging"
    assert app.path.read_text() == FILE
    assert "There is no genstore.app.prod.toml in" in app.refused("--config", "prod")
    assert "is no configuration" in app.refused("--config", "../prod")


def test_a_file_with_line_ends_of_windows_and_rights_of_its_own_keeps_both(app):
    app.path.write_bytes(FILE.replace("\n", "\r\n").encode())
    app.path.chmod(0o600)
    told = app.link("--write")
    assert app.path.read_bytes() == (
        FILE.replace('client_id = ""', f'client_id = "{told["clientId"]}"').replace("\n", "\r\n").encode()
    )
    assert stat.S_IMODE(app.path.stat().st_mode) == 0o600


def test_a_file_that_cannot_be_rewritten_is_refused_before_an_app_is_made_whose_secret_nobody_saw(app):
    app.say('client_id = ""', '"client_id" = ""')
    assert "client_id stands where it cannot be replaced" in app.refused("--write")
    app.say('"client_id" = ""', 'client_id = ""')
    blocked = app.folder / ".genstore.app.toml.new"
    blocked.mkdir()
    assert "genstore.app.toml cannot be written anew in" in app.refused("--write")
    assert [each["name"] for each in answer("app", "list", *app.at)["apps"]] == ["app of demo"]
    blocked.rmdir()
    assert app.link("--write")["outcome"] == "created"
    assert not blocked.exists()


def test_a_custom_app_is_rewritten_only_by_an_explicit_wish(app):
    made = answer("app", "create", "By hand", "--scopes", "read_orders", *app.at)
    client_id = made["clientId"]
    before = app.shown(client_id)
    app.say('client_id = ""', f'client_id = "{client_id}"')
    for options in ([], ["--secret", "-"]):
        said = app.refused(*options, given="a secret of the app\n")
        assert "is that of 'By hand', a custom app that was not made from a file" in said
        assert "--take-over" in said
    assert app.shown(client_id) == before
    assert "name" in app.link("--take-over")["changed"]
    assert (app.shown(client_id)["name"], app.shown(client_id)["partner"]) == ("Loyalty", False)
    # From there on nothing changes, and so nothing is refused.
    assert app.link()["outcome"] == "unchanged"


def test_the_address_of_the_server_can_be_said(app):
    told = app.link("--url", "https://till.example.com:8443/x")
    assert told["shops"][0]["installUrl"] == "https://till.example.com:8443/admin/demo/app-install/loyalty"
    assert app.refused("--url", "nonsense").startswith("'nonsense' is no URL of a server")
