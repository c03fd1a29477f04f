"""What has no identity of its own and never changes."""

from msgspec import Struct


class Value(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The base of all parts of what is kept."""
