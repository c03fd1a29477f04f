"""Who did what, as histories name them, in words for people."""

from collections.abc import Iterable

from till.apps.history import BY_APP, BY_COMMAND
from till.apps.store import AppNotFound, Apps
from till.db.port import Tx
from till.staff.store import People, PersonNotFound

WRITERS = {BY_COMMAND: "the command line", BY_APP: "the app itself", "till": "this server"}


async def writers_of(tx: Tx, written: Iterable[str]) -> dict[str, str]:
    """The names of those who are known as `written`: people by their addresses, apps by their names."""
    found = dict(WRITERS)
    for by in set(written) - set(WRITERS):
        kind, _, number = by.partition(":")
        is_person = kind == "person" and number.isdecimal()
        found[by] = await (_person(tx, int(number)) if is_person else _app(tx, by))
    return found


async def _person(tx: Tx, person_id: int) -> str:
    try:
        return (await People(tx).get(person_id)).email
    except PersonNotFound:
        return "somebody who has left"


async def _app(tx: Tx, client_id: str) -> str:
    try:
        return (await Apps(tx).find(client_id)).name
    except AppNotFound:
        return client_id
