"""Write docs/reference/webhook-vectors.json with nothing but hashlib, so that it can bear witness."""

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "webhook-vectors.json"
SECRET = "5f4dcc3b5aa765d61d8327deb882cf995f4dcc3b5aa765d61d8327deb882cf99"
PREVIOUS = "098f6bcd4621d373cade4e832627b4f6098f6bcd4621d373cade4e832627b4f6"
DELIVERY = "019b6d2e-7c00-7a31-8e5f-3c2b1a098765"
MOMENT = 1_767_268_800  # 2026-01-01T12:00:00Z
BODIES = {
    "an order that was paid": b'{"order":{"id":271828182845904,"name":"#1001","totalPrice":"12.30"}}',
    "an empty body": b"",
    "letters and signs beyond ASCII": '{"order":{"note":"naïve 🧾 日本語 \u2028 \u2029 \\u00e9"}}'.encode(),
    "numbers that JSON readers change": b'{"a":9007199254740993,"b":-0,"c":1e400,"d":1.10,"e":0.1e1}',
    "blanks and line ends, to be kept as they are": b'{ "order" : {\r\n\t"id" : 1 } }\n',
    "names in an order of their own": b'{"z":1,"a":2,"z":3}',
    "bytes that are no UTF-8": b'{"note":"\xff\xfe"}',
}


def main() -> None:
    vectors = [vector(name, body) for name, body in BODIES.items()]
    body = BODIES["an order that was paid"]
    vectors.append(vector("a rotation, before the switch", body, previous=PREVIOUS, compat=PREVIOUS))
    vectors.append(vector("a rotation, after the switch", body, previous=PREVIOUS))
    PAGE.write_text(json.dumps({"vectors": vectors}, indent=2) + "\n", encoding="utf-8")
    print(f"wrote {len(vectors)} vectors")


def vector(name: str, body: bytes, *, previous: str | None = None, compat: str = SECRET) -> dict[str, Any]:
    """One delivery: what it is signed with, what is sent, and the headers that prove it."""
    content = f"{DELIVERY}.{MOMENT}.".encode() + body
    keys = [SECRET] if previous is None else [SECRET, previous]
    return {
        "name": name,
        "secret": SECRET,
        "previousSecret": previous,
        "compatIsPrevious": compat == previous,
        "whsec": "whsec_" + base64.b64encode(SECRET.encode()).decode(),
        "bodyBase64": base64.b64encode(body).decode(),
        "headers": {
            "X-Genstore-Hmac-Sha256": digest(compat, body),
            "webhook-id": DELIVERY,
            "webhook-timestamp": str(MOMENT),
            "webhook-signature": " ".join(f"v1,{digest(key, content)}" for key in keys),
        },
    }


def digest(key: str, content: bytes) -> str:
    return base64.b64encode(hmac.new(key.encode(), content, hashlib.sha256).digest()).decode()


if __name__ == "__main__":
    main()
