"""The sample apps where no platform can be reached: what they refuse, keep, and have sent again."""

import hmac
import http.client
import json
import socket
import subprocess
import time

import pytest

from developed import PROGRAMS, copied
from running import PATIENCE, environment
from till.testing.ports import free_port

SECRET = "a secret of sixteen characters or more"
KEPT = {"paid": [], "shopId": "1", "token": "x", "scope": "", "installation": "7"}
REFUSED = (400, 401)  # Node's own reader of requests refuses some of them before the app
STRANGE = "é" * 44  # as many characters as a good signature has, and more bytes


@pytest.fixture(params=PROGRAMS)
def sample(request, tmp_path):
    nowhere = f"http://127.0.0.1:{free_port()}"
    made = copied(request.param, tmp_path / "app", [], nowhere)
    made.client_id, made.secret = "client", SECRET
    (made.folder / "shops.json").write_text(json.dumps({"demo": KEPT}))
    yield made
    made.stop()


def ended(sample, **variables):
    """What it says on leaving at once."""
    done = subprocess.run(
        PROGRAMS[sample.language],
        cwd=sample.folder,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 1, done
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr


def status_of(sample, method, path, body=None, **headers):
    """The status and the headers of an answer; header values as the latin-1 that they are."""
    connection = http.client.HTTPConnection("127.0.0.1", sample.port, timeout=PATIENCE)
    try:
        connection.request(
            method, path, body, {name.replace("_", "-"): each for name, each in headers.items()}
        )
        reply = connection.getresponse()
        reply.read()
        return reply.status, reply.headers
    finally:
        connection.close()


def raw_status_of(sample, target):
    """The status for a target that no client would send."""
    with socket.create_connection(("127.0.0.1", sample.port), timeout=PATIENCE) as line:
        line.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        return int(line.makefile("rb").readline().split()[1])


def launch_of(shop):
    """A link as the admin makes it."""
    query = f"shop={shop}&shopId=1&timestamp={int(time.time())}"
    return f"/?{query}&hmac={hmac.digest(SECRET.encode(), query.encode(), 'sha256').hex()}"


@pytest.mark.parametrize(
    "own",
    [{}, {"CLIENT_ID": "client"}, {"CLIENT_ID": "client", "CLIENT_SECRET": ""}, {"CLIENT_SECRET": SECRET}],
)
def test_without_id_and_secret_it_does_not_start_and_says_the_way_out(sample, own):
    said = ended(sample, APP_URL=sample.url, **own)
    assert said.startswith("CLIENT_ID and CLIENT_SECRET must be set")
    assert "till app rotate-secret" in said


def test_it_logs_topic_shop_and_id_and_nothing_of_people(sample):
    sample.start()
    order = {"id": "3", "email": "ada@example.com", "shippingAddress": {"address1": "Street 5"}}
    assert sample.webhook("orders/paid", {"order": order}, name="the-first") == 200
    assert sample.told("orders/paid") == {"topic": "orders/paid", "shop": "demo", "id": "the-first"}
    assert "ada" not in str(sample.said)


def test_what_could_not_be_handled_is_handled_when_it_comes_again(sample):
    sample.start()
    blocked = [sample.folder / name for name in ("shops.part", "shops.json.part")]
    for each in blocked:
        each.mkdir()
    assert sample.webhook("orders/paid", {"order": {"id": "3"}}, name="the-same") == 503
    for each in blocked:
        each.rmdir()
    for _ in range(2):
        assert sample.webhook("orders/paid", {"order": {"id": "3"}}, name="the-same") == 200
    assert sample.kept["paid"] == ["3"]


@pytest.mark.parametrize(
    ("topic", "kind"), [("app/uninstalled", "uninstalled"), ("shop/redact", "shopRedact")]
)
def test_the_word_of_an_end_is_heeded_if_it_names_this_installation(sample, topic, kind):
    sample.start()
    assert sample.webhook(topic, {kind: {"shopId": "1", "installationId": "6"}}) == 200
    assert sample.kept == KEPT
    # Where it names none, and the shop cannot be asked, it is to come again.
    assert sample.webhook(topic, {kind: {"shopId": "1"}}) == 503
    assert sample.kept == KEPT
    assert sample.webhook(topic, {kind: {"shopId": "1", "installationId": "7"}}) == 200
    assert sample.kept is None


def test_a_link_is_not_answered_by_silence_where_the_shop_cannot_be_asked(sample):
    sample.start()
    assert status_of(sample, "GET", launch_of("demo"))[0] == 502


@pytest.mark.parametrize("signature", ["", "bad", STRANGE, "=" * 44])
def test_a_bad_signature_is_401_whatever_it_is_made_of(sample, signature):
    sample.start()
    assert status_of(sample, "POST", "/webhooks", "{}", X_Genstore_Hmac_Sha256=signature)[0] == 401
    assert status_of(sample, "POST", "/webhooks", "{}")[0] == 401
    token = f"Bearer a.b.{STRANGE[:43]}"
    assert status_of(sample, "GET", "/orders?shop=demo", Authorization=token)[0] == 401
    for stamp in (b"%d" % time.time(), "²".encode("latin-1"), b"9" * 5_000):
        assert raw_status_of(sample, b"/?timestamp=" + stamp + b"&hmac=" + b"\xe9" * 64) in REFUSED


def test_the_state_is_sent_back_over_https_only_where_the_app_is_at_https(sample):
    sample.start({"APP_URL": "https://app.example.com", "PORT": str(sample.port)})
    status, headers = status_of(sample, "GET", launch_of("another"))
    assert status == 302
    assert headers["Set-Cookie"].endswith("; Secure")
    sample.stop()
    sample.start()
    assert "Secure" not in status_of(sample, "GET", launch_of("another"))[1]["Set-Cookie"]


@pytest.mark.parametrize(("scheme", "port"), [("http", 80), ("https", 443)])
def test_without_a_port_in_its_address_it_takes_that_of_the_scheme(sample, scheme, port):
    own = {"CLIENT_ID": "client", "CLIENT_SECRET": SECRET, "APP_URL": f"{scheme}://app.example.com"}
    # An address that no machine has: so what is said names the port, and nobody need have the right to it.
    said = ended(sample, HOST="192.0.2.1", **own)
    assert said.startswith(f"The app cannot listen at 192.0.2.1:{port}, ")
