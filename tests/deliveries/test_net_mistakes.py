"""What `till verify` says of a signature that does not match: each classic mistake, made once."""

import base64
import hashlib
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.deliveries.mistakes import SENTENCES, Mistake, diagnose, is_signed

SECRET, PREVIOUS = "0f" * 32, "a1" * 32
KEY = SECRET.encode()
BODY = '{"order":{"id":1,"note":"naïve 🧾","totalPrice":"10.00"}}'.encode()
SIGNED = ("0192f0c0-0000-7000-8000-000000000001", 1_700_000_000)
STANDARD = b"%b.%d." % (SIGNED[0].encode(), SIGNED[1])


def digest(key, content):
    return hmac.new(key, content, hashlib.sha256).digest()


def b64(raw):
    return base64.b64encode(raw).decode()


def of(content, key=KEY):
    return b64(digest(key, content))


def written(**options):
    return json.dumps(json.loads(BODY), **options).encode()


RIGHT = digest(KEY, BODY)
MADE = [
    (Mistake.PREVIOUS_SECRET, of(BODY, PREVIOUS.encode())),
    (Mistake.SECRET_BLANKS, of(BODY, f"{SECRET}\n".encode())),
    (Mistake.SECRET_BLANKS, of(BODY, f" {SECRET}".encode())),
    (Mistake.SECRET_BLANKS, of(BODY, f'"{SECRET}"'.encode())),
    (Mistake.SECRET_DECODED, of(BODY, bytes.fromhex(SECRET))),
    (Mistake.SECRET_DECODED, of(BODY, base64.b64decode(SECRET))),
    (Mistake.SECRET_PREFIXED, of(BODY, b"whsec_" + base64.b64encode(SECRET.encode()))),
    (Mistake.SECRET_PREFIXED, of(BODY, base64.b64encode(SECRET.encode()))),
    (Mistake.EMPTY_BODY, of(b"")),
    (Mistake.NEWLINE, of(BODY + b"\n")),
    (Mistake.NEWLINE, of(BODY + b"\r\n")),
    (Mistake.RESERIALISED, of(written())),
    (Mistake.RESERIALISED, of(written(ensure_ascii=False, sort_keys=True))),
    (Mistake.RESERIALISED, of(written(indent=2))),
    (Mistake.RECODED, of(BODY.decode("latin-1").encode())),
    (Mistake.RECODED, of(b"\xef\xbb\xbf" + BODY)),
    (Mistake.HEX, RIGHT.hex()),
    (Mistake.HEX, RIGHT.hex().upper()),
    (Mistake.HEX_IN_BASE64, b64(RIGHT.hex().encode())),
    (Mistake.HEX_IN_BASE64, b64(RIGHT.hex().upper().encode())),
    (Mistake.ALGORITHM, f"sha256={RIGHT.hex()}"),
    (Mistake.ALGORITHM, f"SHA256={b64(RIGHT)}"),
    (Mistake.BASE64URL, b64(RIGHT).rstrip("=")),
    (Mistake.QUOTED, f'"{b64(RIGHT)}"'),
    (Mistake.QUOTED, f" {b64(RIGHT)}\n"),
]


@pytest.mark.parametrize(("mistake", "received"), MADE)
def test_a_mistake_is_named(mistake, received):
    assert diagnose(SECRET, PREVIOUS, BODY, received) is mistake
    assert not is_signed(SECRET, BODY, received)


@pytest.mark.parametrize("around", ["{}\n", "{}\r\n", " {}", "{}  ", '"{}"', "'{}'", '"{}"\n'])
def test_blanks_around_the_secret_that_is_given_are_named(around):
    assert diagnose(around.format(SECRET), None, BODY, of(BODY)) is Mistake.SECRET_GIVEN_BLANKS
    standard = f"v1,{of(STANDARD + BODY)}"
    assert diagnose(around.format(SECRET), None, BODY, standard, signed=SIGNED) is Mistake.SECRET_GIVEN_BLANKS


def test_the_base64_of_urls_is_named():
    body = next(b"%d" % number for number in range(99) if {"+", "/"} & set(of(b"%d" % number)))
    received = base64.urlsafe_b64encode(digest(KEY, body)).decode()
    assert diagnose(SECRET, None, body, received) is Mistake.BASE64URL


def test_a_body_that_was_stripped_is_named():
    assert diagnose(SECRET, None, BODY + b"\n", of(BODY)) is Mistake.NEWLINE
    assert (
        diagnose(SECRET, None, written(indent=2), of(written(separators=(",", ":")))) is Mistake.RESERIALISED
    )


def test_what_is_right_is_no_mistake():
    assert is_signed(SECRET, BODY, of(BODY))
    assert diagnose(SECRET, PREVIOUS, BODY, of(BODY)) is None


@pytest.mark.parametrize("received", ["", "=", "nonsense", "é", "\udc80", "00" * 32, b64(b"\0" * 32)])
def test_what_nothing_explains_is_not_guessed_at(received):
    assert not is_signed(SECRET, BODY, received)
    assert diagnose(SECRET, PREVIOUS, BODY, received) is None


def test_the_simplest_explanation_wins():
    assert diagnose(SECRET, PREVIOUS, BODY, digest(PREVIOUS.encode(), BODY).hex()) is Mistake.PREVIOUS_SECRET
    assert diagnose(SECRET, SECRET, BODY, RIGHT.hex()) is Mistake.HEX


def test_standard_webhooks_is_told_apart():
    right = of(STANDARD + BODY)
    for received in (right, f"v1,{right}", f"v1,{of(b'another')} v1,{right}"):
        assert is_signed(SECRET, BODY, received, signed=SIGNED)
        assert diagnose(SECRET, PREVIOUS, BODY, received, signed=SIGNED) is None
    assert diagnose(SECRET, None, BODY, f"v1,{of(BODY)}", signed=SIGNED) is Mistake.BODY_ONLY
    previous = of(STANDARD + BODY, PREVIOUS.encode())
    assert diagnose(SECRET, PREVIOUS, BODY, f"v1,{previous}", signed=SIGNED) is Mistake.PREVIOUS_SECRET
    assert diagnose(SECRET, None, BODY, f"v1,{of(STANDARD)}", signed=SIGNED) is Mistake.EMPTY_BODY
    assert diagnose(SECRET, None, BODY, of(STANDARD + BODY + b"\n"), signed=SIGNED) is Mistake.NEWLINE
    assert not is_signed(SECRET, BODY, right)


def test_each_mistake_has_its_sentence():
    assert set(SENTENCES) == set(Mistake)
    assert all(each.sentence.startswith("It ") and each.sentence.endswith(".") for each in Mistake)


@given(st.text(max_size=80), st.binary(max_size=80), st.text(max_size=80))
def test_nothing_that_is_asked_is_too_odd(secret, body, received):
    assert diagnose(secret, None, body, received) in (None, *Mistake)
    assert diagnose(secret, received, body, received, signed=SIGNED) in (None, *Mistake)
