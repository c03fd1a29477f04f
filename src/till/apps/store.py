"""Apps at rest: how they are configured, and their secrets."""

from dataclasses import dataclass
from typing import Any

import msgspec

from till.apps import scope
from till.apps.app import App
from till.caller import Protected
from till.clock import DAY, iso
from till.db.port import DuplicateRow, Row, Tx
from till.errors import Invalid, NotFound

LONGEST_GRACE = 7 * DAY

COLUMNS = """
    client_id, name, scopes, partner, handle, application_url, redirect_urls, embedded, protected, webhooks,
    preinstalled
"""
ADD_APP = f"""
    INSERT INTO apps ({COLUMNS}, secret, created_at)
    VALUES (:client_id, :name, :scopes, :partner, :handle, :application_url, :redirect_urls, :embedded,
        :protected, :webhooks, :preinstalled, :secret, :at)
"""
SET_APP = """
    UPDATE apps SET name = :name, scopes = :scopes, partner = :partner, handle = :handle,
        application_url = :application_url, redirect_urls = :redirect_urls, embedded = :embedded,
        protected = :protected, webhooks = :webhooks, preinstalled = :preinstalled
    WHERE client_id = :client_id
"""
FIND_APP = f"SELECT {COLUMNS} FROM apps WHERE client_id = :client_id"
FIND_BY_PATH = f"SELECT {COLUMNS} FROM apps WHERE handle = :name OR client_id = :name"
SEALED = "SELECT secret FROM apps WHERE client_id = :client_id"
# The secret that was keeps its place until the overlap ends; the platform's one header stays with it.
ROTATE = """
    UPDATE apps SET secret = :secret, previous_secret = secret, previous_until = :until, compat_previous = 1,
        previous_since = :at
    WHERE client_id = :client_id AND NOT (compat_previous = 1 AND previous_until > :at) RETURNING client_id
"""
REPLACE = """
    UPDATE apps SET secret = :secret, previous_secret = NULL, previous_until = NULL, compat_previous = 0,
        previous_since = NULL
    WHERE client_id = :client_id AND NOT (compat_previous = 1 AND previous_until > :at) RETURNING client_id
"""
OVERLAP = "SELECT previous_until, compat_previous FROM apps WHERE client_id = :client_id"
SWITCH = "UPDATE apps SET compat_previous = 0 WHERE client_id = :client_id"
# One name in an address leads to one app, whichever of its names it is.
MIXED = """
    SELECT 1 FROM apps WHERE client_id <> :client_id AND (handle = :client_id OR client_id = :handle)
"""
ALL_APPS = f"SELECT {COLUMNS} FROM apps ORDER BY created_at, client_id"
PREINSTALLED = f"SELECT {COLUMNS} FROM apps WHERE preinstalled = 1 ORDER BY created_at, client_id"


class AppNotFound(NotFound):
    """No app has this client id."""


class NameTaken(Invalid):
    """Another app has this client id or handle."""


class RotationUnderWay(Invalid):
    """Receivers still rely on the secret before the present one."""


class NothingToSwitch(Invalid):
    """The present secret signs everything already."""


@dataclass(frozen=True, slots=True)
class Apps:
    tx: Tx

    async def add(self, app: App, *, sealed_secret: bytes, at: int) -> App:
        """Register an app; `NameTaken` where another has its client id or its handle."""
        await self._must_be_free(app)
        try:
            await self.tx.execute(ADD_APP, **_row(app), secret=sealed_secret, at=at)
        except DuplicateRow:
            raise _taken(app) from None
        return app

    async def put(self, app: App) -> App:
        """Store how an app is configured now; `NameTaken` where another has its handle."""
        await self.find(app.client_id)
        await self._must_be_free(app)
        try:
            await self.tx.execute(SET_APP, **_row(app))
        except DuplicateRow:
            raise _taken(app) from None
        return app

    async def _must_be_free(self, app: App) -> None:
        if await self.tx.fetch(MIXED, client_id=app.client_id, handle=app.handle or app.client_id):
            raise _taken(app)

    async def find_by_path(self, name: str) -> App:
        """The app of this handle or client id; `AppNotFound` where there is none."""
        rows = await self.tx.fetch(FIND_BY_PATH, name=name)
        if not rows:
            raise _unknown(name)
        return next((app for app in map(_app, rows) if app.client_id == name), _app(rows[0]))

    async def preinstalled(self) -> list[App]:
        """Those that every new shop has from its founding on."""
        return [_app(row) for row in await self.tx.fetch(PREINSTALLED)]

    async def find(self, client_id: str) -> App:
        rows = await self.tx.fetch(FIND_APP, client_id=client_id)
        if not rows:
            raise _unknown(client_id)
        return _app(rows[0])

    async def sealed_secret(self, client_id: str) -> bytes:
        """The client secret as it was sealed; only the key's holder can read it."""
        rows = await self.tx.fetch(SEALED, client_id=client_id)
        if not rows:
            raise _unknown(client_id)
        return bytes(rows[0][0])

    async def rotate_secret(self, client_id: str, sealed: bytes, *, grace: int, at: int) -> int | None:
        """Give an app a new secret; the old one is good beside it for `grace` microseconds, at most 7 days.

        Answers when that ends, None where there is no overlap. `RotationUnderWay` while one lasts that
        was not switched.
        """
        if not 0 <= grace <= LONGEST_GRACE:
            raise Invalid(
                "The old secret can be kept for at most 7 days: give a grace from 0s to 7d.",
                fields={"grace": ["must be 0s to 7d"]},
            )
        if grace:
            changed = await self.tx.fetch(ROTATE, client_id=client_id, secret=sealed, at=at, until=at + grace)
        else:
            changed = await self.tx.fetch(REPLACE, client_id=client_id, secret=sealed, at=at)
        if not changed:
            until, _ = await self._overlap(client_id)
            raise RotationUnderWay(
                f"The secret was changed before, and the old one signs until {iso(until or at, 'UTC')}: "
                f"give the new one to all receivers, `till app switch-secret {client_id}`, and rotate again."
            )
        return at + grace if grace else None

    async def switch_secret(self, client_id: str, *, at: int) -> int:
        """Let the present secret sign the platform's header, too; answers when the old one ends."""
        until, is_compat = await self._overlap(client_id)
        if until is None or at >= until or not is_compat:
            raise NothingToSwitch(
                "The present secret signs X-Genstore-Hmac-Sha256 already: there is nothing to switch."
            )
        await self.tx.execute(SWITCH, client_id=client_id)
        return until

    async def _overlap(self, client_id: str) -> tuple[int | None, bool]:
        rows = await self.tx.fetch(OVERLAP, client_id=client_id)
        if not rows:
            raise _unknown(client_id)
        until, is_compat = rows[0]
        return until, bool(is_compat)

    async def all(self) -> list[App]:
        return [_app(row) for row in await self.tx.fetch(ALL_APPS)]


def _unknown(client_id: str) -> AppNotFound:
    return AppNotFound(f"There is no app {client_id!r}: `till app list` names them.")


def _taken(app: App) -> NameTaken:
    named = (
        f"client id {app.client_id!r}" if app.handle is None else f"handle {app.handle!r} or that client id"
    )
    return NameTaken(
        f"Another app has the {named} already: choose another.",
        fields={"clientId" if app.handle is None else "handle": ["is taken"]},
    )


def _row(app: App) -> dict[str, Any]:
    return {
        "client_id": app.client_id,
        "name": app.name,
        "scopes": scope.spell(app.scopes),
        "partner": int(app.partner),
        "handle": app.handle,
        "application_url": app.application_url,
        "redirect_urls": msgspec.json.encode(app.redirect_urls).decode(),
        "embedded": int(app.embedded),
        "protected": ",".join(sorted(app.protected)),
        "webhooks": msgspec.json.encode(app.webhooks).decode(),
        "preinstalled": int(app.preinstalled),
    }


def _app(row: Row) -> App:
    client_id, name, scopes, partner, handle, home, redirect_urls, embedded, protected, webhooks, early = row
    return App(
        client_id=client_id,
        name=name,
        scopes=scope.parse(scopes),
        partner=bool(partner),
        handle=handle,
        application_url=home,
        redirect_urls=msgspec.json.decode(redirect_urls, type=tuple[str, ...]),
        embedded=bool(embedded),
        protected=frozenset(Protected(word) for word in protected.split(",") if word),
        webhooks=msgspec.json.decode(webhooks, type=dict[str, str]),
        preinstalled=bool(early),
    )
