"""`till listen`: every event reaches the app, whatever becomes of either side meanwhile."""

import json

import pytest
from developer import developing

from running import serve
from till.settings import Settings


@pytest.fixture
def she(tmp_path):
    with developing(tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def calm(tmp_path_factory):
    """One for all tests that leave nothing behind."""
    with developing(tmp_path_factory.mktemp("calm")) as found:
        yield found


def test_each_event_comes_signed_as_its_webhook_would_be(she):
    she.app.start()
    listening = she.listen()
    name = she.order()
    assert listening.posted(1) == [1]
    ((path, headers, body, _),) = she.app.taken
    assert path == "/webhooks?a=b"
    assert headers["X-Genstore-Topic"] == "orders/create"
    assert headers["User-Agent"].startswith("Till/")
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert headers["X-Genstore-Shop-Domain"] == f"{she.shop['shop']}.genmystore.com"
    assert json.loads(body)["order"]["name"] == name
    she.app.must_be_signed()
    told = listening.said[-1]
    assert (told["name"], told["status"], told["replayed"], told["tries"]) == (name, 200, False, 1)
    assert listening.stop() == 0


def test_what_happens_while_nobody_listens_is_replayed(she):
    she.app.start()
    listening = she.listen()
    she.order()
    listening.posted(1)
    assert listening.stop() == 0
    missed = [she.order() for _ in range(3)]
    again = she.listen()
    assert again.posted(3) == [2, 3, 4]
    assert [each["count"] for each in again.said if each.get("notice") == "missed"] == [3]
    assert all(each["replayed"] for each in again.said if "topic" in each)
    assert she.app.names()[1:] == missed


def test_a_listener_that_dies_before_its_first_event_loses_none(she):
    she.app.start()
    she.listen().process.kill()
    she.order()
    assert she.listen().posted(1) == [1]


def test_an_app_that_is_away_holds_up_what_follows_and_loses_none(she):
    listening = she.listen()
    names = [she.order() for _ in range(3)]
    listening.noticed("app_away")
    she.app.start()
    assert listening.posted(3) == [1, 2, 3]
    assert "app_back" in listening.notices()
    assert she.app.names() == names
    assert next(each for each in listening.said if "topic" in each)["tries"] > 1


def test_an_app_behind_a_proxy_that_says_it_is_away_is_away(she):
    she.app.answers = [503, 502]
    she.app.start()
    listening = she.listen()
    she.order()
    assert listening.posted(1) == [1]
    assert [status for *_, status in she.app.taken] == [503, 502, 200]


def test_what_the_app_refuses_it_has_had(she):
    """Otherwise one event that it cannot bear would hold up all others for ever."""
    she.app.answers = [401]
    she.app.start()
    listening = she.listen()
    she.order()
    name = she.order()
    assert listening.posted(2) == [1, 2]
    assert [each["status"] for each in listening.said if "topic" in each] == [401, 200]
    assert she.app.names() == [name]


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_the_server_may_go_and_come_back(she, end):
    she.app.start()
    listening = she.listen()
    names = [she.order()]
    listening.posted(1)
    getattr(she, end)()
    listening.noticed("away")
    she.start()
    names += [she.order() for _ in range(2)]
    assert listening.posted(3) == [1, 2, 3]
    assert "back" in listening.notices()
    assert she.app.names() == names


def test_a_server_stops_at_once_though_somebody_listens(she):
    she.app.start()
    listening = she.listen()
    she.order()
    listening.posted(1)
    assert she.stop() < Settings().stop_timeout


def test_nothing_is_missed_while_both_sides_come_and_go(she):
    """Orders are made all the while; each reaches the app, in order, and only a kill may repeat one."""
    she.app.start()
    names = []
    for turn in range(3):
        listening = she.listen()
        names += [she.order() for _ in range(2)]
        listening.posted(2)
        if turn == 0:
            listening.process.kill()
        elif turn == 1:
            she.app.stop()
            names.append(she.order())
            listening.noticed("app_away")
            she.kill()
            she.start()
            listening.process.kill()
            she.app.start()
        else:
            listening.stop()
    she.says("listen", "--forward-to", she.app.url, "--once")
    told = list(dict.fromkeys(she.app.names()))
    assert told == names
    she.app.must_be_signed()


def test_only_the_topics_that_are_wanted_come(she):
    she.app.start()
    listening = she.listen("--topics", "orders/paid")
    she.says("trigger", "orders/paid")
    listening.posted(1)
    she.says("trigger", "orders/paid")
    listening.posted(2)
    assert she.app.topics() == ["orders/paid", "orders/paid"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--forward-to", "localhost:8000"], 2, "give a URL such as http://localhost:8000/webhooks"),
        (["--forward-to", "http://127.0.0.1:8000/a b"], 2, "it holds a blank"),
        (["--forward-to", " http://127.0.0.1:8000/"], 2, "it holds a blank"),
        (["--forward-to", "http://127.0.0.1:8000/\n"], 2, "it holds a blank"),
        (["--forward-to", "http://user:pw@127.0.0.1:8000/"], 2, "a user name or password is not sent"),
        (["--forward-to", "http://a..b/"], 2, "give a URL such as http://localhost:8000/webhooks"),
        (["--forward-to", "http://127.0.0.1:0/"], 2, "give a URL such as http://localhost:8000/webhooks"),
        (["--forward-to", "http://127.0.0.1:9", "--once", "--until-idle", "1s"], 2, "give one of them"),
        ([], 2, "--forward-to"),
        (["--forward-to", "http://127.0.0.1:9", "--from", "7"], 2, "a cursor up to 0"),
        (["--forward-to", "http://127.0.0.1:9", "--from", "soon"], 2, "beginning, now"),
        (["--forward-to", "http://127.0.0.1:9", "--give-up", "soon"], 2, "90s, 15m, 4h or 2d"),
        (
            ["--forward-to", "http://127.0.0.1:9", "--topics", "orders/payed"],
            1,
            "did you mean 'orders/paid'?",
        ),
        (["--forward-to", "http://127.0.0.1:9", "--url", "http://127.0.0.1:9"], 3, "cannot be reached"),
        (["--forward-to", "http://127.0.0.1:9", "--token", "0" * 64], 1, "not valid"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(calm, arguments, code, words):
    done = calm.run("listen", *arguments)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_store_that_was_set_back_is_noticed(she, tmp_path):
    she.app.start()
    state = tmp_path / "state.json"
    she.order()
    arguments = ("listen", "--forward-to", she.app.url, "--once", "--state", state)
    she.says(*arguments)
    told = json.loads(state.read_text()) | {"cursor": "9"}
    state.write_text(json.dumps(told))
    done = she.run(*arguments)
    assert done.returncode == 1
    assert "the store was set back" in done.stderr
    for broken in ("{", "[]", '{"cursor": 1e400, "key": ""}', '{"cursor": "-1", "key": ""}', "[" * 99_999):
        state.write_text(broken)
        done = she.run(*arguments)
        assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
        assert "is no state of a listener" in done.stderr
    state.write_text(json.dumps(told | {"key": "another"}))
    assert "is of another server" in she.run(*arguments).stderr


def test_the_secret_is_shown_by_a_server_in_development_mode_only(she):
    assert she.json("listen", "--print-secret")["clientSecret"] == she.shop["clientSecret"]
    she.stop()
    with serve(she.folder / "data", "--port", str(she.port)):
        done = she.run("listen", "--print-secret")
    assert done.returncode == 1
    assert "till app create" in done.stderr
    she.start()


def test_events_come_in_the_profile_of_the_installation(tmp_path):
    with developing(tmp_path, fidelity="documented") as she:
        she.app.start()
        she.order()
        she.says("listen", "--forward-to", she.app.url, "--once", "--from", "beginning")
        listening = she.listen()
        she.order()
        listening.posted(1)
        told = [json.loads(body)["order"] for _, _, body, _ in she.app.taken]
        assert [(order["number"], order["note"]) for order in told] == [("1001", "null"), ("1002", "null")]
        she.app.must_be_signed()
        assert she.json("orders", "show", "1001")["order"]["number"] == 1001


def test_a_person_reads_a_line_for_each_event(she):
    she.app.start()
    she.order()
    said = she.says("listen", "--forward-to", she.app.url, "--once", "--from", "beginning")
    assert "missed 1 while away, replaying" in said
    assert "orders/create" in said
    assert "#1001" in said
    assert "replayed" in said
