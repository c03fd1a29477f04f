"""People who sign in, what they are in which shops, and the rules of their e-mail and name."""

import re
from enum import StrEnum

from msgspec import Struct

from till.errors import Invalid
from till.shop import Shop

EMAIL = re.compile(r"[^\s\x00-\x1F\x7F@\"(),:;<>\[\\\]]{1,64}@[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\Z")
LONGEST_EMAIL = 254
LONGEST_NAME = 100


class Role(StrEnum):
    """What somebody is in a shop."""

    OWNER = "owner"
    STAFF = "staff"


class Person(Struct, frozen=True, kw_only=True):
    """An account of this server; `email` is in lower case, times are microseconds."""

    id: int
    email: str
    name: str
    created_at: int
    deactivated_at: int | None = None


class Membership(Struct, frozen=True, kw_only=True):
    """What a person is in one shop."""

    shop: Shop
    role: Role


class Visitor(Struct, frozen=True, kw_only=True):
    """Somebody who signed in, as a live session proves it.

    `csrf` is the token that every form of this session carries; `session` is the digest of the cookie, the
    same for as long as the session lasts; `memberships` are in the order of the shops' handles.
    """

    person: Person
    memberships: tuple[Membership, ...]
    csrf: str
    session: bytes

    def member(self, handle: str) -> Membership | None:
        """What the visitor is in the shop of that handle, if anything."""
        return next((each for each in self.memberships if each.shop.handle == handle), None)

    @property
    def author(self) -> str:
        """Who did what this visitor does, as histories name the person: by id, never by e-mail."""
        return f"person:{self.person.id}"


def email_of(text: str) -> str:
    """An e-mail address in the form that it is stored and looked up in; `Invalid` where it is none."""
    found = text.strip().lower()
    if len(found) > LONGEST_EMAIL or EMAIL.match(found) is None or ".." in found:
        raise Invalid(
            "That is not an e-mail address: give one such as name@example.com.",
            fields={"email": ["must be an e-mail address such as name@example.com"]},
        )
    return found


def name_of(text: str) -> str:
    """A person's name without blanks around it; `Invalid` where it is empty, too long or no text."""
    found = " ".join(text.split())
    if not found or len(found) > LONGEST_NAME or not found.isprintable():
        raise Invalid(
            f"Give a name of 1 to {LONGEST_NAME} characters.",
            fields={"name": [f"must be 1 to {LONGEST_NAME} characters"]},
        )
    return found
