"""The ports of a storefront that stands in a server: themes and carts of its store, orders by its rules."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

import msgspec

from till.caller import Caller
from till.db.port import Database, Tx
from till.dialect.body import parse_json, read
from till.errors import NotFound, Unavailable
from till.liquid.bundle import Asset, Bundle
from till.money import parse
from till.orders.api.six import create
from till.orders.journal import By
from till.orders.store import Orders
from till.orders.topics import READ
from till.orders.view import Stored
from till.orders.wire.fields import OrderRequest
from till.shop import Shop
from till.shops.store import ShopNotFound, Shops
from till.storefront import carts_kept
from till.storefront.carts_kept import KeptCarts
from till.storefront.held import emptied
from till.storefront.ports import Front, Placed, Shown
from till.storefront.visit import CartState
from till.themes.files import is_text
from till.themes.manifest import Manifest, digest
from till.themes.sketches import Sketches
from till.themes.store import Themes
from till.themes.theme import Theme
from till.web.call import Call, Request
from till.web.services import Services

T = TypeVar("T")
MOST_KNOWN = 50
ASSETS = "assets/"


class ServedThemes:
    """The themes of a server's shops. Versions never change, so what they hold is read once."""

    def __init__(self, db: Database, *, is_open: bool) -> None:
        self._db, self._is_open = db, is_open
        self._known: OrderedDict[tuple[int, int, int], tuple[str, Manifest]] = OrderedDict()

    async def front(self, handle: str) -> Front | None:
        """The shop of this handle, or None."""
        try:
            shop = await self._db.read(lambda tx: Shops(tx).find(handle))
        except ShopNotFound:
            return None
        return Front(
            id=shop.id,
            handle=shop.handle,
            currency=shop.currency,
            timezone=shop.timezone,
            is_open=self._is_open,
        )

    async def theme(self, front: Front, theme_id: int | None) -> Shown | None:
        """The shop's current theme, or one that a preview names; None where there is none."""
        found = await self._db.read(partial(self._find, shop_id=front.id, theme_id=theme_id))
        if found is None:
            return None
        theme, key, manifest = found
        return Shown(
            id=theme.id,
            name=theme.name,
            key=key,
            bundle=partial(self._bundle, front.id, theme.name, key, manifest),
            role="main" if theme.is_current else "unpublished",
            version=theme.version,
        )

    async def sketch(self, front: Front, theme_id: int, digest: str) -> dict[str, str] | None:
        """What an editor shows in place of a theme's own files; None where it is kept no longer."""
        return await self._db.read(lambda tx: Sketches(tx, front.id).find(theme_id, digest))

    async def asset(self, front: Front, digest: str) -> bytes | None:
        """The bytes of a file by its SHA-256 in hexadecimal."""

        async def work(tx: Tx) -> bytes | None:
            themes = Themes(tx, await Shops(tx).get(front.id))
            return (await themes.blobs([bytes.fromhex(digest)])).get(bytes.fromhex(digest))

        return await self._db.read(work)

    async def _find(
        self, tx: Tx, *, shop_id: int, theme_id: int | None
    ) -> tuple[Theme, str, Manifest] | None:
        themes = Themes(tx, await Shops(tx).get(shop_id))
        try:
            theme = await themes.current() if theme_id is None else await themes.find(theme_id)
        except NotFound:
            return None
        if theme is None or not theme.is_ready:
            return None
        place = (shop_id, theme.id, theme.version)
        if place not in self._known:
            manifest = await themes.manifest(theme)
            self._known[place] = (digest(manifest), manifest)
            while len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)
        key, manifest = self._known[place]
        return theme, key, manifest

    async def _bundle(self, shop_id: int, name: str, key: str, manifest: Manifest) -> Bundle:
        async def work(tx: Tx) -> dict[str, bytes]:
            themes = Themes(tx, await Shops(tx).get(shop_id))
            return await themes.contents(manifest, filter(is_text, manifest))

        contents = await self._db.read(work, heavy=True)
        return Bundle(
            key=key,
            name=name,
            files={each: content.decode("utf-8", "replace") for each, content in contents.items()},
            assets={
                each.removeprefix(ASSETS): Asset(entry.sha256.hex(), entry.size)
                for each, entry in manifest.items()
                if each.startswith(ASSETS)
            },
        )


class ServedCarts:
    """Carts in the store, whose orders are made as `POST /orders` makes them."""

    def __init__(self, lent: Services) -> None:
        self._lent = lent

    async def read(self, front: Front, token: str) -> CartState:
        """The cart of a token; an empty one where there is none."""
        return await self._lent.db.read(lambda tx: KeptCarts(tx, front.id).find(token))

    async def change(self, front: Front, token: str, command: Callable[[CartState], CartState]) -> CartState:
        """Apply `command` to the cart and keep what it makes."""
        at = self._lent.clock()

        async def work(tx: Tx) -> tuple[CartState, bool]:
            kept = KeptCarts(tx, front.id)
            held = await kept.hold(token, at=at)
            old = held or CartState()
            new = command(old)
            is_new = held is None and new != old
            if is_new:
                await kept.must_have_room(at=at)
            if new != old:
                await kept.put(token, new, at=at)
            return new, is_new

        cart, is_new = await self._write(front, token, work)
        if is_new:
            await self._lent.db.write(
                lambda tx: KeptCarts(tx, front.id).leave_most(at=at),
                shop_id=front.id,
                key=("carts", front.id),
            )
        return cart

    async def checks_out(self, front: Front, token: str) -> CartState:
        """The cart, which is left to its visitor while he is at the checkout."""
        at = self._lent.clock()

        async def look(tx: Tx) -> tuple[CartState, bool]:
            kept = KeptCarts(tx, front.id)
            cart = await kept.find(token)
            return cart, not cart.lines or await kept.is_checking_out(token, at=at)

        cart, is_known = await self._lent.db.read(look)
        if not is_known:
            await self._write(front, token, lambda tx: KeptCarts(tx, front.id).checks_out(token, at=at))
        return cart

    async def check_out(
        self, front: Front, token: str, key: str, order: Callable[[CartState], dict[str, Any]]
    ) -> Placed:
        """Make an order of the cart and empty it, in one transaction; the same `key` twice is one order."""
        at = self._lent.clock()

        async def work(tx: Tx) -> Placed:
            shop, kept = await Shops(tx).get(front.id), KeptCarts(tx, front.id)
            cart = await kept.hold(token, at=at) or CartState()
            if cart.placed and cart.placed == key and cart.order_id is not None:
                return _placed(await Orders(tx, shop).get(cart.order_id))
            made = await self._create(tx, shop, order(cart), at=at)
            await kept.put(token, emptied(cart, key, made.id), at=at)
            return _placed(made)

        placed = await self._write(front, token, work)
        self._lent.wakes.wrote(front.id)
        return placed

    async def forget_old(self) -> None:
        """Drop what nobody has touched for two weeks."""
        before = self._lent.clock() - carts_kept.KEPT_FOR
        for shop_id in await self._lent.db.read(carts_kept.shop_ids):
            await self._lent.db.write(
                partial(carts_kept.forget, shop_id=shop_id, before=before), shop_id=shop_id
            )

    async def _write(self, front: Front, token: str, work: Callable[[Tx], Awaitable[T]]) -> T:
        if self._lent.is_full():
            raise Unavailable("There is too little room left on the server's disk: try again later.")
        return await self._lent.db.write(work, shop_id=front.id, key=("cart", front.id, token))

    async def _create(self, tx: Tx, shop: Shop, order: dict[str, Any], *, at: int) -> Stored:
        """The order, by the code of the endpoint; on its timeline it is the storefront's."""
        lent = self._lent
        caller = Caller(shop=shop, installation_id=0, client_id="", app_name="", scopes=READ)
        call = Call(
            tx=tx,
            caller=caller,
            request=Request(id="", method="POST", path="/checkout", query="", headers={}),
            at=at,
            mint=lent.mint,
            pages=lent.pages,
            fidelity=caller.fidelity,
            check_address=lent.check_address,
            delivered_kept=lent.delivered_kept,
        )
        body = read(OrderRequest, parse_json(msgspec.json.encode(order)), "")
        return (await create(call, body, By("system", "storefront", lent.mint, "Storefront"))).stored


def _placed(stored: Stored) -> Placed:
    told = msgspec.json.decode(stored.answer)
    total = parse(told["totalPrice"], told["currency"])
    return Placed(id=stored.id, name=told["name"], total=total, currency=told["currency"])
