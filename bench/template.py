"""What each write of a sample comes to in a store, recorded once and printed anew for many orders."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from bench.marks import Foundry, Marks, Mould, Statement, Values, is_random
from bench.moves import LIFE
from bench.recorder import recorded, scratch
from bench.samples import NUMBER, UNPAID, VARIANTS, request
from till.db.port import Database


@dataclass(frozen=True, slots=True)
class Template:
    """The statements of each write of one sample, by the write's name; only unpaid ones have a life."""

    email: str
    writes: dict[str, list[Mould]]


async def template(db: Database, variant: int) -> Template:
    body = request(variant)
    create, cancel = await recorded(db, body, "cancel")
    said = {"create": create, "cancel": cancel}
    if variant in UNPAID:
        _, *life = await recorded(db, body, *LIFE)
        said |= dict(zip(LIFE, life, strict=True))
    email = json.loads(body)["order"]["email"]
    cast = Foundry(email)
    return Template(email, {what: [cast(each) for each in statements] for what, statements in said.items()})


async def templates(db: Database) -> list[Template]:
    """Those of all samples, on this store."""
    return [await template(db, variant) for variant in range(VARIANTS)]


def templates_on(url: str | None, *variants: int) -> list[Template]:
    """Those of these samples, or of all, on SQLite or on the PostgreSQL at `url`."""

    async def record() -> list[Template]:
        async with scratch(url) as db:
            return [await template(db, variant) for variant in variants or range(VARIANTS)]

    return asyncio.run(record())


async def prove(db: Database, found: Template, variant: int, marks: Marks) -> None:
    """Refuse to go on unless what is made anew is what the store itself would have made."""
    values = Values(marks, found.email)
    printed = [Statement(each.statement.sql, each.printed(values)) for each in found.writes["create"]]
    body = request(variant).replace(str(NUMBER).encode(), str(marks.number).encode())
    (wanted,) = await recorded(db, body, marks=marks)
    if [_bare(each) for each in printed] != [_bare(each) for each in wanted]:
        raise AssertionError("the rows made for the large database are not those that the store would make")


def _bare(statement: Statement) -> tuple[str, dict[str, Any]]:
    """A statement without its random ids, and with its words in no order."""
    params = {
        name: sorted(value.split()) if name == "terms" else value
        for name, value in statement.params.items()
        if not is_random(name, value)
    }
    return statement.sql, params
