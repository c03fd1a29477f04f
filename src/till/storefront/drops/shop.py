"""The shop, and its languages."""

from till.liquid.drop import Drop, Record, shown
from till.storefront.drops.currencies import currency_of
from till.storefront.drops.scene import ImageDrop, Scene, metafields
from till.storefront.stock import number

LANGUAGES = {
    "en": ("English", "English"),
    "de": ("German", "Deutsch"),
    "fr": ("French", "français"),
    "es": ("Spanish", "español"),
    "it": ("Italian", "italiano"),
    "nl": ("Dutch", "Nederlands"),
    "pl": ("Polish", "polski"),
    "pt": ("Portuguese", "português"),
    "ja": ("Japanese", "日本語"),
    "zh": ("Chinese", "中文"),
}


def locale_of(scene: Scene, code: str) -> Drop:
    """A language of the shop; prints as its code."""
    default = scene.stock.world.locale
    name, own = LANGUAGES.get(code.partition("-")[0], (code, code))
    root = "/" if code == default else f"/{code.lower()}"
    values = {
        "iso_code": code,
        "name": name,
        "endonym_name": own,
        "primary": code == default,
        "root_url": root,
    }
    return Record("shop_locale", values, text=code)


# Of a person's address; a shop's has none of it.
ADDRESSED = (
    "id",
    "first_name",
    "last_name",
    "name",
    "address2",
    "company",
    "phone",
    "province",
    "province_code",
    "url",
)


class ShopDrop(Drop):
    """The shop of the catalogue, on the host that is asked."""

    kind = "shop"
    absent = frozenset(
        {
            "phone",
            "password_message",
            "subscription_policy",
            "customer_accounts_optional",
            "metaobjects",
            "search_types",
        }
    )

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._facts = scene.stock.world.shop

    def __str__(self) -> str:
        return self._facts.name

    @shown
    def id(self) -> int:
        return number("shop", self._scene.visit.shop)

    @shown
    def name(self) -> str:
        return self._facts.name

    @shown
    def description(self) -> str:
        return self._scene.stock.said(self._facts.description)

    @shown
    def email(self) -> str:
        return self._facts.email

    @shown
    def domain(self) -> str:
        return self._scene.visit.host

    @shown
    def permanent_domain(self) -> str:
        return self._scene.visit.host

    @shown
    def url(self) -> str:
        return f"{self._scene.visit.scheme}://{self._scene.visit.host}"

    @shown
    def secure_url(self) -> str:
        return f"{self._scene.visit.scheme}://{self._scene.visit.host}"

    @shown
    def currency(self) -> str:
        return self._scene.stock.currency

    @shown
    def enabled_currencies(self) -> list[Drop]:
        return [currency_of(self._scene.stock.currency)]

    @shown
    def money_format(self) -> str:
        return money_formats(self._scene)[0]

    @shown
    def money_with_currency_format(self) -> str:
        return money_formats(self._scene)[1]

    @shown
    def locale(self) -> str:
        return self._scene.stock.world.locale

    @shown
    def enabled_locales(self) -> list[Drop]:
        return [locale_of(self._scene, each) for each in self._facts.locales]

    @shown
    def published_locales(self) -> list[Drop]:
        return [locale_of(self._scene, each) for each in self._facts.locales]

    @shown
    def address(self) -> Drop:
        told = self._facts.address
        values = {
            "address1": told.address1,
            "city": told.city,
            "zip": told.zip,
            "country": Record(
                "country", {"iso_code": told.country_code, "name": told.country}, text=told.country
            ),
            "country_code": told.country_code,
            "street": told.address1,
            "summary": ", ".join(
                filter(None, (told.address1, f"{told.zip} {told.city}".strip(), told.country))
            ),
        }
        return Record("address", values | dict.fromkeys(ADDRESSED))

    @shown
    def brand(self) -> Drop:
        told = self._facts.brand
        logo = None if told.logo is None else ImageDrop(self._scene, told.logo)
        values = {
            "slogan": self._scene.stock.said(told.slogan),
            "short_description": self._scene.stock.said(self._facts.description),
            "logo": logo,
            "square_logo": logo,
            "favicon_url": None if logo is None else logo.src,
            "cover_image": None,
            "colors": None,
        }
        return Record("brand", values | {"metafields": metafields({})})

    @shown
    def metafields(self) -> Drop:
        return metafields(self._facts.metafields)

    @shown
    def policies(self) -> list[Drop]:
        return [self._scene.make("policy", each) for each in self._facts.policies]

    @shown
    def privacy_policy(self) -> Drop | None:
        return self._scene.find("policy", "privacy-policy")

    @shown
    def refund_policy(self) -> Drop | None:
        return self._scene.find("policy", "refund-policy")

    @shown
    def shipping_policy(self) -> Drop | None:
        return self._scene.find("policy", "shipping-policy")

    @shown
    def terms_of_service(self) -> Drop | None:
        return self._scene.find("policy", "terms-of-service")

    @shown
    def customer_accounts_enabled(self) -> bool:
        return False

    @shown
    def accepts_gift_cards(self) -> bool:
        return False

    @shown
    def taxes_included(self) -> bool:
        return False

    @shown
    def enabled_payment_types(self) -> list[str]:
        return []

    @shown
    def products_count(self) -> int:
        return len(self._scene.stock.world.products)

    @shown
    def collections_count(self) -> int:
        return len(self._scene.stock.world.collections)

    @shown
    def types(self) -> list[str]:
        return sorted({each.type for each in self._scene.stock.world.products if each.type})

    @shown
    def vendors(self) -> list[str]:
        return sorted({each.vendor for each in self._scene.stock.world.products if each.vendor})

    def plain(self) -> object:
        """What the `json` filter writes."""
        return {
            name: self[name] for name in ("id", "name", "description", "domain", "url", "currency", "locale")
        }


def money_formats(scene: Scene) -> tuple[str, str]:
    """How amounts are written: as the catalogue says for its own currency, else by the currency's symbol."""
    facts, code = scene.stock.world.shop, scene.stock.currency
    sign = str(currency_of(code)["symbol"])
    plain = f"{sign}{{{{amount}}}}" if len(sign) == 1 else f"{{{{amount}}}} {code}"
    whole = f"{sign}{{{{amount}}}} {code}" if len(sign) == 1 else plain
    if code != facts.currency:
        return plain, whole
    return facts.money_format or plain, facts.money_with_currency_format or whole
