"""The receivers of the tutorial, in Python and in Node, as processes of their own."""

import base64
import hmac
import http.client
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples" / "webhooks"
PROGRAMS = {
    "python": [sys.executable, EXAMPLES / "receiver.py"],
    "node": ["node", EXAMPLES / "receiver.mjs"],
}
SECRET = "a secret of the app"
# Spelled as no library would spell it: whoever parses and prints it anew has other bytes.
BODY = b'{"order": {"name":"#7",  "totalPrice":"19.90", "currency":"EUR", "note":"\xc3\xa9 \\u00e9"}}'
PATIENCE = 60


class Receiver:
    """One that runs, and what it said."""

    def __init__(self, language, folder):
        self.process = subprocess.Popen(
            [*PROGRAMS[language], "--port", "0", "--inbox", folder],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"CLIENT_SECRET": SECRET},
        )
        self.folder = folder
        self.port = 0

    def is_up(self):
        self.port = int(self.hear().rpartition(":")[2].strip("/"))
        return self

    def hear(self):
        """The next line that it says."""
        return self.process.stdout.readline().strip()

    def post(self, body=BODY, *, name="id-1", secret=SECRET, **headers):
        """Send a webhook; answers the status."""
        signature = base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()
        sent = {
            "X-Genstore-Webhook-Id": name,
            "X-Genstore-Topic": "orders/paid",
            "X-Genstore-Hmac-Sha256": signature,
        }
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request("POST", "/", body, sent | headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status

    def lies_in(self, name):
        return sorted(path.name for path in (self.folder / name).iterdir())

    def is_done(self, name):
        until = time.monotonic() + PATIENCE
        while name not in self.lies_in("done") and time.monotonic() < until:
            time.sleep(0.01)
        return name in self.lies_in("done")

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture(params=PROGRAMS)
def start(request, tmp_path):
    started = []

    def begin():
        started.append(Receiver(request.param, tmp_path / "inbox"))
        return started[-1].is_up()

    yield begin
    for each in started:
        each.kill()


def test_what_is_signed_is_kept_then_answered_then_worked_on(start):
    receiver = start()
    assert receiver.post() == 200
    assert receiver.hear() == "kept     id-1 orders/paid, attempt 1"
    assert receiver.hear() == "done     id-1 orders/paid: order #7 of 19.90 EUR"
    assert receiver.is_done("id-1")


@pytest.mark.parametrize(
    "body", [BODY + b"\n", json.dumps(json.loads(BODY)).encode()], ids=["newline", "printed anew"]
)
def test_other_bytes_under_the_same_signature_are_refused(start, body):
    receiver = start()
    signature = base64.b64encode(hmac.digest(SECRET.encode(), BODY, "sha256")).decode()
    assert receiver.post(body, **{"X-Genstore-Hmac-Sha256": signature}) == 401
    assert receiver.hear() == "refused  id-1: bad signature"
    assert receiver.lies_in("new") == receiver.lies_in("done") == []


@pytest.mark.parametrize("signature", ["", "é", "AAAA"])
def test_what_is_no_signature_is_refused(start, signature):
    receiver = start()
    assert receiver.post(**{"X-Genstore-Hmac-Sha256": signature.encode()}) == 401


def test_another_secret_is_refused(start):
    assert start().post(secret="of another app") == 401


@pytest.mark.parametrize("name", ["", "../../id", "x" * 65])
def test_an_id_that_is_no_name_of_a_file_is_refused(start, name):
    assert start().post(name=name) == 400


def test_the_same_delivery_again_is_acknowledged_and_not_worked_on_again(start):
    receiver = start()
    assert receiver.post() == 200
    assert receiver.is_done("id-1")
    assert receiver.post(**{"X-Genstore-Delivery-Attempt": "2"}) == 200
    assert receiver.post(name="id-2") == 200
    said = [receiver.hear() for _ in range(5)]
    assert said[2] == "again    id-1 orders/paid, attempt 2: nothing to do"
    assert said[4].startswith("done     id-2")


def test_it_knows_what_it_has_seen_and_finishes_what_it_had_accepted_when_started_again(start):
    first = start()
    assert first.post() == 200
    assert first.is_done("id-1")
    first.kill()
    # Killed between the answer and the work.
    (first.folder / "new" / "id-2").write_bytes(b'{"topic": "orders/paid", "payload": %b}' % BODY)
    second = start()
    assert second.hear() == "done     id-2 orders/paid: order #7 of 19.90 EUR"
    assert second.post() == 200
    assert second.hear() == "again    id-1 orders/paid, attempt 1: nothing to do"
