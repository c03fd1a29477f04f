"""`till listen`: where it stands, when it ends, and what it does with what the app refuses."""

import subprocess
import threading
import time

import pytest
from developer import developing

from asking import ask
from builders import a_line
from running import command, environment
from till.cli.listening import listener
from till.cli.listening.state import Place, State
from till.cli.listening.telling import Teller
from till.cli.remote import Remote


@pytest.fixture
def she(tmp_path):
    with developing(tmp_path) as found:
        yield found


def test_a_script_learns_that_the_app_refused_something(she):
    she.app.start()
    she.order()
    for end in (["--once"], ["--until-idle", "1s"]):
        she.app.answers = [401]
        done = she.run("listen", "--forward-to", she.app.url, "--from", "beginning", *end)
        assert (done.returncode, done.stderr) == (1, "till: The app refused 1 of 1 events.\n")
        she.says("listen", "--forward-to", she.app.url, "--from", "beginning", *end)
    assert [status for *_, status in she.app.taken] == [401, 200, 401, 200]


def test_what_the_app_refuses_is_held_back_where_that_is_wanted(she):
    she.app.answers = [401, 500, 302]
    she.app.start()
    listening = she.listen("--retry-refused")
    names = [she.order(), she.order()]
    assert listening.posted(2) == [1, 2]
    assert [status for *_, status in she.app.taken] == [401, 500, 302, 200, 200]
    assert she.app.names() == names
    assert [each for each in listening.notices() if each.startswith("app_")] == ["app_away", "app_back"]
    she.app.answers = [400] * 99
    end = ("--once", "--from", "now", "--state", she.folder / "other.json", "--give-up", "1s")
    she.says("listen", "--forward-to", she.app.url, *end)
    she.order()
    end = ("--once", "--state", she.folder / "other.json", "--give-up", "1s", "--retry-refused")
    done = she.run("listen", "--forward-to", she.app.url, *end)
    assert (done.returncode, "it answered 400" in done.stderr) == (3, True)
    she.app.answers = []
    listening.stop()


def test_another_choice_of_topics_stands_elsewhere(she):
    """One whose app is away loses nothing by another that goes on."""
    created = she.listen("--topics", "orders/create")
    paid = she.listen("--topics", "orders/paid,orders/cancelled")
    name = she.order()
    created.noticed("app_away")
    she.says("trigger", "orders/paid", "--order", name)
    paid.noticed("app_away")
    created.process.kill()
    she.app.start()
    paid.posted(1)
    assert paid.stop() == 0
    she.order()
    said = she.says("listen", "--forward-to", she.app.url, "--topics", " orders/create", "--once")
    assert "missed 2 while away" in said
    assert she.app.topics() == ["orders/paid", "orders/create", "orders/create"]
    other = "orders/cancelled, orders/paid"
    assert "from event 5" not in she.says(
        "listen", "--forward-to", she.app.url, "--topics", other, "--once", "--from", "1"
    )


def test_two_listeners_do_not_share_a_place(she):
    she.app.start()
    first = she.listen()
    done = she.run("listen", "--forward-to", she.app.url, "--once")
    assert done.returncode == 1
    assert f"Process {first.process.pid} already listens there" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    she.says("listen", "--forward-to", she.app.url, "--once", "--state", she.folder / "other.json")
    assert first.stop() == 0
    she.says("listen", "--forward-to", she.app.url, "--once")


def test_who_reads_no_further_ends_it_without_a_word(she):
    she.app.start()
    for _ in range(3):
        she.order()
    for as_json in ([], ["--json"]):
        process = subprocess.Popen(
            command("listen", "--forward-to", she.app.url, "--from", "beginning", *as_json),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(**she.known),
        )
        assert process.stdout.readline()
        process.stdout.close()
        she.order()
        she.order()
        assert process.wait(60) == 0
        assert process.stderr.read() == ""
        process.stderr.close()


def test_it_ends_when_it_was_idle_for_as_long_as_was_said(she, monkeypatch):
    """Longer than the server waits for an event at once, too, and counted from the last that came."""
    monkeypatch.setattr(listener, "LONGEST_WAIT", 1)
    she.app.start()
    place = State(she.folder / "state.json", Place(she.url, "", "", she.app.url))
    remote = Remote(she.url, she.shop["accessToken"], fidelity=None)
    listening = listener.Listener(
        remote, she.app.url, "orders/create", place, Teller(json=True), cursor=0, give_up=None
    )
    created = []

    def create():
        created.append(time.monotonic())
        created.append(ask(she.url, "/orders", she.shop["accessToken"], {"order": {"lineItems": [a_line()]}}))

    came = threading.Timer(1.5, create)
    came.start()
    listening.until_idle(8)
    ended = time.monotonic()
    came.join()
    at, (status, _) = created
    assert status == 200
    assert she.app.topics() == ["orders/create"]
    assert ended - at >= 8


def test_a_path_of_any_letters_is_posted_to(she):
    she.app.start()
    she.order()
    url = she.app.url.replace("/webhooks", "/hôok%20s")
    she.says("listen", "--forward-to", url, "--once", "--from", "beginning")
    assert she.app.taken[0][0] == "/h%C3%B4ok%20s?a=b"


def test_a_script_takes_what_there_is_and_ends(she):
    she.app.start()
    she.order()
    assert "from event 1" in she.says("listen", "--forward-to", she.app.url, "--once")
    assert she.app.taken == []
    she.order()
    she.says("listen", "--forward-to", she.app.url, "--once")
    assert she.app.topics() == ["orders/create"]
    she.says("listen", "--forward-to", she.app.url, "--once", "--from", "beginning")
    assert she.app.topics() == ["orders/create"] * 3
    she.says("listen", "--forward-to", she.app.url, "--until-idle", "1s", "--from", "1")
    assert she.app.topics() == ["orders/create"] * 4


def test_another_address_stands_elsewhere(she):
    she.app.start()
    she.says("listen", "--forward-to", she.app.url, "--once", "--from", "beginning")
    she.order()
    other = she.app.url.replace("/webhooks", "/other")
    she.says("listen", "--forward-to", other, "--once")
    assert she.app.taken == []
    she.says("listen", "--forward-to", she.app.url, "--once")
    assert she.app.topics() == ["orders/create"]


def test_a_listener_gives_up_where_it_is_told_to(she):
    listening = she.listen("--give-up", "1s")
    she.order()
    assert listening.process.wait(60) == 3
    assert "gave up after 1s" in listening.process.stderr.read()
    listening = she.listen("--give-up", "1s", "--from", "now")
    she.stop()
    assert listening.process.wait(60) == 3
    she.start()
