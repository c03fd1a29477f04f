"""Apps in a server inside the test's process, as somebody configures, installs and takes them out."""

import json

from till import clock, keys
from till.apps import history
from till.apps.app import App, Grant
from till.apps.installations import Installations
from till.apps.life import Life
from till.apps.store import Apps

SECRET = "a client secret"
ALL = frozenset({"read_orders", "write_orders", "read_apps", "write_apps"})


def registered(till, *, secret=SECRET, **told):
    """A new app with these declarations."""
    told = {"client_id": keys.mint_client_id(), "name": "Loyalty", "scopes": ALL, "partner": False} | told
    app = App(**told).checked()
    sealed = sealer_of(till).seal(secret, about=app.client_id)
    till.write(lambda tx: Apps(tx).add(app, sealed_secret=sealed, at=clock.now()))
    return app


def sealer_of(till):
    return till.parts.api._lent.sealer


def life(till, tx, *, shop=None, by="test", at=None):
    now = till.parts.api._lent.clock() if at is None else at
    return Life(tx, shop or till.shop, by, now, till.parts.lease.minter)


def installed(till, app, *, scopes=None, protected=(), shop=None, at=None):
    """Install `app`, and answer its installation and a token."""
    grant = Grant(scopes=app.scopes if scopes is None else frozenset(scopes), protected=frozenset(protected))
    shop = shop or till.shop

    async def work(tx):
        made = await life(till, tx, shop=shop, at=at).install(app, grant)
        return made, await Installations(tx, shop).mint_token(made.id, at=clock.now())

    return till.run(till.parts.db.write(work, shop_id=shop.id))


def granted(till, app, scopes, *, protected=(), shop=None):
    """Let an installed app have exactly this."""
    shop = shop or till.shop
    grant = Grant(scopes=frozenset(scopes), protected=frozenset(protected))

    async def work(tx):
        old = await Installations(tx, shop).find(app.client_id)
        return await life(till, tx, shop=shop).grant(app, old, grant)

    return till.run(till.parts.db.write(work, shop_id=shop.id))


def uninstalled(till, app, *, shop=None, at=None, **why):
    """Take an app out."""
    shop = shop or till.shop

    async def work(tx):
        return await life(till, tx, shop=shop, at=at).uninstall(app.client_id, **why)

    return till.run(till.parts.db.write(work, shop_id=shop.id))


def told(till, shop=None):
    """The topics told so far with their payloads, as they were stored."""
    sql = """SELECT e.topic, c.payload FROM events e JOIN changes c ON c.shop_id = e.shop_id
        AND c.number = e.change_number WHERE e.shop_id = :s ORDER BY e.number"""
    rows = till.rows(sql, s=(shop or till.shop).id)
    return [(topic, json.loads(bytes(payload))) for topic, payload in rows]


def acts(till, client_id=None):
    """What is written down of the shop's apps, newest first."""
    work = till.parts.db.read(lambda tx: history.acts(tx, shop_id=till.shop.id, client_id=client_id))
    return till.run(work)
