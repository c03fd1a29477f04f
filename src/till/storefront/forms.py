"""What visitors send: JSON, or forms with the bracketed names that themes use. Bounded, and pure."""

from collections.abc import Iterable
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from till.errors import Unreadable, UnsupportedMediaType

MOST_FIELDS = 300
DEEPEST = 4
FORM, PARTS, JSON = "application/x-www-form-urlencoded", "multipart/form-data", "application/json"


def read_form(body: bytes, content_type: str) -> dict[str, Any]:
    """The fields of a body as nested names: `properties[Name]=Ada` is `{"properties": {"Name": "Ada"}}`."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind in (JSON, "text/json"):
        return _json(body)
    if kind == PARTS:
        return nested(_parts(body, content_type))
    if kind in (FORM, "") or not body:
        return nested(_pairs(body))
    raise UnsupportedMediaType(f"Content-Type {kind} is not taken: send a form, or application/json.")


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Names with brackets taken apart; `a[]` is a list, and a name without any stands for its last value."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        keys = _keys(name)
        place: Any = found
        for index, key in enumerate(keys[:-1]):
            fresh: Any = [] if keys[index + 1] == "" else {}
            place = place.setdefault(key, fresh) if isinstance(place, dict) else None
            if not isinstance(place, type(fresh)):
                raise Unreadable(
                    f"The field {name!r} cannot stand beside the others: name fields in one way."
                )
        if isinstance(place, list):
            place.append(value)
        else:
            place[keys[-1]] = value
    return found


def listed(value: Any) -> list[Any]:
    """A list however it was sent: as one, or as an object with the numbers 0, 1, … for names."""
    if isinstance(value, dict) and all(key.isdigit() and len(key) < 5 for key in value):
        return [value[key] for key in sorted(value, key=int)]
    return value if isinstance(value, list) else []


def text_of(value: Any) -> str:
    """A scalar as text; nothing for what is none."""
    if isinstance(value, bool) or value is None:
        return "" if value is None else str(value).lower()
    return str(value) if isinstance(value, (str, int, float)) else ""


def texts_of(value: Any) -> dict[str, str]:
    """An object of scalars as texts."""
    return {name: text_of(each) for name, each in value.items()} if isinstance(value, dict) else {}


def number_of(value: Any) -> int | None:
    """A whole number however it was sent; None for what is none."""
    text = text_of(value).strip()
    plain = text.removeprefix("-")
    return int(text) if plain.isascii() and plain.isdigit() and len(plain) < 16 else None


def _keys(name: str) -> list[str]:
    first, *rest = name.split("[")
    keys = [first, *(each.removesuffix("]") for each in rest)]
    if len(keys) > DEEPEST or (rest and not name.endswith("]")) or "" in keys[:-1]:
        raise Unreadable(f"The field {name[:100]!r} is not named like properties[Name]: correct it.")
    return keys


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(body) if body.strip() else {}
    except (msgspec.DecodeError, RecursionError):
        raise Unreadable("The body is not JSON: correct it.") from None
    if not isinstance(found, dict):
        raise Unreadable("The body is not a JSON object: send one.")
    return found


def _pairs(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except (UnicodeDecodeError, ValueError):
        raise Unreadable(
            f"The form is not UTF-8, or has more than {MOST_FIELDS} fields: correct it."
        ) from None


def _parts(body: bytes, content_type: str) -> list[tuple[str, str]]:
    head = b"Content-Type: " + content_type.encode("latin-1", "replace") + b"\r\n\r\n"
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    if not message.is_multipart():
        raise Unreadable("The form has no parts: name its boundary in Content-Type.")
    found: list[tuple[str, str]] = []
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes) or len(found) >= MOST_FIELDS:
            raise Unreadable(f"The form has a part without a name, or more than {MOST_FIELDS}: correct it.")
        if part.get_filename() is None:
            try:
                found.append((name, content.decode()))
            except UnicodeDecodeError:
                raise Unreadable(f"The field {name[:100]!r} is not UTF-8: correct it.") from None
    return found
