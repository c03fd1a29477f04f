"""`till app create|list|show|configure`: which apps there are, and what they declare."""

import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer
from msgspec import structs

from till import keys
from till.apps import scope
from till.apps.app import HANDLE, App
from till.apps.history import BY_COMMAND
from till.apps.installations import Installations
from till.apps.life import Life
from till.apps.store import AppNotFound, Apps
from till.caller import Protected
from till.cli.options import ClientId, Data, Database, Json, settings_of
from till.cli.outcome import Exit, print_json, refusals, stop
from till.cli.store import Store, read, with_store
from till.cli.table import print_facts, print_table
from till.db.port import Tx
from till.deliveries.catalog import KINDS
from till.dialect.body import nearest
from till.ids import Minter
from till.shop import Shop
from till.shops.store import Shops

app = typer.Typer()

Name = Annotated[str, typer.Argument(help="What the app is called.")]
Scopes = Annotated[str | None, typer.Option(help="What it asks for, e.g. read_orders,write_orders.")]
Handle = Annotated[str | None, typer.Option(help="What names it in addresses; made of its name if left out.")]
Home = Annotated[str | None, typer.Option("--application-url", help="Its home page, where people are led.")]
Back = Annotated[
    list[str] | None,
    typer.Option("--redirect-url", help="Where people may be sent back with a code; give each. '' for none."),
]
Embedded = Annotated[
    bool | None, typer.Option("--embedded/--standalone", help="Shown inside the admin, or by itself.")
]
Kinds = Annotated[
    str | None,
    typer.Option("--protected", help="Personal data that it asks for: name,email,phone,address."),
]
Hooks = Annotated[
    list[str] | None,
    typer.Option(
        "--webhook", help="TOPIC=URL: what every installation is told without subscribing. TOPIC= for none."
    ),
]
Early = Annotated[
    bool | None,
    typer.Option("--preinstalled/--not-preinstalled", help="Put it into every shop that is founded."),
]


@app.command()
def create(  # noqa: PLR0913 - an option each
    name: Name,
    scopes: Scopes = None,
    *,
    partner: Annotated[
        bool, typer.Option("--partner", help="From outside: protected fields and old orders need a grant.")
    ] = False,
    handle: Handle = None,
    application_url: Home = None,
    redirect_url: Back = None,
    embedded: Embedded = None,
    protected: Kinds = None,
    webhook: Hooks = None,
    preinstalled: Early = None,
    data: Data = None,
    database: Database = None,
    json: Json = False,
) -> None:
    """Register an app; its secret is shown once, here."""
    with refusals():
        made = _configured(
            App(
                client_id=keys.mint_client_id(), name=name, scopes=frozenset(), partner=partner, handle=handle
            ),
            scopes=scopes,
            application_url=application_url,
            redirect_url=redirect_url,
            embedded=embedded,
            protected=protected,
            webhook=webhook,
            preinstalled=preinstalled,
        ).checked()
    secret = keys.mint_secret()

    async def put(store: Store) -> App:
        return await register(store, made, secret)

    made = with_store(settings_of(data=data, database=database), put)
    print_it({"clientId": made.client_id, "clientSecret": secret, "handle": made.handle}, json=json)


@app.command("list")
def list_(data: Data = None, database: Database = None, json: Json = False) -> None:
    """List the apps."""

    async def look(tx: Tx) -> list[App]:
        return await Apps(tx).all()

    apps = [
        {
            "clientId": each.client_id,
            "name": each.name,
            "scopes": scope.spell(each.scopes),
            "partner": each.partner,
        }
        for each in read(settings_of(data=data, database=database), look)
    ]
    if json:
        print_json({"apps": apps})
    else:
        print_table(apps, empty="There is no app yet: `till app create NAME --scopes …` makes one.")


@app.command()
def show(client_id: ClientId, data: Data = None, database: Database = None, json: Json = False) -> None:
    """Show how an app is configured; its client id or its handle names it."""

    async def look(tx: Tx) -> App:
        return await Apps(tx).find_by_path(client_id)

    print_it(shown(read(settings_of(data=data, database=database), look)), json=json)


@app.command()
def configure(  # noqa: PLR0913 - an option each
    client_id: ClientId,
    *,
    name: Annotated[str | None, typer.Option(help="What the app is called.")] = None,
    scopes: Scopes = None,
    handle: Handle = None,
    application_url: Home = None,
    redirect_url: Back = None,
    embedded: Embedded = None,
    protected: Kinds = None,
    webhook: Hooks = None,
    preinstalled: Early = None,
    data: Data = None,
    database: Database = None,
    json: Json = False,
) -> None:
    """Change what an app declares; shops are asked before it has more, and take at once what it gave up."""

    def command(old: App) -> App:
        new = _configured(
            old if name is None else structs.replace(old, name=name),
            scopes=scopes,
            application_url=application_url,
            redirect_url=redirect_url,
            embedded=embedded,
            protected=protected,
            webhook=webhook,
            preinstalled=preinstalled,
        )
        return new if handle is None else structs.replace(new, handle=handle)

    async def change(store: Store) -> App:
        return await reconfigure(store, client_id, command)

    print_it(shown(with_store(settings_of(data=data, database=database), change)), json=json)


async def register(store: Store, made: App, secret: str) -> App:
    """Keep a new app with its secret, under a handle of its own."""
    sealed, at = store.sealer.seal(secret, about=made.client_id), await store.now()

    async def add(tx: Tx) -> App:
        handle = made.handle or await _free_handle(tx, made)
        return await Apps(tx).add(structs.replace(made, handle=handle), sealed_secret=sealed, at=at)

    return await store.db.write(add)


async def reconfigure(store: Store, client_id: str, command: Callable[[App], App]) -> App:
    """Change what an app declares, and let its installations follow.

    They follow every time, so that one run mends what another that was broken off left undone.
    """

    async def change(tx: Tx) -> App:
        return await Apps(tx).put(command(await Apps(tx).find(client_id)).checked())

    new, at = await store.db.write(change), await store.now()
    async with store.minting() as mint:
        for shop in await store.db.read(lambda tx: Shops(tx).all()):
            await _follow(store, new, shop, mint, at)
    return new


async def _follow(store: Store, new: App, shop: Shop, mint: Minter, at: int) -> None:
    async def work(tx: Tx) -> None:
        found = await Installations(tx, shop).look(new.client_id)
        if found is not None:
            await Life(tx, shop, BY_COMMAND, at, mint).follow(new, found)

    if await store.db.read(lambda tx: Installations(tx, shop).look(new.client_id)) is not None:
        await store.db.write(work, shop_id=shop.id)


async def _free_handle(tx: Tx, made: App) -> str | None:
    """A handle made of the app's name, or of its client id where that is taken or comes to nothing."""
    slug = re.sub(r"[^a-z0-9]+", "-", made.name.lower()).strip("-")[:40].strip("-")
    for handle in (slug, f"{slug}-{made.client_id[:6].lower()}".strip("-")):
        if not HANDLE.match(handle):
            continue
        try:
            await Apps(tx).find_by_path(handle)
        except AppNotFound:
            return handle
    return None


def shown(app_: App) -> dict[str, Any]:
    """An app as the commands print it; its secret is nowhere shown again."""
    return {
        "clientId": app_.client_id,
        "name": app_.name,
        "handle": app_.handle,
        "partner": app_.partner,
        "scopes": scope.spell(app_.scopes),
        "protected": ",".join(sorted(app_.protected)),
        "applicationUrl": app_.application_url,
        "redirectUrls": list(app_.redirect_urls),
        "embedded": app_.embedded,
        "webhooks": dict(app_.webhooks),
        "preinstalled": app_.preinstalled,
    }


def _configured(  # noqa: PLR0913 - an option each
    app_: App,
    *,
    scopes: str | None,
    application_url: str | None,
    redirect_url: Sequence[str] | None,
    embedded: bool | None,
    protected: str | None,
    webhook: Sequence[str] | None,
    preinstalled: bool | None,
) -> App:
    """`app_` with those options that were given."""
    told: dict[str, Any] = {
        "scopes": None if scopes is None else scope.parse(scopes),
        "application_url": application_url or None,
        "redirect_urls": None if redirect_url is None else tuple(filter(None, redirect_url)),
        "embedded": embedded,
        "protected": None if protected is None else protected_of(protected),
        "webhooks": None if webhook is None else hooks_of(webhook, app_.webhooks),
        "preinstalled": preinstalled,
    }
    return structs.replace(app_, **{name: value for name, value in told.items() if value is not None})


def hooks_of(told: Sequence[str], before: Any) -> dict[str, str]:
    """TOPIC=URL words over what was there before; a topic without URL goes."""
    found = dict(before)
    for word in told:
        topic, _, url = word.partition("=")
        if topic not in KINDS:
            stop(f"{topic!r} is no topic{nearest(topic[:64], list(KINDS))}.", Exit.USAGE)
        found[topic] = url
    return {topic: url for topic, url in found.items() if url}


def protected_of(text: str) -> frozenset[Protected]:
    """The protected fields of a comma-separated list; leaves with exit code 2 where one is none."""
    words = {word.strip() for word in text.split(",") if word.strip()}
    for word in sorted(words - set(Protected)):
        known = ", ".join(Protected)
        stop(f"{word!r} is no protected field: choose from {known}.", Exit.USAGE)
    return frozenset(map(Protected, words))


def print_it(facts: dict[str, Any], *, json: bool) -> None:
    """Print facts, one a line, or as one JSON line."""
    if json:
        print_json(facts)
    else:
        print_facts(facts)
