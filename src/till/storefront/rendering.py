"""Renders one visit; this is what the fenced processes run, so it reads its arguments and nothing else."""

from functools import lru_cache
from urllib.parse import quote, urlencode

import msgspec

from till.liquid.bundle import Bundle
from till.liquid.engine import Engine, Page, Rendered
from till.liquid.registers import Posted, Registers
from till.storefront.drops.asking import routes_of
from till.storefront.drops.scene import Scene, file_url
from till.storefront.drops.shop import money_formats
from till.storefront.routes import Place, locate
from till.storefront.scenery import globals_of, image_of, scene_of
from till.storefront.stock import stock_of
from till.storefront.visit import Visit

MOST_ENGINES = 4
# Where assets stand that are made of Liquid, by the key of the bundle and by name.
MADE = "/assets/l/"
_engines: dict[str, Engine] = {}


def render(bundle: Bundle, world: bytes, visit: Visit) -> Rendered:
    """The page that `visit` asks for, of the theme in `bundle` with the catalogue `world` (its JSON).

    A path under `MADE` is an asset that is made of Liquid.
    """
    engine = _engine(bundle, visit.files)
    bundle = engine.bundle
    stock = stock_of(world, visit.locale, visit.currency)
    scene = scene_of(stock, visit)
    place = locate(visit.path, stock)
    template = template_of(bundle, place, visit.first("view"))
    page = Page(
        template=template,
        globals=globals_of(scene, place, template, bundle.name),
        registers=_registers(bundle, scene),
        locale=stock.locale,
        sections=visit.sections or None,
        section_id=visit.section_id,
        design_mode=visit.design_mode,
        marks=visit.marks,
        status=place.status,
        head=head_of(scene, place),
    )
    if visit.path.startswith(MADE):
        name = visit.path.removeprefix(MADE).partition("/")[2]
        return engine.asset(name, page) or Rendered(404, "", "text/plain", [], {})
    return engine.render(page)


def template_of(bundle: Bundle, place: Place, view: str) -> str:
    """The template of a page: the alternate that the address or the thing wants, where the theme has it."""
    base = place.template if place.template != "policy" or _has(bundle, "policy") else "page"
    for suffix in (view, place.alternate):
        if suffix and _has(bundle, f"{base}.{suffix}"):
            return f"{base}.{suffix}"
    return base


def asset_url(bundle: Bundle, name: str, sketch: str = "") -> str:
    """Where a file under assets/ is served: by its digest, so that it can be kept for ever.

    What is made of Liquid, perhaps of settings that are not saved, is by the `sketch` of them too.
    """
    asset = bundle.assets.get(name)
    if asset is not None:
        return f"/assets/t/{asset.digest}/{quote(name)}"
    if f"assets/{name}.liquid" in bundle.files:
        return f"{MADE}{quote(bundle.key)}{sketch and f'-{sketch}'}/{quote(name)}"
    return f"/assets/{quote(name)}"


def head_of(scene: Scene, place: Place) -> str:
    """What the platform itself puts into the head: what scripts of themes expect to find."""
    visit = scene.visit
    told = {
        "shop": visit.host,
        "locale": scene.stock.locale,
        "currency": {"active": scene.stock.currency, "rate": "1.0"},
        "country": scene.stock.world.shop.address.country_code or "US",
        "theme": {"id": visit.theme_id, "role": visit.role},
        "routes": {"root": f"{visit.root}/"},
        "designMode": visit.design_mode,
        "pageType": place.type,
    }
    # A closing tag or a comment inside a script ends it, whatever JSON thinks.
    text = msgspec.json.encode(told).decode().replace("<", "\\u003c")
    return f"<script>window.Shopify = Object.assign(window.Shopify || {{}}, {text});</script>"


def _has(bundle: Bundle, template: str) -> bool:
    return any(f"templates/{template}.{ending}" in bundle.files for ending in ("json", "liquid"))


def _engine(bundle: Bundle, files: dict[str, str]) -> Engine:
    found = _engines.pop(bundle.key, None) or Engine(bundle)
    _engines[bundle.key] = found
    while len(_engines) > MOST_ENGINES:
        del _engines[next(iter(_engines))]
    return found.over(files) if files else found


def _registers(bundle: Bundle, scene: Scene) -> Registers:
    visit = scene.visit
    plain, whole = money_formats(scene)
    posted = visit.posted

    def find(kind: str, handle: str) -> object:
        return image_of(scene, handle) if kind == "image" else scene.find(kind, handle)

    query = urlencode(visit.query)
    return Registers(
        asset_url=lru_cache(maxsize=None)(lambda name: asset_url(bundle, name, visit.sketch)),
        file_url=file_url,
        find=find,
        routes=routes_of(scene),
        money_format=plain,
        money_with_currency_format=whole,
        currency=scene.stock.currency,
        timezone=visit.timezone,
        now=visit.now,
        page_url=scene.url(quote(visit.path)) + (f"?{query}" if query else ""),
        posted=None
        if posted is None
        else Posted(kind=posted.form, values=posted.values, errors=posted.errors, done=posted.ok),
    )
