"""The life of an app in a shop: installed, granted other things, uninstalled; each told as it happens.

Every move is one transaction, which writes its history and derives its events from what was and what is.
"""

from collections.abc import Callable
from dataclasses import dataclass

from msgspec import structs

from till.apps import history, scope, tokens, topics
from till.apps.app import App, Grant, Installation, apart, within
from till.apps.history import Act
from till.apps.installations import Installations
from till.clock import DAY
from till.customers.compliance import SHOP_REDACT
from till.db.port import Tx
from till.errors import Invalid
from till.shop import Fidelity, Shop
from till.webhooks.configured import configure, unlisten_last
from till.webhooks.fanout import renew
from till.webhooks.forms import Telling
from till.webhooks.leaving import leave
from till.webhooks.outbox import record, take
from till.webhooks.topic import Resource, Topic, told

# An app that has gone is told to forget the shop after so long (genstore.md §9.5, semantics.md §4.3).
FORGET_AFTER = 2 * DAY


class NotDeclared(Invalid):
    """An app is granted only what it asks for."""


@dataclass(frozen=True, slots=True)
class Life:
    """What may happen to the apps of one shop, by somebody at a moment.

    `by` is who, as in till.apps.history; `mint` gives ids.
    """

    tx: Tx
    shop: Shop
    by: str
    at: int
    mint: Callable[[], int]

    async def install(self, app: App, grant: Grant, *, fidelity: Fidelity | None = None) -> Installation:
        """Put an app into the shop with what is granted; `AlreadyInstalled`, `NotDeclared`.

        What its configuration names is told to it from then on, its installation first of all.
        """
        _check(app, grant)
        new = Installation(
            id=self.mint(),
            shop_id=self.shop.id,
            client_id=app.client_id,
            scopes=grant.scopes,
            protected=grant.protected,
            asked=apart(app) if grant.asked is None else grant.asked,
            fidelity=fidelity,
        )
        await self._installations.put(new, at=self.at)
        await unlisten_last(self.tx, SHOP_REDACT, shop_id=self.shop.id, client_id=app.client_id, at=self.at)
        await self._listen(app, new)
        await self._tell(None, new)
        await self._write_down(new, "installed", note=_granted(grant))
        return new

    async def grant(self, app: App, old: Installation, grant: Grant) -> Installation:
        """Let an installation have exactly this; nothing happens where it had that already."""
        _check(app, grant)
        asked = apart(app) if grant.asked is None else (old.asked | grant.asked) & apart(app)
        new = structs.replace(old, scopes=grant.scopes, protected=grant.protected, asked=asked)
        return await self._change(old, new, note=_granted(grant))

    async def narrow(self, app: App, old: Installation) -> Installation:
        """Take from an installation what its app no longer declares; nothing happens where that is nothing.

        It may be left without any scope: then it is in the shop, and may do nothing there.
        """
        new = within(app, old)
        gone = sorted(old.scopes - new.scopes) + sorted(old.protected - new.protected)
        left = _granted(Grant(scopes=new.scopes, protected=new.protected))
        return await self._change(old, new, note=f"{left}; no longer declared: {','.join(gone)}")

    async def uninstall(
        self, client_id: str, *, reason: str | None = None, note: str | None = None
    ) -> Installation:
        """Take an app out: its tokens and subscriptions die, what it was owed is cancelled; it is told so.

        That last word is signed with the secret of this moment (rulings.md §7.3). The history stays.
        """
        old = await self._installations.find(client_id)
        await leave(
            self.tx, shop_id=self.shop.id, installation_id=old.id, last=topics.UNINSTALLED, at=self.at
        )
        new = structs.replace(old, uninstalled_at=self.at, version=old.version + 1)
        await self._tell(old, new)
        await self._installations.change(new)
        await self._installations.forget_at(old.id, self.at + FORGET_AFTER)
        await tokens.revoke_of_installation(self.tx, shop_id=self.shop.id, installation_id=old.id, at=self.at)
        await self._write_down(new, "uninstalled", reason=reason, note=note)
        return new

    async def follow(self, app: App, installation: Installation) -> Installation:
        """Let an installation be as the app is configured now.

        It loses what is no longer declared, gains nothing that nobody granted, and is told what is named.
        """
        new = await self.narrow(app, installation)
        await self._listen(app, new)
        return new

    async def _change(self, old: Installation, new: Installation, *, note: str) -> Installation:
        """Store what an installation is allowed now; that it was asked about something is told nobody."""
        if (old.scopes, old.protected) == (new.scopes, new.protected):
            if old.asked != new.asked:
                await self._installations.change(new)
            return new
        new = structs.replace(new, version=old.version + 1)
        await self._installations.change(new)
        await renew(self.tx, self.shop.id)
        await self._tell(old, new)
        await self._write_down(new, "granted", note=note)
        return new

    async def _listen(self, app: App, installation: Installation) -> None:
        """Let an installation be told what the app's configuration names."""
        await configure(
            self.tx,
            app.webhooks,
            shop_id=self.shop.id,
            installation_id=installation.id,
            at=self.at,
            mint=self.mint,
        )

    async def tell_code(self, installation: Installation, code: str) -> None:
        """Send an app that was installed without a browser its authorization code (genstore.md §8.4)."""
        (topic,) = (each for each in topics.TOPICS if each.name == topics.CODE_GRANTED)
        await self._record(topic, installation, topics.code_payload(installation, code))

    @property
    def _installations(self) -> Installations:
        return Installations(self.tx, self.shop)

    async def _tell(self, old: Installation | None, new: Installation) -> None:
        for topic in told(topics.TOPICS, old, new):
            await self._record(topic, new, topics.payload(topic.name, old, new, at=self.at))

    async def _record(self, topic: Topic[Installation], about: Installation, payload: bytes) -> None:
        numbers = await take(self.tx, shop_id=self.shop.id, events=1)
        telling = Telling(payload, topics.render, only=about.id)
        resource = Resource(self.shop.id, about.id, about.version, self.at)
        await record(self.tx, (topic,), telling, numbers=numbers, resource=resource)

    async def _write_down(
        self, about: Installation, kind: str, *, reason: str | None = None, note: str | None = None
    ) -> None:
        act = Act(
            shop_id=self.shop.id,
            client_id=about.client_id,
            installation_id=about.id,
            kind=kind,
            at=self.at,
            by=self.by,
            reason=reason,
            note=note,
        )
        await history.add(self.tx, act)


def _check(app: App, grant: Grant) -> None:
    """A partner app gets no more than it asks for; a merchant's own app may see all older orders."""
    more = grant.scopes - app.scopes - (frozenset() if app.partner else {scope.ALL_ORDERS})
    if more:
        raise NotDeclared(
            f"The app does not ask for {', '.join(sorted(more))}: declare it first, as "
            "`till app configure` does.",
            fields={"scopes": [f"{min(more)} is not declared by the app"]},
        )
    kinds = grant.protected - app.protected if app.partner else frozenset()
    if kinds:
        raise NotDeclared(
            f"The app does not ask for the protected field {', '.join(sorted(kinds))}: declare it first, as "
            "`till app configure` does.",
            fields={"protected": [f"{min(kinds)} is not declared by the app"]},
        )
    if not grant.scopes:
        raise NotDeclared(
            "An installed app has at least one scope: uninstall it where it should have none.",
            fields={"scopes": ["must name at least one scope"]},
        )


def _granted(grant: Grant) -> str:
    kinds = f"; protected: {','.join(sorted(grant.protected))}" if grant.protected else ""
    return f"scopes: {scope.spell(grant.scopes)}{kinds}"
