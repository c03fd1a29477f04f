"""The kinds of values that answers hold."""

from typing import Annotated

from msgspec import Meta, Struct

Additive = Meta(extra_json_schema={"x-source": "additive"})
Money = Annotated[str, Meta(pattern=r"^-?[0-9]+(\.[0-9]+)?$", examples=["409.94"])]
Time = Annotated[str, Meta(extra_json_schema={"format": "date-time"}, examples=["2026-01-31T12:00:00-05:00"])]


class Out(Struct, kw_only=True, frozen=True, rename="camel"):
    """What an answer shows; every key is always there."""
