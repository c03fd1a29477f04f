"""What a customer is found by: exact keys that one customer of a shop has, and words that many have.

A key is kept as bytes, so that both stores sort alike and find what begins with something.
"""

import re
from enum import StrEnum

from till.customers.customer import Profile
from till.dialect.words import words

MOST_WORDS = 200  # a name has few; what has more is no name


class Kind(StrEnum):
    """The first three are exact: one customer has each."""

    ID = "i"
    EMAIL = "e"
    PHONE = "p"
    NAME_WORD = "n"
    EMAIL_WORD = "m"


EXACT = (Kind.ID, Kind.EMAIL, Kind.PHONE)
Keys = dict[Kind, bytes]


def id_key(text: str | None) -> bytes | None:
    return text.encode() if text else None


def email_key(text: str | None) -> bytes | None:
    """An e-mail address without its case; None for what is no address."""
    plain = (text or "").strip()
    return plain.casefold().encode("utf-8", "replace") if "@" in plain else None


def phone_key(text: str | None) -> bytes | None:
    """A telephone number as one run of digits, however it was grouped; None where there are none."""
    digits = re.sub(r"[^0-9]", "", text or "")
    return digits.encode() or None


def exact_keys(customer_id: str | None, profile: Profile) -> Keys:
    """The keys that are there, the strongest first."""
    found = {
        Kind.ID: id_key(customer_id),
        Kind.EMAIL: email_key(profile.email),
        Kind.PHONE: phone_key(profile.phone),
    }
    return {kind: value for kind, value in found.items() if value is not None}


def word_keys(profile: Profile) -> list[tuple[Kind, bytes]]:
    """The words of name and e-mail, each once; a telephone number is found by its own key."""
    names = dict.fromkeys(words(f"{profile.first_name or ''} {profile.last_name or ''}"))
    mails = dict.fromkeys(words(profile.email or ""))
    found = [(Kind.NAME_WORD, word) for word in names] + [(Kind.EMAIL_WORD, word) for word in mails]
    return [(kind, word.encode("utf-8", "replace")) for kind, word in found[:MOST_WORDS]]


def text_of(found: list[tuple[Kind, bytes]], exact: Keys) -> str:
    """All that a search compares, in one text: each word and key behind a blank and its kind."""
    keys = [(kind, value) for kind, value in exact.items() if kind is not Kind.ID]
    return "".join(in_text(kind, value) for kind, value in (*found, *keys))


def in_text(kind: Kind, begin: bytes) -> str:
    """How a key that begins so stands in such a text."""
    return f" {kind}{begin.decode()}"
