"""`till staff`, and the link that a server prints while there is nobody."""

import re
import subprocess
from urllib.parse import urlsplit

import pytest

from admin_hall import Plain
from running import answer, command, environment, serve, till, where


@pytest.fixture
def place(tmp_path):
    folder = tmp_path / "store"
    answer("shop", "create", "corner", *where(folder))
    return folder


def refused(*arguments):
    done = till("staff", *arguments, check=False)
    assert (done.stdout, "Traceback" in done.stderr) == ("", False)
    return done.returncode, done.stderr


def test_a_server_without_people_prints_a_link_that_works_until_there_is_somebody(place):
    with serve(place) as server:
        first = server.said["setUp"]
        assert first.startswith(f"{server.url}/admin/set-up?token=")
    with serve(place) as server:  # the first link is not void because another was made
        client = Plain(server.url)
        at = urlsplit(first)
        assert client.accept(f"{server.url}{at.path}?{at.query}", "ada@example.com").status == 303
        assert client.get("/admin").headers["Location"] == "/admin/corner/apps"
    with serve(place) as server:
        assert "setUp" not in server.said
    call = command("serve", *where(place), "--port", "0")
    with subprocess.Popen(call, stdout=subprocess.PIPE, text=True, env=environment()) as process:
        said = [process.stdout.readline()]
        process.terminate()
        said.append(process.stdout.read())
    assert ("Till is ready" in said[0], said[1]) == (True, "")


def test_a_server_on_all_addresses_links_to_this_machine(place):
    with serve(place, "--host", "0.0.0.0") as server:
        assert re.match(r"http://127\.0\.0\.1:\d+/admin/set-up\?token=\w{64}$", server.said["setUp"])


def test_people_are_invited_listed_and_sent_away(place):
    at = where(place)
    with serve(place) as server:
        told = answer(
            "staff", "invite", "Bob@Example.com", "--shop=corner", "--role=owner", "--url", server.url, *at
        )
        assert (told["email"], told["shop"], told["role"]) == ("bob@example.com", "corner", "owner")
        bob = Plain(server.url)
        assert bob.accept(told["link"], name="Bob").status == 303
        spare = answer("staff", "invite", "bob@example.com", "--shop=corner", "--url", server.url, *at)[
            "link"
        ]
        (listed,) = answer("staff", "list", "--shop", "corner", *at)["people"]
        shown = {"email": "bob@example.com", "name": "Bob", "active": True, "shops": {"corner": "owner"}}
        assert {name: listed[name] for name in shown} == shown
        assert "corner (owner)" in till("staff", "list", *at).stdout

        assert answer("staff", "deactivate", "bob@example.com", *at)["active"] is False
        code, sentence = refused("reset-password", "bob@example.com", *at)
        assert (code, "reactivate` first" in sentence) == (1, True)
        assert answer("staff", "reactivate", "bob@example.com", *at)["active"] is True
        link = urlsplit(spare)
        assert bob.get(f"{link.path}?{link.query}").status == 404  # void since he was sent away

        reset, again = (answer("staff", "reset-password", "bob@example.com", *at)["link"] for _ in range(2))
        with_new = Plain(server.url)
        assert with_new.accept(reset, password="nine yellow kettles").status == 303
        assert bob.get("/admin/shops").status == 303
        link = urlsplit(again)
        assert bob.get(f"{link.path}?{link.query}").status == 404

        assert answer("staff", "remove", "bob@example.com", "--shop", "corner", *at)["shop"] == "corner"
        assert refused("remove", "bob@example.com", "--shop", "corner", *at)[0] == 1
        assert answer("staff", "remove", "bob@example.com", *at) == {
            "email": "bob@example.com",
            "removed": True,
        }
        assert answer("staff", "list", *at) == {"people": []}


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["invite"], 2, "Give an e-mail address and --shop, or --owner alone."),
        (["invite", "a@example.com"], 2, "or --owner alone."),
        (["invite", "a@example.com", "--shop", "corner", "--owner"], 2, "or --owner alone."),
        (["invite", "nobody", "--shop", "corner"], 1, "That is not an e-mail address"),
        (["invite", "a@example.com", "--shop", "nowhere"], 1, "There is no shop 'nowhere'"),
        (["deactivate", "a@example.com"], 1, "There is nobody with the e-mail a@example.com"),
        (["reactivate", "a@example.com"], 1, "There is nobody"),
        (["remove", "a@example.com"], 1, "There is nobody"),
        (["reset-password", "a@example.com"], 1, "There is nobody"),
        (["list", "--shop", "nowhere"], 1, "There is no shop"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(place, arguments, code, sentence):
    found = refused(*arguments, *where(place))
    assert (found[0], sentence in found[1]) == (code, True), found
