"""`till staff`: invite people, list them, send them away, and help them to a new password."""

from typing import Annotated, Any

import typer

from till.apps import tokens
from till.cli.links import INVITATION, SET_UP, link_of
from till.cli.options import Data, Database, Json, settings_of
from till.cli.outcome import Exit, print_json, refusals, stop
from till.cli.store import Store, with_store
from till.cli.table import print_facts, print_table
from till.clock import iso
from till.db.port import Tx
from till.errors import Invalid
from till.shops.store import Shops
from till.staff.invitations import LIFE, Invitation, Invitations, Kind
from till.staff.person import Person, Role, email_of
from till.staff.store import People
from till.staff.throttle import Throttle

app = typer.Typer(no_args_is_help=True)

HERE = "http://127.0.0.1:8080"

Email = Annotated[str, typer.Argument(help="The person's e-mail address.")]
Url = Annotated[str, typer.Option(help="Where the server's pages are, for the link.")]


class Deactivated(Invalid):
    """The person is not let in."""


@app.command()
def invite(  # noqa: PLR0913 - an option each
    email: Annotated[str | None, typer.Argument(help="Who is invited; nobody with --owner.")] = None,
    *,
    shop: Annotated[str | None, typer.Option(help="The handle of the shop.")] = None,
    role: Annotated[Role, typer.Option(help="What the person is to be there.")] = Role.STAFF,
    owner: Annotated[
        bool, typer.Option("--owner", help="A link that makes whoever opens it owner of all shops.")
    ] = False,
    url: Url = HERE,
    data: Data = None,
    database: Database = None,
    json: Json = False,
) -> None:
    """Make a link by which somebody becomes staff; it is shown once, here, and good for three days."""
    if owner in (email is not None, shop is not None):
        stop("Give an e-mail address and --shop, or --owner alone.", Exit.USAGE)
    with refusals():
        to = None if email is None else email_of(email)

    async def make(store: Store) -> dict[str, Any]:
        at = await store.now()

        async def work(tx: Tx) -> str:
            place = None if shop is None else await Shops(tx).find(shop)
            offered = Invitation(
                kind=Kind.OWNER if owner else Kind(role), shop_id=place.id if place else None, email=to
            )
            return await Invitations(tx).add(offered, at=at)

        path = SET_UP if owner else INVITATION
        link = link_of(url.rstrip("/"), path, await store.db.write(work))
        shown = {"email": to, "shop": shop, "role": Role.OWNER if owner else role}
        return shown | {"link": link, "expiresAt": iso(at + LIFE, "UTC")}

    _print(with_store(settings_of(data=data, database=database), make), json=json)


@app.command("list")
def list_(
    shop: Annotated[str | None, typer.Option(help="Only who belongs to this shop.")] = None,
    data: Data = None,
    database: Database = None,
    json: Json = False,
) -> None:
    """List the people, and where they belong."""

    async def look(tx: Tx) -> list[dict[str, Any]]:
        people = People(tx)
        if shop is not None:
            found = [person for person, _ in await people.members((await Shops(tx).find(shop)).id)]
        else:
            found = await people.all()
        return [await _shown(people, person) for person in found]

    async def read(store: Store) -> list[dict[str, Any]]:
        return await store.db.read(look)

    listed = with_store(settings_of(data=data, database=database), read)
    if json:
        print_json({"people": listed})
        return
    rows = [
        {**each, "shops": ", ".join(f"{at} ({what})" for at, what in each["shops"].items())}
        for each in listed
    ]
    print_table(rows, empty="There is nobody yet: `till staff invite --owner` makes a link for the first.")


@app.command()
def deactivate(email: Email, data: Data = None, database: Database = None, json: Json = False) -> None:
    """Let somebody in no more; all sessions end, and all tokens that apps have for this person."""

    async def work(store: Store) -> dict[str, Any]:
        at = await store.now()

        async def change(tx: Tx) -> dict[str, Any]:
            person = await People(tx).deactivate(email_of(email), at=at)
            await tokens.revoke_of_person(tx, person.id, at=at)
            return await _shown(People(tx), person)

        return await store.db.write(change)

    _print(with_store(settings_of(data=data, database=database), work), json=json)


@app.command()
def reactivate(email: Email, data: Data = None, database: Database = None, json: Json = False) -> None:
    """Let somebody in again who was deactivated, to the same shops and with the same password."""

    async def work(store: Store) -> dict[str, Any]:
        async def change(tx: Tx) -> dict[str, Any]:
            return await _shown(People(tx), await People(tx).reactivate(email_of(email)))

        return await store.db.write(change)

    _print(with_store(settings_of(data=data, database=database), work), json=json)


@app.command()
def remove(
    email: Email,
    shop: Annotated[str | None, typer.Option(help="Only from this shop.")] = None,
    data: Data = None,
    database: Database = None,
    json: Json = False,
) -> None:
    """Take somebody out of one shop, or forget the whole account."""

    async def work(store: Store) -> dict[str, Any]:
        at = await store.now()

        async def change(tx: Tx) -> dict[str, Any]:
            people = People(tx)
            if shop is None:
                gone = await people.remove(email_of(email))
                await tokens.revoke_of_person(tx, gone.id, at=at)
                return {"email": gone.email, "removed": True}
            place, person = await Shops(tx).find(shop), await people.find(email_of(email))
            await people.leave(person, place)
            await tokens.revoke_of_person(tx, person.id, at=at, shop_id=place.id)
            return {"email": person.email, "removed": True, "shop": place.handle}

        return await store.db.write(change)

    _print(with_store(settings_of(data=data, database=database), work), json=json)


@app.command("reset-password")
def reset_password(
    email: Email, url: Url = HERE, data: Data = None, database: Database = None, json: Json = False
) -> None:
    """Make a link for a new password, good once and for three days; until then the old one is good."""

    async def make(store: Store) -> dict[str, Any]:
        at = await store.now()

        async def work(tx: Tx) -> tuple[Person, str]:
            person = await People(tx).find(email_of(email))
            if person.deactivated_at is not None:
                raise Deactivated(f"{person.email} was deactivated: `till staff reactivate` first.")
            await Throttle(tx).clear(person.email)
            offered = Invitation(kind=Kind.RESET, email=person.email)
            return person, await Invitations(tx).add(offered, at=at)

        person, token = await store.db.write(work)
        link = link_of(url.rstrip("/"), INVITATION, token)
        return {"email": person.email, "link": link, "expiresAt": iso(at + LIFE, "UTC")}

    _print(with_store(settings_of(data=data, database=database), make), json=json)


async def _shown(people: People, person: Person) -> dict[str, Any]:
    """A person as the commands print it."""
    return {
        "id": str(person.id),
        "email": person.email,
        "name": person.name,
        "active": person.deactivated_at is None,
        "shops": {each.shop.handle: each.role for each in await people.memberships(person.id)},
    }


def _print(facts: dict[str, Any], *, json: bool) -> None:
    if json:
        print_json(facts)
        return
    shops = facts.get("shops")
    if shops is not None:
        facts = facts | {"shops": ", ".join(f"{at} ({what})" for at, what in shops.items())}
    print_facts(facts)
