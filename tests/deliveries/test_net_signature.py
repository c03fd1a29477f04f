"""Signatures, by verifiers that know nothing of ours (delivery.md §10: 28)."""

import base64
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from builders import a_line
from byte_receiver import a_post, receiving, sending
from inside import inside
from till.deliveries.envelope import Envelope, headers
from till.deliveries.signature import Secrets, sign, whsec
from till.keys import mint_secret

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "webhook-vectors.json"
VECTORS = json.loads(PAGE.read_text(encoding="utf-8"))["vectors"]
SECRET, PREVIOUS = "0f" * 32, "a1" * 32
MESSAGE = "019b6d2e-7c00-7a31-8e5f-3c2b1a098765"
ODD = [
    '{"note":"emoji 🧾👩‍👩‍👧 \U0010ffff"}'.encode(),
    '{"note":"\u2028\u2029\u0085\ufeff"}'.encode(),
    b'{"note":"\\ud83e\\uddfe \\ud800"}',
    b'{"id":9007199254740993,"zero":-0,"far":1e400,"near":0.30000000000000004}',
    b'{ "a" : 1 }\r\n',
    b"",
    b"\0\xff\xfe" * 1_000,
]


def by_node(cases):
    """What Node says of each case: whether each of its two signatures is good."""
    node = shutil.which("node") or shutil.which("nodejs")
    done = subprocess.run(
        [node, Path(__file__).with_name("verify.mjs")],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return [(each["compat"], each["standard"]) for each in json.loads(done.stdout)]


def a_case(secret, body, told):
    return {"secret": secret, "bodyBase64": base64.b64encode(body).decode(), "headers": dict(told)}


def by_openssl(secret, content):
    done = subprocess.run(
        [
            "openssl",
            "dgst",
            "-sha256",
            "-mac",
            "HMAC",
            "-macopt",
            f"hexkey:{secret.encode().hex()}",
            "-binary",
        ],
        input=content,
        capture_output=True,
        check=True,
        timeout=60,
    )
    return base64.b64encode(done.stdout).decode()


def by_package(secret, body, told):
    """The package wants text, as it came; what is no UTF-8 it cannot take."""
    try:
        Webhook(whsec(secret)).verify(body.decode(), dict(told), json_parse=False)
    except WebhookVerificationError:
        return False
    return True


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_28_the_published_vectors_are_what_is_sent(vector):
    secrets = Secrets(
        current=vector["secret"],
        previous=vector["previousSecret"],
        compat_previous=vector["compatIsPrevious"],
    )
    told, body = vector["headers"], base64.b64decode(vector["bodyBase64"])
    made = sign(secrets, told["webhook-id"], int(told["webhook-timestamp"]), body)
    assert dict(made) == told
    assert vector["whsec"] == whsec(vector["secret"])


def test_28_node_finds_the_published_vectors_good():
    for vector, (compat, standard) in zip(VECTORS, by_node(VECTORS), strict=True):
        assert (compat, standard) == (not vector["compatIsPrevious"], True), vector["name"]
    turned = [each | {"secret": each["previousSecret"]} for each in VECTORS if each["previousSecret"]]
    assert by_node(turned) == [(True, True), (False, True)]
    assert by_node([each | {"secret": "another"} for each in VECTORS]) == [(False, False)] * len(VECTORS)


def test_28_the_published_vectors_are_what_their_script_makes(tmp_path):
    script = (ROOT / "scripts" / "vectors.py").read_text(encoding="utf-8")
    assert "till" not in {
        line.split()[1] for line in script.splitlines() if line.startswith(("import", "from"))
    }
    code = "import pathlib, runpy, sys; made = runpy.run_path(sys.argv[1])['main'];"
    code += "made.__globals__['PAGE'] = pathlib.Path(sys.argv[2]); made()"
    arguments = [ROOT / "scripts" / "vectors.py", tmp_path / "made.json"]
    subprocess.run([sys.executable, "-c", code, *arguments], check=True, timeout=60, capture_output=True)
    assert (tmp_path / "made.json").read_bytes() == PAGE.read_bytes()


@pytest.mark.parametrize("body", ODD)
def test_28_what_is_signed_is_what_arrives_and_three_verifiers_agree(run, body):
    at = int(time.time())
    envelope = Envelope(
        topic="orders/paid",
        shop_domain="demo.genmystore.com",
        shop_id=1,
        api_version="202412",
        delivery_id=bytes(range(16)),
        event_id=bytes(range(16, 32)),
        triggered_at=at * 1_000_000,
        resource_version=3,
        attempt=1,
        secrets=Secrets(current=SECRET, previous=PREVIOUS, compat_previous=True),
        at=at * 1_000_000,
    )

    async def main():
        async with receiving() as receiver, sending() as sender:
            outcome = await sender.post(a_post(receiver.url(), body=body, headers=headers(envelope, body)))
            return outcome, receiver.requests[0]

    outcome, request = run(main())
    assert outcome.is_delivered
    assert request.body == body
    told = {name.lower(): value for name, value in request.headers}
    content = f"{told['webhook-id']}.{told['webhook-timestamp']}.".encode() + request.body
    assert told["x-genstore-hmac-sha256"] == by_openssl(PREVIOUS, request.body)
    listed = [f"v1,{by_openssl(each, content)}" for each in (SECRET, PREVIOUS)]
    assert told["webhook-signature"] == " ".join(listed)
    cases = [a_case(each, request.body, told) for each in (SECRET, PREVIOUS, "another")]
    assert by_node(cases) == [(False, True), (True, True), (False, False)]
    if body.isascii() or b"\xff" not in body:
        assert [by_package(each, request.body, told) for each in (SECRET, PREVIOUS, "another")] == [
            True,
            True,
            False,
        ]


def test_28_a_stored_event_is_signed_as_it_was_stored(run, tmp_path):
    """From the note of an order to the receiver's own verdict, without a byte changed between."""
    note = "naïve 🧾 \u2028 👩‍👩‍👧 </script>"
    with inside(run, folder=tmp_path, url=None) as till:
        created = till.create(note=note, lineItems=[a_line(title="Tasse ☕")])
        payload = bytes(
            till.rows("SELECT payload FROM changes WHERE shop_id = :shop_id", shop_id=till.shop.id)[0][0]
        )
    assert json.loads(payload)["order"]["note"] == note
    assert created["note"] == note
    told = sign(Secrets(current=SECRET), MESSAGE, int(time.time()), payload)

    async def main():
        async with receiving() as receiver, sending() as sender:
            await sender.post(a_post(receiver.url(), body=payload, headers=told))
            return receiver.requests[0]

    request = run(main())
    assert request.body == payload
    assert by_node([a_case(SECRET, request.body, told)]) == [(True, True)]
    assert by_package(SECRET, request.body, told)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"order":{"note":"\\ud800","lineItems":[]}}',
        b'{"order":{"note":"\xed\xa0\x80","lineItems":[]}}',
        b'{"order":{"note":"\xff","lineItems":[]}}',
        b'{"order":{"totalPrice":1e400,"lineItems":[]}}',
        b'{"order":{"lineItems":[{"title":"a","price":1e400,"quantity":1}]}}',
        b'{"order":{"lineItems":[{"title":"a","price":"1","quantity":9007199254740993}]}}',
        b'{"order":{"note":NaN,"lineItems":[]}}',
    ],
)
def test_28_what_could_not_be_signed_alike_by_all_never_comes_in(run, tmp_path, raw):
    with inside(run, folder=tmp_path, url=None) as till:
        assert till.post("/orders", raw).status in (400, 422)
        assert till.events() == []


@given(st.binary(max_size=300), st.integers(0, 2**40))
def test_28_any_body_is_signed_as_openssl_would(body, timestamp):
    told = dict(sign(Secrets(current=SECRET), MESSAGE, timestamp, body))
    if timestamp % 50 == 0:  # a process each, so a few of them
        assert told["X-Genstore-Hmac-Sha256"] == by_openssl(SECRET, body)
        assert (
            told["webhook-signature"]
            == f"v1,{by_openssl(SECRET, b'%b.%d.%b' % (MESSAGE.encode(), timestamp, body))}"
        )
    assert told["webhook-timestamp"] == str(timestamp)


def test_the_secret_of_an_app_is_one_for_both():
    secret = mint_secret()
    assert base64.b64decode(whsec(secret).removeprefix("whsec_")) == secret.encode()
    told = sign(Secrets(current=secret), MESSAGE, int(time.time()), b"{}")
    assert by_package(secret, b"{}", told)


def test_during_an_overlap_the_list_carries_both_and_the_one_header_the_chosen():
    before = Secrets(current=SECRET, previous=PREVIOUS, compat_previous=True)
    after = Secrets(current=SECRET, previous=PREVIOUS)
    only_new, only_old = (dict(sign(Secrets(current=each), MESSAGE, 1, b"{}")) for each in (SECRET, PREVIOUS))
    for secrets, compat in ((before, only_old), (after, only_new)):
        told = dict(sign(secrets, MESSAGE, 1, b"{}"))
        assert told["X-Genstore-Hmac-Sha256"] == compat["X-Genstore-Hmac-Sha256"]
        assert told["webhook-signature"].split() == [
            only_new["webhook-signature"],
            only_old["webhook-signature"],
        ]
