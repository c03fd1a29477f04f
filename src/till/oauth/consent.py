"""What a merchant is asked before an app may do anything in the shop, and what comes of the answer."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from urllib.parse import urlsplit

from msgspec import Struct

from till.apps.app import App, Grant, Installation
from till.apps.installations import Installations
from till.apps.life import Life
from till.apps.scope import ALL_ORDERS, SCOPES
from till.caller import Protected
from till.errors import Invalid
from till.oauth.plain import KINDS, SENTENCES, implied
from till.shop import Shop

DECISION, PROTECTED, OLDER_ORDERS, SCOPE = "decision", "protected", "olderOrders", "scope"
ACCEPT, DECLINE = "accept", "decline"


class Undecided(Invalid):
    """The form does not say what was decided, or says more than was asked."""


class Mark(StrEnum):
    """What becomes of a right: asked for now, granted before, or given up."""

    NEW = "new"
    KEPT = "kept"
    REMOVED = "removed"


class Item(Struct, frozen=True):
    """One right in one sentence."""

    sentence: str
    mark: Mark


class Group(Struct, frozen=True):
    """Rights of one sort, under a heading."""

    title: str
    items: tuple[Item, ...]


class Choice(Struct, frozen=True):
    """A check-box: the name and the value that the form sends where it is ticked."""

    name: str
    value: str
    sentence: str
    checked: bool
    mark: Mark


class Asking(Struct, frozen=True, kw_only=True):
    """All that the page of consent shows.

    `host` is the developer's, `update` says that the app is installed and asks for more. The form is
    POSTed to `action` with the hidden `fields`, the visitor's `csrf`, the `choices` that are ticked and
    `decision` (`accept` or `decline`); the answer may lead on to the origin `leads_to`, which the page's
    policy must let it.
    """

    app_name: str
    host: str
    shop: str
    embedded: bool
    update: bool
    groups: tuple[Group, ...]
    protected: tuple[Choice, ...]
    older_orders: Choice | None
    action: str
    fields: tuple[tuple[str, str], ...]
    leads_to: str | None


class Form(Struct, frozen=True, kw_only=True):
    """Where the page of consent is posted to, with what, and where that leads."""

    action: str
    fields: tuple[tuple[str, str], ...]
    leads_to: str | None = None


def lacks(app: App, installed: Installation | None, scopes: frozenset[str]) -> bool:
    """Whether a merchant must be asked before the app has `scopes`.

    What is granted apart, older orders and protected data, is asked once: when the app comes.
    """
    if installed is None:
        return True
    apart = frozenset({ALL_ORDERS}) if app.partner else frozenset()
    return bool(scopes - apart - installed.scopes)


def asking(
    app: App, installed: Installation | None, scopes: frozenset[str], *, shop: Shop, form: Form
) -> Asking:
    """The question whether `app` may have `scopes` in `shop`.

    Check-boxes are as the app asks; where it is installed, as the merchant last decided.
    """
    had = installed.scopes if installed else frozenset()
    apart = frozenset({ALL_ORDERS}) if app.partner else frozenset()
    stays = (had & app.scopes) - apart
    return Asking(
        app_name=app.name,
        host=_host(app),
        shop=shop.handle,
        embedded=app.embedded,
        update=installed is not None,
        groups=_groups(wanted=(scopes - apart) | stays, had=had - apart),
        protected=tuple(
            Choice(PROTECTED, kind, KINDS[kind], installed is None or granted, _mark(is_old=granted))
            for kind in Protected
            if app.partner and kind in app.protected
            for granted in [installed is not None and kind in installed.protected]
        ),
        older_orders=Choice(
            OLDER_ORDERS,
            "1",
            SENTENCES[ALL_ORDERS],
            installed is None or ALL_ORDERS in had,
            _mark(is_old=ALL_ORDERS in had),
        )
        if ALL_ORDERS in apart & scopes
        else None,
        action=form.action,
        fields=(*form.fields, (SCOPE, ",".join(sorted(scopes)))),
        leads_to=form.leads_to,
    )


def decided(form: Mapping[str, Sequence[str]], app: App, scopes: frozenset[str]) -> Grant | None:
    """What the merchant granted of `scopes`, or None where the app was declined; `Undecided` otherwise.

    The form says which scopes its page showed: nobody grants what the app asks for since then.
    """
    decision = list(form.get(DECISION, ()))
    if decision == [DECLINE]:
        return None
    if decision != [ACCEPT]:
        raise Undecided("The form does not say whether the app was accepted: open the page again.")
    if set(",".join(form.get(SCOPE, ())).split(",")) != scopes:
        raise Undecided("The app asks for something else than this page showed: open the page again.")
    kinds = form.get(PROTECTED, ())
    asked = app.protected if app.partner else frozenset()
    older = list(form.get(OLDER_ORDERS, ()))
    if not asked.issuperset(kinds) or older not in ([], ["1"]):
        raise Undecided("The form grants what the app did not ask for: open the page again.")
    if older and not (app.partner and ALL_ORDERS in scopes):
        raise Undecided("The form grants older orders, for which the app did not ask: open the page again.")
    apart = frozenset({ALL_ORDERS}) if app.partner and not older else frozenset()
    return Grant(scopes=scopes - apart, protected=frozenset(map(Protected, kinds)))


async def accept(life: Life, app: App, grant: Grant) -> Installation:
    """Put the app into the shop, or let it have more there; scopes that it gave up are taken from it."""
    installed = await Installations(life.tx, life.shop).look(app.client_id)
    if installed is None:
        return await life.install(app, grant)
    apart = frozenset({ALL_ORDERS}) if app.partner else frozenset()
    stays = (installed.scopes & app.scopes) - apart
    return await life.grant(app, installed, Grant(scopes=grant.scopes | stays, protected=grant.protected))


def _groups(*, wanted: frozenset[str], had: frozenset[str]) -> tuple[Group, ...]:
    shown = wanted - implied(wanted)
    gone = had - wanted
    sorts: Iterable[tuple[str, frozenset[str]]] = (
        ("What it may change", frozenset(each for each in shown if each.startswith("write_"))),
        ("What it may see", frozenset(each for each in shown if not each.startswith("write_"))),
        ("What it may no longer do", gone - implied(gone)),
    )
    return tuple(
        Group(title, tuple(Item(SENTENCES[each], _fate(each, wanted, had)) for each in SCOPES if each in of))
        for title, of in sorts
        if of
    )


def _fate(scope: str, wanted: frozenset[str], had: frozenset[str]) -> Mark:
    return _mark(is_old=scope in had) if scope in wanted else Mark.REMOVED


def _mark(*, is_old: bool) -> Mark:
    return Mark.KEPT if is_old else Mark.NEW


def _host(app: App) -> str:
    """Where the app is at home, for its people to be known by."""
    urls = [app.application_url, *app.redirect_urls]
    return next((urlsplit(url).netloc for url in urls if url), "")
