"""Of which app and which shop figures are asked: an app sees its own, a shop's token that shop's."""

from typing import Any

from msgspec import UNSET, Struct

from till.errors import Forbidden, NotFound
from till.monitor.installed import places
from till.web.call import Call


class OtherShop(Forbidden):
    """A token of one shop asks for the figures of another."""


class NotThere(NotFound):
    """The app is not in such a shop, and never was."""


class Whose(Struct, frozen=True):
    """An app, and the shop that is looked at; None for all. `timezone` is the shop's."""

    client_id: str
    shop_id: int | None
    timezone: str


async def whose(call: Call, named: Any) -> Whose:
    """Whose figures a call is answered with; `named` is the handle of a shop, or UNSET.

    Raises `OtherShop`, and `NotThere` where the app asks with its own credentials.
    """
    caller = call.caller
    if not caller.whole_app:
        if named not in (UNSET, caller.shop.handle):
            raise OtherShop(
                "The access token is of one shop, and shows that: leave shop out, or ask with the app's own "
                "credentials (HTTP Basic, client id and client secret).",
                fields={"shop": ["is not the shop of the access token"]},
            )
        return Whose(caller.client_id, caller.shop.id, caller.shop.timezone)
    if named is UNSET:
        return Whose(caller.client_id, None, "UTC")
    for place in await places(call.tx, caller.client_id, None):
        if place.handle == named:
            return Whose(caller.client_id, place.shop_id, place.timezone)
    raise NotThere(
        f"The app is in no shop {named!r}: leave shop out to see all that have it.",
        fields={"shop": ["is not the handle of a shop that has the app"]},
    )
