"""`till events`, `verify`, `logs`, `clock` and `chaos`, against a server in development mode."""

import base64
import hmac
import json
import subprocess
import time

import pytest
from developer import App, dev, developing

from asking import ask
from running import command, environment
from till.testing.ports import free_port


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with developing(tmp_path_factory.mktemp("developer")) as found:
        yield found


@pytest.fixture
def she(server):
    """A developer with a shop of her own."""
    server.shop = dev(server.url, "POST", "/shops", {})
    server.known["TILL_TOKEN"] = server.shop["accessToken"]
    return server


def refused(she, *arguments, **more):
    done = she.run(*arguments, **more)
    assert done.returncode != 0, (arguments, done.stdout)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def test_events_are_listed_by_topic_and_order(she):
    first, second = she.order(), she.order()
    she.says("trigger", "orders/paid", "--order", first)
    every = lines(she.says("events", "list", "--json"))
    assert [each["cursor"] for each in every] == ["1", "2", "3", "4"]
    assert [each["cursor"] for each in lines(she.says("events", "list", "--limit", "2", "--json"))] == [
        "3",
        "4",
    ]
    ours = lines(she.says("events", "list", "--order", first, "--json"))
    assert [each["topic"] for each in ours] == ["orders/create", "orders/paid", "orders/update"]
    after = lines(she.says("events", "list", "--after", "1", "--limit", "2", "--json"))
    assert [each["cursor"] for each in after] == ["2", "3"]
    text = she.says("events", "list")
    assert second in text
    assert "orders/paid" in text
    assert she.says("events", "list", "--topic", "orders/delete") == "There is no such event.\n"


def test_events_are_followed(she):
    process = subprocess.Popen(
        command("events", "list", "--follow", "--json", "--after", "0"),
        stdout=subprocess.PIPE,
        text=True,
        env=environment(**she.known),
    )
    with process:
        she.order()
        first = json.loads(process.stdout.readline())
        she.order()
        second = json.loads(process.stdout.readline())
        process.terminate()
    assert (first["cursor"], second["cursor"], process.returncode) == ("1", "2", 0)


@pytest.mark.parametrize("as_json", [[], ["--json"]])
@pytest.mark.parametrize("arguments", [["events", "list", "--follow", "--after", "0"], ["logs", "tail"]])
def test_who_reads_no_further_ends_it_without_a_word(she, arguments, as_json):
    process = subprocess.Popen(
        command(*arguments, *as_json),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(**she.known),
    )
    she.order()
    assert process.stdout.readline()
    process.stdout.close()
    for _ in range(3):
        she.order()
    assert process.wait(60) == 0
    assert process.stderr.read() == ""
    process.stderr.close()


def test_an_event_is_shown_and_compared(she):
    name = she.json("trigger", "orders/paid")["done"][0]["order"]["name"]
    shown = she.json("events", "show", "2")["event"]
    assert shown["topic"] == "orders/paid"
    assert she.json("events", "show", shown["id"])["event"] == shown
    assert f'"name": "{name}"' in she.says("events", "show", "2")
    told = she.json("events", "diff", "2")
    assert (told["from"], told["to"]) == ("1", "2")
    changed = {each["path"]: (each.get("old"), each.get("new")) for each in told["changes"]}
    assert changed["order.financialStatus"] == ("pending", "paid")
    assert changed["order.totalOutstanding"] == ("35.00", "0.00")
    assert she.json("events", "diff", "3", "2")["changes"] == []
    assert '"pending"  →  "paid"' in she.says("events", "diff", "1", "2")
    assert refused(she, "events", "diff", "1")[0] == 1
    assert refused(she, "events", "show", "99")[0] == 1


def test_an_event_is_sent_again_to_the_webhooks_of_its_topic(she):
    app = App(free_port(), she.shop["clientSecret"]).start()
    try:
        she.order()
        code, said = refused(she, "events", "resend", "1")
        assert (code, "No webhook of this app" in said) == (1, True)
        subscribe(she, app)
        made = she.json("events", "resend", "1")["deliveries"]
        assert len(made) == 1
        until(lambda: app.taken)
        assert app.topics() == ["orders/create"]
        app.must_be_signed()
    finally:
        app.stop()


def subscribe(she, app):
    """Let an app have webhooks of new orders."""
    webhook = {"webhook": {"topic": "orders/create", "address": app.url}}
    status, told = ask(she.url, "/app/webhooks", she.shop["accessToken"], webhook)
    assert status == 201, told


def until(fits, seconds=60):
    end = time.monotonic() + seconds
    while not fits():
        assert time.monotonic() < end
        time.sleep(0.02)


def signature(secret, body):
    return base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()


def test_a_signature_is_checked_and_its_mistake_named(she, tmp_path):
    body = b'{"order": {"name": "#1001"}}'
    raw = tmp_path / "body"
    raw.write_bytes(body)
    good = ["--body", raw, "--hmac", signature("secret", body)]
    assert she.json("verify", "--secret", "secret", *good)["valid"] is True
    assert she.json("verify", "--secret", "whsec_c2VjcmV0", *good)["valid"] is True
    for wrong, mistake in (
        (signature("secret", b'{"order":{"name":"#1001"}}'), "reserialised"),
        (signature("secret", body + b"\n"), "newline"),
        (hmac.digest(b"secret", body, "sha256").hex(), "hex"),
        (signature("old", body), "previous_secret"),
        (signature("another", body), None),
    ):
        arguments = ["--secret", "secret", "--previous", "old", "--body", raw, "--hmac", wrong]
        done = she.run("verify", *arguments, "--json")
        told = json.loads(done.stdout)["signatures"][0]
        assert (done.returncode, told["valid"], told["mistake"]) == (1, False, mistake)
    for secret, code in ((" whsec_c2VjcmV0\n", 2), ("secret\n", 1)):
        done = she.run("verify", "--secret", secret, *good)
        assert (done.returncode, "strip what you read" in done.stdout + done.stderr) == (code, True)
    said = she.run("verify", *arguments, given="").stdout
    assert "No known mistake explains it" in said


def test_all_headers_of_a_webhook_are_checked_together(she, tmp_path):
    she.order()
    told = dev_signed(she)
    headers = tmp_path / "headers"
    text = "".join(f"{name}: {value}\r\n" for name, value in told["headers"].items())
    headers.write_text(f"HTTP/1.1 200 OK\r\n{text}\r\n")
    secret = she.shop["clientSecret"]
    found = she.json("verify", "--secret", secret, "--headers", headers, given=told["body"])
    assert [each["header"] for each in found["signatures"]] == ["X-Genstore-Hmac-Sha256", "webhook-signature"]
    done = she.run("verify", "--secret", secret, "--headers", headers, given=told["body"] + " ")
    assert done.returncode == 1
    old = text.replace(told["headers"]["webhook-timestamp"], "1700000000")
    headers.write_text(old)
    assert she.run("verify", "--secret", secret, "--headers", headers, given=told["body"]).returncode == 1
    for odd in ("²", "1" * 5_000, "-1", "1.5"):
        headers.write_text(text.replace(told["headers"]["webhook-timestamp"], odd))
        code, said = refused(she, "verify", "--secret", secret, "--headers", headers, given="x")
        assert (code, "webhook-timestamp is" in said) == (2, True)
    headers.write_text("Content-Type: application/json\n")
    assert refused(she, "verify", "--secret", secret, "--headers", headers, given="x")[0] == 2
    assert refused(she, "verify", "--secret", secret, given="x")[0] == 2


def dev_signed(she):
    """An event as `till listen` reads it."""
    return ask(she.url, "/events?sign=true&limit=1", she.shop["accessToken"])[1]["events"][0]


def test_the_log_shows_requests_and_deliveries_as_they_happen(she):
    process = subprocess.Popen(
        command("logs", "tail", "--json", "--status", "4xx,5xx,200", "--method", "POST"),
        stdout=subprocess.PIPE,
        text=True,
        env=environment(**she.known),
    )
    app = App(free_port(), she.shop["clientSecret"]).start()
    with process:
        subscribe(she, app)
        she.order()
        seen = [json.loads(process.stdout.readline()) for _ in range(2)]
        process.terminate()
    app.stop()
    by_kind = {each["kind"]: each for each in seen}
    assert by_kind["request"]["target"] == "/api/202412/orders"
    assert (by_kind["attempt"]["target"], by_kind["attempt"]["topic"]) == (app.url, "orders/create")
    assert by_kind["attempt"]["status"] == 200
    assert process.returncode == 0


def test_the_clock_goes_forward_for_the_whole_server(she):
    before = she.json("clock")
    after = she.json("clock", "+2d")
    assert after["offset"] - before["offset"] == 172_800
    she.order()
    event = she.json("events", "list", "--limit", "1")
    assert event["occurredAt"][:13] == after["now"][:13]
    assert "ahead" in she.says("clock")
    for wish, words in (
        ("reset", "cannot go back"),
        ("-4h", "forward only"),
        ("+4x", "90s, 15m"),
        ("x", "time"),
    ):
        assert words in refused(she, "clock", wish)[1]


@pytest.mark.parametrize(
    "arguments", [["clock", "reset"], ["clock", "x"], ["chaos", "--fail", "1", "--topics", "orders/payed"]]
)
def test_a_program_reads_why_it_was_refused(she, arguments):
    she.says("clock", "+1m")
    she.order()  # after that the clock cannot go back
    done = she.run(*arguments, "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (1, f"till: {told['error']}\n")
    assert {"code", "traceId"} & told.keys()


def test_chaos_is_set_shown_and_ended(she):
    app = App(free_port(), she.shop["clientSecret"]).start()
    try:
        subscribe(she, app)
        she.says("chaos", "--duplicate", "1", "--topics", "orders/create")
        she.order()
        until(lambda: len(app.taken) == 2)
        assert she.json("chaos")["done"]["duplicated"] == 1
        she.says("chaos", "--fail", "1", "--seed", "3")
        she.order()
        until(lambda: she.json("chaos")["done"]["failed"] == 1)
        assert len(app.taken) == 2
        assert she.json("chaos", "off")["chaos"]["fail"] == 0
    finally:
        she.run("chaos", "off")
        app.stop()
    assert refused(she, "chaos", "--topics", "orders/payed")[0] == 1
    assert refused(she, "chaos", "on")[0] == 2
    assert refused(she, "chaos", "--fail", "2")[0] == 2
