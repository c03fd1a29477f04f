"""The request itself: where the visitor is, in which language, and where the pages are."""

from till.liquid.drop import Drop, Record
from till.storefront.drops.currencies import currency_of
from till.storefront.drops.scene import Scene, metafields
from till.storefront.drops.shop import locale_of


def localization_of(scene: Scene) -> Drop:
    """Where and in which language the visitor is; one country, the shop's own."""
    told = scene.stock.world.shop.address
    languages = [locale_of(scene, each) for each in scene.stock.world.shop.locales]
    country = Record(
        "country",
        {
            "iso_code": told.country_code or "US",
            "name": told.country or "United States",
            "currency": currency_of(scene.stock.currency),
            "unit_system": "metric",
            "continent": None,
            "popular?": True,
            "market": None,
            "available_languages": languages,
        },
        text=told.country or "United States",
    )
    market = Record("market", {"id": 1, "handle": "primary", "metafields": metafields({})})
    return Record(
        "localization",
        {
            "available_countries": [country],
            "available_languages": languages,
            "country": country,
            "language": locale_of(scene, scene.stock.locale),
            "market": market,
        },
    )


def request_of(scene: Scene, page_type: str) -> Drop:
    """The request of this page."""
    visit = scene.visit
    return Record(
        "request",
        {
            "host": visit.host,
            "origin": f"{visit.scheme}://{visit.host}",
            "path": scene.url(visit.path),
            "page_type": page_type,
            "locale": locale_of(scene, scene.stock.locale),
            "design_mode": visit.design_mode,
            "visual_preview_mode": False,
        },
    )


ROUTES = {
    "root_url": "/",
    "account_url": "/account",
    "account_login_url": "/account/login",
    "account_logout_url": "/account/logout",
    "account_recover_url": "/account/recover",
    "account_register_url": "/account/register",
    "account_addresses_url": "/account/addresses",
    "account_profile_url": "/account/profile",
    "storefront_login_url": "/account/login",
    "all_products_collection_url": "/collections/all",
    "collections_url": "/collections",
    "cart_url": "/cart",
    "cart_add_url": "/cart/add",
    "cart_change_url": "/cart/change",
    "cart_update_url": "/cart/update",
    "cart_clear_url": "/cart/clear",
    "search_url": "/search",
    "predictive_search_url": "/search/suggest",
    "product_recommendations_url": "/recommendations/products",
}


def routes_of(scene: Scene) -> dict[str, str]:
    """The `routes` object, in the language of the visit."""
    return {name: scene.url(path) for name, path in ROUTES.items()}
