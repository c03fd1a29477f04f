"""`till verify`: say whether a signature is right, and which mistake is behind it where it is not."""

import base64
import hmac
import re
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from till.cli.options import Json
from till.cli.outcome import Exit, print_json, stop
from till.cli.table import print_facts
from till.deliveries.mistakes import Mistake, Signed, diagnose, is_signed
from till.deliveries.signature import PREFIX, standard_content

app = typer.Typer()

COMPAT = "x-genstore-hmac-sha256"
STANDARD = ("webhook-id", "webhook-timestamp", "webhook-signature")
FRESH_SECONDS = 300
SECONDS = re.compile(r"[0-9]{1,15}")


@app.command()
def verify(
    *,
    secret: Annotated[
        str, typer.Option(envvar="TILL_SECRET", help="The app's client secret, or its whsec_ form.")
    ],
    received: Annotated[
        str | None, typer.Option("--hmac", help="The signature that came, or that was computed.")
    ] = None,
    headers: Annotated[
        Path | None, typer.Option(help="A file with the headers that came, a line each, as in `curl -i`.")
    ] = None,
    previous: Annotated[str | None, typer.Option(help="The secret before the last rotation.")] = None,
    body: Annotated[
        Path | None, typer.Option(help="A file with the raw body.", show_default="standard input")
    ] = None,
    json: Json = False,
) -> None:
    """Check the signatures of a webhook whose raw body comes on standard input; 1 where one is wrong."""
    if (received is None) is (headers is None):
        stop("Give the signature with --hmac, or all headers with --headers.", Exit.USAGE)
    try:
        raw = sys.stdin.buffer.read() if body is None else body.read_bytes()
        came = {COMPAT: received or ""} if headers is None else _headers(headers.read_bytes())
    except OSError as error:
        stop(f"{error.filename}: {error.strerror}.", Exit.USAGE)
    key = _key(secret)
    checked = [_check(name, key, previous, raw, value, signed) for name, value, signed in _signatures(came)]
    if not checked:
        stop(f"There is no signature among the headers: {COMPAT} or webhook-signature.", Exit.USAGE)
    if json:
        print_json({"valid": all(each["valid"] for each in checked), "signatures": checked})
    else:
        for each in checked:
            print_facts(each)
    if not all(each["valid"] for each in checked):
        raise typer.Exit(Exit.FAILED)


def _signatures(came: dict[str, str]) -> list[tuple[str, str, Signed | None]]:
    """Each signature among the headers, and what beside the body it is of."""
    found: list[tuple[str, str, Signed | None]] = []
    if came.get(COMPAT):
        found.append(("X-Genstore-Hmac-Sha256", came[COMPAT], None))
    message, at, signature = (came.get(name) for name in STANDARD)
    if signature:
        if not message or not at:
            stop("webhook-signature needs webhook-id and webhook-timestamp beside it.", Exit.USAGE)
        if not SECONDS.fullmatch(at):
            stop(f"webhook-timestamp is {at[:40]!r}: it must be seconds since 1970, in digits.", Exit.USAGE)
        found.append(("webhook-signature", signature, (message, int(at))))
    return found


def _check(
    name: str, secret: str, previous: str | None, body: bytes, received: str, signed: Signed | None
) -> dict[str, Any]:
    content = body if signed is None else standard_content(*signed, body)
    expected = base64.b64encode(hmac.digest(secret.encode(), content, "sha256")).decode()
    valid = is_signed(secret, body, received, signed=signed)
    mistake = diagnose(secret, previous, body, received, signed=signed)
    return {
        "header": name,
        "expected": expected if signed is None else f"v1,{expected}",
        "received": received,
        "valid": valid,
        "mistake": mistake,
        "verdict": _verdict(valid, mistake, signed),
    }


def _verdict(valid: bool, mistake: Mistake | None, signed: Signed | None) -> str:
    if not valid:
        if mistake is not None:
            return mistake.sentence
        return "No known mistake explains it: another secret, or another body, or both."
    if signed is not None and abs(time.time() - signed[1]) > FRESH_SECONDS:
        return "It is right, but older than five minutes: libraries refuse it as a replay."
    return "It is right."


def _key(secret: str) -> str:
    """The client secret, also from its whsec_ form."""
    if not secret.strip().startswith(PREFIX):
        return secret
    if secret != secret.strip():
        stop("--secret has blanks or a newline around it: strip what you read from a file.", Exit.USAGE)
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True).decode()
    except ValueError:
        stop("--secret begins with whsec_, but what follows is no Base64.", Exit.USAGE)


def _headers(text: bytes) -> dict[str, str]:
    """The headers of a file by their names in small letters; other lines are passed over."""
    found: dict[str, str] = {}
    for line in text.decode("utf-8", "replace").splitlines():
        name, parted, value = line.partition(":")
        if parted:
            found[name.strip().lower()] = value.strip()
    return found
