"""What guests send: changes of their carts, the checkout, and the small forms of themes."""

from typing import Any

from starlette.responses import Response

from till.errors import Invalid, Refusal, Unreadable
from till.staff.origin import check_same_site
from till.storefront import answers, carting, checkout, told
from till.storefront.cart import LineGone
from till.storefront.forms import text_of
from till.storefront.guest import Guest, sections_of
from till.storefront.ordering import CartChanged, buyer_of, key_of, order_of
from till.storefront.ports import Carts
from till.storefront.shipped import Catalogue
from till.storefront.showing import Show
from till.storefront.visit import CartState


class Counter:
    """Where carts are changed and paid for."""

    def __init__(self, carts: Carts, show: Show) -> None:
        self._carts, self._show = carts, show

    async def cart(self, guest: Guest, catalogue: Catalogue, path: str, form: dict[str, Any]) -> Response:
        """Change the cart, and answer as whoever asks can read it."""
        is_script = carting.wants_json(guest.request)
        # Whoever is told that he asks wrongly may ask again: nothing may have changed by then.
        sections = _sections(form) if is_script else ()
        token = guest.token or carting.new_token()
        try:
            command = carting.CALLS[path](form, guest.stock)
            state = await self._carts.change(guest.front, token, command)
        except (Invalid, Unreadable) as refusal:
            if is_script:
                return carting.refused(refusal.message)
            if isinstance(refusal, LineGone):
                # A page from before the cart was changed elsewhere: what is in it now is to be seen first.
                return answers.elsewhere(guest.url("/cart"))
            raise
        if is_script:
            found = _changed(guest, path, form, state)
            if sections:
                found["sections"] = await self._sections(guest, catalogue, form, state, sections)
            answer = answers.told(found)
        elif "checkout" in form:
            answer = answers.elsewhere(guest.url("/checkout"))
        else:
            answer = answers.elsewhere(answers.inside(text_of(form.get("return_to")), guest.url("/cart")))
        carting.keep(answer, guest, token)
        return answer

    async def _sections(
        self,
        guest: Guest,
        catalogue: Catalogue,
        form: dict[str, Any],
        state: CartState,
        names: tuple[str, ...],
    ) -> dict[str, str | None]:
        """The sections that the script wants anew; the cart is changed, whether they can be shown or not."""
        place = answers.inside(text_of(form.get("sections_url")).partition("?")[0], guest.url("/cart"))
        path = place.removeprefix(guest.root) or "/"
        try:
            return await self._show.sections(guest, catalogue, state, names, path)
        except Refusal:
            return dict.fromkeys(names)

    async def checkout(self, guest: Guest) -> Response:
        """The form; the cart is kept for whoever fills it in."""
        state = await self._carts.checks_out(guest.front, guest.token) if guest.token else CartState()
        return checkout.page(guest, state)

    async def check_out(self, guest: Guest, form: dict[str, Any]) -> Response:
        """Make the order; what is wrong is said beside the field, and the cart stays as it was."""
        check_same_site(guest.request, guest.origin)
        buyer, key = (
            buyer_of({name: text_of(value) for name, value in form.items()}),
            text_of(form.get("key")),
        )
        state = await self._show.cart(guest)
        if buyer.errors and state.placed != key:
            return checkout.page(guest, state, values=buyer.values, errors=buyer.errors, status=422)

        def order(current: CartState) -> dict[str, Any]:
            if key != key_of(guest.token, current, guest.stock):
                raise CartChanged(
                    "Your cart or its prices have changed meanwhile: look at the total, and send it again."
                )
            return order_of(current, guest.stock, buyer.values)

        try:
            placed = await self._carts.check_out(guest.front, guest.token, key, order)
        except Invalid as refusal:
            now = await self._show.cart(guest)
            return checkout.page(guest, now, values=buyer.values, sentence=refusal.message, status=422)
        return checkout.thanks(guest, placed.name, placed.total)


def _sections(form: dict[str, Any]) -> tuple[str, ...]:
    """The ids of the sections that a script asks for, as a list or in one text; `Unreadable` for too many."""
    given = form.get("sections")
    return sections_of(",".join(map(text_of, given)) if isinstance(given, list) else text_of(given))


def _changed(guest: Guest, path: str, form: dict[str, Any], state: CartState) -> dict[str, Any]:
    """The cart, or what was put into it."""
    found = told.cart_json(guest.stock, guest.visit(state))
    if path != "/cart/add":
        return found
    wanted = carting.keys_of(form)
    lines = [each for each in found["items"] if each["key"] in wanted]
    return {"items": lines} if "items" in form else dict(lines[0])


def thanked(guest: Guest, form: dict[str, Any]) -> Response:
    """Contact and newsletter forms: nothing is sent anywhere by a preview, and the theme says thank you."""
    kind = "customer" if text_of(form.get("form_type")) == "customer" else "contact"
    usual = guest.url("/pages/contact" if "contact" in guest.stock.pages else "/")
    place = answers.inside(text_of(form.get("return_to")), usual).partition("?")[0]
    return answers.elsewhere(f"{place}?{kind}_posted=true#{kind}_form")


def localized(guest: Guest, form: dict[str, Any]) -> Response:
    """Another language: the same page under the other prefix."""
    wanted = text_of(form.get("language_code") or form.get("locale_code"))
    locales = guest.stock.world.shop.locales
    path = answers.inside(text_of(form.get("return_to")), "/")
    first, _, rest = path.removeprefix("/").partition("/")
    if first in {each.lower() for each in locales[1:]}:
        # What stood behind the language may name a host: /de//evil.example.
        path = answers.inside(f"/{rest}", "/")
    root = f"/{wanted.lower()}" if wanted in locales[1:] else ""
    return answers.elsewhere((root + path).rstrip("/") or "/")
