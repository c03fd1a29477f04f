"""Who made a version, by name: an app's own, or that of a person as an account has it; never an e-mail."""

from collections.abc import Iterable

from till.db.port import Tx

APP = "SELECT name FROM apps WHERE client_id = :by"
PERSON = "SELECT name FROM people WHERE id = :id"
KNOWN = {"till": "Till", "cli": "the command line"}
LEFT = "somebody who has left"


async def names_of(tx: Tx, written: Iterable[str]) -> dict[str, str]:
    """The names of those who are known as `written`; an app that is no more is known by its id."""
    found = dict(KNOWN)
    for by in set(written) - set(KNOWN):
        kind, _, number = by.partition(":")
        is_person = kind == "person" and number.isdecimal()
        if is_person:
            rows, else_ = await tx.fetch(PERSON, id=int(number)), LEFT
        else:
            rows, else_ = await tx.fetch(APP, by=by), by
        found[by] = str(rows[0][0]) if rows else else_
    return found
