"""Names the mistake behind a signature that does not match, for whoever looks for it (`till verify`)."""

import base64
import hmac
import json
from collections.abc import Callable, Iterator
from enum import StrEnum

from till.deliveries.signature import PREFIX, standard_content


class Mistake(StrEnum):
    """What is usually wrong; `sentence` says it, and the way out."""

    PREVIOUS_SECRET = "previous_secret"  # noqa: S105 - the name of a mistake
    SECRET_GIVEN_BLANKS = "secret_given_blanks"  # noqa: S105 - the name of a mistake
    SECRET_BLANKS = "secret_blanks"  # noqa: S105 - the name of a mistake
    SECRET_DECODED = "secret_decoded"  # noqa: S105 - the name of a mistake
    SECRET_PREFIXED = "secret_prefixed"  # noqa: S105 - the name of a mistake
    EMPTY_BODY = "empty_body"
    NEWLINE = "newline"
    RESERIALISED = "reserialised"
    RECODED = "recoded"
    BODY_ONLY = "body_only"
    HEX = "hex"
    HEX_IN_BASE64 = "hex_in_base64"
    ALGORITHM = "algorithm"
    BASE64URL = "base64url"
    QUOTED = "quoted"

    @property
    def sentence(self) -> str:
        return SENTENCES[self]


SENTENCES = {
    Mistake.PREVIOUS_SECRET: (
        "It is made with the previous secret: take the new one, or accept both until the overlap ends."
    ),
    Mistake.SECRET_GIVEN_BLANKS: (
        "It is right for the secret without the blanks, newline or quotes around the one that is given here: "
        "strip what you read from a file or the environment."
    ),
    Mistake.SECRET_BLANKS: (
        "It is made with a secret that has blanks or a newline around it: strip what you read from a file or "
        "the environment."
    ),
    Mistake.SECRET_DECODED: (
        "It is made with a secret that was decoded as hex or Base64: its text itself is the key."
    ),
    Mistake.SECRET_PREFIXED: (
        "It is made with the text of the whsec_ form: that form is the secret in Base64, so decode it, or "
        "use the secret as it is."
    ),
    Mistake.EMPTY_BODY: (
        "It is made of no body at all: the framework had read it already, so take the raw bytes before it "
        "does, e.g. express.raw() or request.get_data()."
    ),
    Mistake.NEWLINE: (
        "It is made of a body with a newline more or less at its end: sign the bytes exactly as they came."
    ),
    Mistake.RESERIALISED: (
        "It is made of a body that was parsed and written anew: keep the raw bytes before any JSON parser "
        "sees them, e.g. express.raw() or request.get_data()."
    ),
    Mistake.RECODED: (
        "It is made of a body that was decoded and encoded as something else than UTF-8: sign the raw bytes."
    ),
    Mistake.BODY_ONLY: (
        "It is made of the body alone: webhook-signature signs webhook-id, webhook-timestamp and the body "
        "with full stops between them."
    ),
    Mistake.HEX: "It is in hex: the header is Base64 of the same digest, so compare in Base64.",
    Mistake.HEX_IN_BASE64: (
        "It is the Base64 of the hex text: encode the digest's 32 bytes, by digest() and not hexdigest()."
    ),
    Mistake.ALGORITHM: (
        "It has sha256= before it, as elsewhere: the header is the Base64 of the digest and nothing else."
    ),
    Mistake.BASE64URL: (
        "It is in the Base64 of URLs, or lacks its padding: the header has + and / and ends in =."
    ),
    Mistake.QUOTED: "It has quotes or blanks around it: strip them before you compare.",
}

ALGORITHM = "sha256="
Variants = Iterator[tuple[Mistake | None, bytes]]


Signed = tuple[str, int]


def is_signed(secret: str, body: bytes, received: str, *, signed: Signed | None = None) -> bool:
    """True when `received` is the signature of `body`; compared in constant time.

    `signed` is webhook-id and webhook-timestamp where it is that of Standard Webhooks, then with or
    without its `v1,`, or a list of such as it comes in the header.
    """
    expected = base64.b64encode(hmac.digest(secret.encode(), _wrapper(signed)(body), "sha256"))
    return any(
        hmac.compare_digest(expected, each.encode("utf-8", "replace")) for each in _each(received, signed)
    )


def diagnose(
    secret: str, previous: str | None, body: bytes, received: str, *, signed: Signed | None = None
) -> Mistake | None:
    """The mistake that explains `received`, the likeliest first; None where it is right, or unexplained.

    `received` is what was computed or what came in the header, and `body` what it should be over; `signed`
    is as for `is_signed`.
    """
    if is_signed(secret, body, received, signed=signed):
        return None
    wrap = _wrapper(signed)
    spellings = {digest: how for each in _each(received, signed) for digest, how in _spellings(each)}
    found: list[list[Mistake]] = []
    for of_key, key in _keys(secret, previous):
        for of_body, content in _contents(body, wrap, alone=signed is not None):
            digest = hmac.digest(key, content, "sha256")
            if digest in spellings:
                found.append([each for each in (of_key, of_body, spellings[digest]) if each is not None])
    return min(filter(None, found), key=len, default=[None])[0]


def _each(received: str, signed: Signed | None) -> list[str]:
    """The signatures of a header, of which that of Standard Webhooks may hold several."""
    if signed is None or "v1," not in received:
        return [received]
    return [each.removeprefix("v1,") for each in received.split()]


def _wrapper(signed: Signed | None) -> Callable[[bytes], bytes]:
    if signed is None:
        return bytes
    message_id, timestamp = signed
    return lambda body: standard_content(message_id, timestamp, body)


def _keys(secret: str, previous: str | None) -> Variants:
    yield None, secret.encode()
    if previous is not None:
        yield Mistake.PREVIOUS_SECRET, previous.encode()
    stripped = secret.strip().strip("\"'").strip()
    if stripped != secret:
        yield Mistake.SECRET_GIVEN_BLANKS, stripped.encode()
    for blanks in ("{}\n", "{}\r\n", " {}", "{} ", '"{}"', "'{}'"):
        yield Mistake.SECRET_BLANKS, blanks.format(secret).encode()
    for decode in (bytes.fromhex, _base64):
        try:
            yield Mistake.SECRET_DECODED, decode(secret)
        except ValueError:
            continue
    encoded = base64.b64encode(secret.encode())
    yield Mistake.SECRET_PREFIXED, PREFIX.encode() + encoded
    yield Mistake.SECRET_PREFIXED, encoded


def _contents(body: bytes, wrap: Callable[[bytes], bytes], *, alone: bool) -> Variants:
    yield None, wrap(body)
    if alone:
        yield Mistake.BODY_ONLY, body
    yield Mistake.EMPTY_BODY, wrap(b"")
    for changed in (body + b"\n", body + b"\r\n", body.rstrip(b"\r\n")):
        yield Mistake.NEWLINE, wrap(changed)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return
    for changed in _rewritten(text):
        yield Mistake.RESERIALISED, wrap(changed)
    for changed in _recoded(text):
        yield Mistake.RECODED, wrap(changed)


def _rewritten(text: str) -> Iterator[bytes]:
    """The body as JSON libraries write it once they have read it."""
    try:
        told = json.loads(text)
    except ValueError:
        return
    for is_ascii in (True, False):
        for is_sorted in (False, True):
            for separators, indent in (((",", ":"), None), ((", ", ": "), None), (None, 2), (None, 4)):
                yield json.dumps(
                    told, ensure_ascii=is_ascii, sort_keys=is_sorted, separators=separators, indent=indent
                ).encode("utf-8", "surrogatepass")


def _recoded(text: str) -> Iterator[bytes]:
    yield text.encode().decode("latin-1").encode()
    yield text.encode("utf-16-le")
    yield text.encode("utf-8-sig")
    yield text.encode("latin-1", "replace")
    yield text.encode("ascii", "ignore")


def _spellings(received: str) -> Iterator[tuple[bytes, Mistake | None]]:
    """The digests that `received` may stand for, the plain reading last so that it prevails."""
    text = received.strip().strip("\"'")
    bare = text[len(ALGORITHM) :] if text.lower().startswith(ALGORITHM) else text
    quoted = None if text == received else Mistake.QUOTED
    for decode, mistake in (
        (_hex_in_base64, Mistake.HEX_IN_BASE64),
        (bytes.fromhex, Mistake.HEX),
        (_base64url, Mistake.BASE64URL),
        (_base64, quoted),
    ):
        try:
            yield decode(bare), mistake if bare == text else Mistake.ALGORITHM
        except ValueError:
            continue


def _hex_in_base64(text: str) -> bytes:
    return bytes.fromhex(_base64(text).decode())


def _base64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _base64url(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
