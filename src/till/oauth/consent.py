"""What a merchant is asked before an app may do anything in the shop, and what comes of the answer."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from urllib.parse import urlsplit

from msgspec import Struct, structs

from till.apps.app import App, Grant, Installation, apart, lacking, within
from till.apps.installations import Installations
from till.apps.life import Life
from till.apps.scope import ALL_ORDERS, SCOPES, reach
from till.caller import Protected
from till.errors import Invalid
from till.oauth.plain import KINDS, SENTENCES, implied
from till.shop import Shop

DECISION, PROTECTED, OLDER_ORDERS = "decision", "protected", "olderOrders"
# What the page asked: scopes, and what is decided apart.
SCOPE, APART = "scope", "apart"
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
    `decision` (`accept` or `decline`); the answer may lead on to the origin `leads_to`.
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

    What is granted apart, older orders and protected data, is asked once: when the app comes, or when it
    declares it. Whoever did not tick it is not asked for it again.
    """
    return installed is None or bool(lacking(app, installed, scopes))


def asking(
    app: App, installed: Installation | None, scopes: frozenset[str], *, shop: Shop, form: Form
) -> Asking:
    """The question whether `app` may have `scopes` in `shop`.

    Check-boxes are as the app asks; what was decided before is as the merchant last decided.
    """
    had = installed.scopes if installed else frozenset()
    kept = within(app, installed) if installed else None
    boxes = apart(app, scopes)
    # What has no box on this page stays as it is.
    wanted = (scopes - boxes) | ((kept.scopes - boxes) if kept else frozenset())
    known = (kept.asked | kept.protected | kept.scopes) if kept else frozenset()
    on = boxes - known | ((kept.protected | kept.scopes) if kept else frozenset())
    lost = installed.protected - kept.protected if installed and kept else frozenset()
    return Asking(
        app_name=app.name,
        host=_host(app),
        shop=shop.handle,
        embedded=app.embedded,
        update=installed is not None,
        groups=_groups(wanted=wanted, had=had - boxes, lost=lost),
        protected=tuple(
            Choice(PROTECTED, kind, KINDS[kind], kind in on, _mark(is_old=kind in known))
            for kind in Protected
            if kind in boxes
        ),
        older_orders=Choice(
            OLDER_ORDERS, "1", SENTENCES[ALL_ORDERS], ALL_ORDERS in on, _mark(is_old=ALL_ORDERS in known)
        )
        if ALL_ORDERS in boxes
        else None,
        action=form.action,
        fields=(*form.fields, (SCOPE, ",".join(sorted(scopes))), (APART, ",".join(sorted(boxes)))),
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
    boxes = apart(app, scopes)
    if _words(form, SCOPE) != scopes or _words(form, APART) != boxes:
        raise Undecided("The app asks for something else than this page showed: open the page again.")
    kinds, older = form.get(PROTECTED, ()), list(form.get(OLDER_ORDERS, ()))
    ticked = {*kinds, *([ALL_ORDERS] if older else [])}
    if not boxes.issuperset(ticked) or ALL_ORDERS in kinds or older not in ([], ["1"]):
        raise Undecided("The form grants what the app did not ask for: open the page again.")
    return Grant(
        scopes=(scopes - boxes) | (ticked & {ALL_ORDERS}),
        protected=frozenset(map(Protected, kinds)),
        asked=boxes,
    )


async def accept(life: Life, app: App, grant: Grant) -> Installation:
    """Put the app into the shop, or let it have more there.

    What it gave up is taken from it; what was not decided now, and that it still declares, stays.
    """
    installed = await Installations(life.tx, life.shop).look(app.client_id)
    if installed is None:
        return await life.install(app, grant)
    kept = within(app, installed)
    decided_now = grant.asked or frozenset()
    return await life.grant(
        app, installed, structs.replace(grant, scopes=grant.scopes | (kept.scopes - decided_now))
    )


def _words(form: Mapping[str, Sequence[str]], name: str) -> set[str]:
    return set(filter(None, ",".join(form.get(name, ())).split(",")))


def _groups(*, wanted: frozenset[str], had: frozenset[str], lost: frozenset[Protected]) -> tuple[Group, ...]:
    """What the app may do, and what it may no longer: scopes it had, and kinds of data that it lost."""
    shown = wanted - implied(wanted)
    gone = had - reach(wanted)
    sorts: Iterable[tuple[str, frozenset[str]]] = (
        ("What it may change", frozenset(each for each in shown if each.startswith("write_"))),
        ("What it may see", frozenset(each for each in shown if not each.startswith("write_"))),
        ("What it may no longer do or see", gone - implied(gone)),
    )
    may = reach(had)
    found = [
        (title, [Item(SENTENCES[each], _fate(each, wanted, may)) for each in SCOPES if each in of])
        for title, of in sorts
    ]
    found[-1][1].extend(Item(KINDS[kind], Mark.REMOVED) for kind in Protected if kind in lost)
    return tuple(Group(title, tuple(items)) for title, items in found if items)


def _fate(scope: str, wanted: frozenset[str], had: frozenset[str]) -> Mark:
    return _mark(is_old=scope in had) if scope in wanted else Mark.REMOVED


def _mark(*, is_old: bool) -> Mark:
    return Mark.KEPT if is_old else Mark.NEW


def _host(app: App) -> str:
    """Where the app is at home, for its people to be known by."""
    urls = [app.application_url, *app.redirect_urls]
    return next((urlsplit(url).netloc for url in urls if url), "")
