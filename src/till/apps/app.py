"""An app: a third-party program, known by its client id; and its installation in a shop."""

import re
from collections.abc import Mapping

from msgspec import Struct, structs

from till.apps.scope import ALL_ORDERS, reach
from till.apps.urls import checked_page, checked_url
from till.caller import Caller, Protected, hidden_from
from till.errors import Invalid
from till.shop import Fidelity, Shop

HANDLE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{8,64}\Z")
MOST_URLS = 20


class App(Struct, frozen=True, kw_only=True):
    """`partner` apps come from outside and are granted protected data apart (rulings.md §6.4).

    `handle` names it in addresses; `application_url` is its home, `redirect_urls` where people may be sent
    back to with a code, exactly as spelled. An `embedded` one is shown inside the admin. `protected` are the
    kinds of personal data that it asks for; `webhooks` what every installation is told without subscribing,
    as addresses by topic. A `preinstalled` one is in every shop from its founding on.
    """

    client_id: str
    name: str
    scopes: frozenset[str]
    partner: bool
    handle: str | None = None
    application_url: str | None = None
    redirect_urls: tuple[str, ...] = ()
    embedded: bool = False
    protected: frozenset[Protected] = frozenset()
    webhooks: Mapping[str, str] = {}
    preinstalled: bool = False

    @property
    def path_name(self) -> str:
        """What names it in the path of a page: its handle, or its client id."""
        return self.handle or self.client_id

    def checked(self) -> "App":
        """This app, if it may exist; `Invalid` names what cannot be."""
        if not self.name.strip() or len(self.name) > 255 or not self.name.isprintable():
            raise Invalid(
                "An app needs a name of at most 255 characters, without line breaks and the like.",
                fields={"name": ["must be 1 to 255 printable characters"]},
            )
        if not self.scopes:
            raise Invalid(
                "An app needs at least one scope, such as read_orders.",
                fields={"scopes": ["must name at least one scope"]},
            )
        if not CLIENT_ID.match(self.client_id):
            raise Invalid(
                f"The client id {self.client_id[:80]!r} cannot be one: use 8 to 64 letters, digits, - and _.",
                fields={"clientId": ["must be 8 to 64 letters, digits, hyphens or underscores"]},
            )
        if self.handle is not None and not HANDLE.match(self.handle):
            raise Invalid(
                f"The handle {self.handle[:80]!r} cannot be part of an address: use a-z, 0-9 and inner "
                "hyphens, at most 63.",
                fields={"handle": ["must be letters a-z, digits and inner hyphens, at most 63"]},
            )
        self._check_addresses()
        return self

    def _check_addresses(self) -> None:
        if self.application_url is not None:
            checked_page(self.application_url, field="applicationUrl")
        elif self.embedded:
            raise Invalid(
                "An embedded app is shown by its application URL: give one, or make it standalone.",
                fields={"applicationUrl": ["is needed by an embedded app"]},
            )
        if len(self.redirect_urls) > MOST_URLS:
            raise Invalid(
                f"An app has at most {MOST_URLS} redirect URLs: leave some out.",
                fields={"redirectUrls": [f"are more than {MOST_URLS}"]},
            )
        for index, url in enumerate(self.redirect_urls):
            checked_page(url, field=f"redirectUrls[{index}]")
        for topic, url in self.webhooks.items():
            checked_url(url, field=f"webhooks.{topic}")


class Installation(Struct, frozen=True, kw_only=True):
    """An app in a shop, with what it was granted there; `version` rises with each change of that.

    `asked` is what the merchant has decided one by one, granted or not (`apart`).
    """

    id: int
    shop_id: int
    client_id: str
    scopes: frozenset[str]
    protected: frozenset[Protected] = frozenset()
    asked: frozenset[str] = frozenset()
    fidelity: Fidelity | None = None
    version: int = 1
    uninstalled_at: int | None = None


class Grant(Struct, frozen=True, kw_only=True):
    """What an app is allowed in a shop.

    `asked` is what was decided one by one for that; None for all that the app declares.
    """

    scopes: frozenset[str]
    protected: frozenset[Protected] = frozenset()
    asked: frozenset[str] | None = None


def apart(app: App, scopes: frozenset[str] | None = None) -> frozenset[str]:
    """What is decided one by one where `app` asks for `scopes`, or for all that it declares.

    The kinds of protected data, and read_all_orders; a merchant's own app has both without being asked.
    """
    if not app.partner:
        return frozenset()
    wanted = app.scopes if scopes is None else scopes
    return frozenset(map(str, app.protected)) | (wanted & {ALL_ORDERS})


def lacking(app: App, installed: Installation, scopes: frozenset[str] | None = None) -> frozenset[str]:
    """Of `scopes`, or of all that the app declares: what it was not granted, nor was decided about.

    Scopes, and kinds of protected data. What a merchant was asked apart and did not grant is not among it.
    """
    wanted = app.scopes if scopes is None else scopes
    alone = apart(app, wanted)
    known = installed.asked | installed.protected | installed.scopes
    return (wanted - alone - reach(installed.scopes)) | (alone - known)


def within(app: App, installed: Installation) -> Installation:
    """The installation with no more than its app declares; who gives up writing may go on reading."""
    allowed = app.scopes if app.partner else app.scopes | {ALL_ORDERS}
    gone = installed.scopes - allowed
    return structs.replace(
        installed,
        scopes=(installed.scopes - gone) | (reach(gone) & app.scopes),
        protected=installed.protected & app.protected if app.partner else installed.protected,
        asked=installed.asked & apart(app),
    )


def admit(
    installation: Installation, shop: Shop, *, partner: bool, fidelity: Fidelity, app_name: str = ""
) -> Caller:
    """Who an installation is to the API. A merchant's own app sees all; a partner's what it was granted.

    `fidelity` is the server's profile, for installations that have none of their own.
    """
    return Caller(
        shop=shop,
        installation_id=installation.id,
        client_id=installation.client_id,
        app_name=app_name,
        scopes=installation.scopes,
        hidden=hidden_from(partner=partner, granted=installation.protected),
        all_orders=not partner or ALL_ORDERS in installation.scopes,
        fidelity=installation.fidelity or fidelity,
    )
