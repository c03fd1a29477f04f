"""What is sent and answered where there is nothing to say."""

from msgspec import Struct


class NothingIn(Struct, frozen=True):
    """No body, or an empty object."""


class NothingAnswer(Struct, frozen=True):
    """An empty object: there is nothing left to show."""
