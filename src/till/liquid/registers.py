"""What tags and filters may know besides the objects of the page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from msgspec import Struct

from till.liquid.faults import Faults
from till.liquid.locales import Translations


class Posted(Struct, frozen=True):
    """A form that was sent just now; the `form` tag of the same type (and `id`, if any) shows it again."""

    kind: str
    values: dict[str, str] = {}
    errors: dict[str, str] = {}
    """Field -> message; the field `form` stands for the form as a whole."""
    done: bool = False
    id: str = ""


def _nothing(_kind: str, _handle: str) -> object:
    return None


@dataclass(slots=True, kw_only=True)
class Registers:
    """What a page lends to its tags and filters; filters get it as `context.registers` (`@with_context`)."""

    asset_url: Callable[[str], str] = "/assets/{}".format
    """The URL of a file under assets/, by its name."""
    file_url: Callable[[str], str] = "/files/{}".format
    """The URL of a file of the shop (`file_url`, `file_img_url`)."""
    find: Callable[[str, str], object] = _nothing
    """Looks up an object of the catalogue: kind (product, collection, page, blog, article, link_list, image,
    video, metaobject, …) and handle; None where there is none."""
    routes: Mapping[str, str] = field(default_factory=dict)
    """As the `routes` object: `cart_add_url` -> `/cart/add`."""
    locale: str = "en"
    translations: Translations = field(default_factory=lambda: Translations("en", []))
    """Filled by the engine from the bundle, for `locale`."""
    money_format: str = "${{amount}}"
    money_with_currency_format: str = "${{amount}} USD"
    currency: str = "USD"
    timezone: str = "UTC"
    """An IANA name."""
    now: int = 0
    """Microseconds UTC: what `'now' | date` says."""
    form_key: str = ""
    """The token that every `form` carries as a hidden field; none is written where it is empty."""
    posted: Posted | None = None
    page_url: str = "/"
    """Path and query of this page."""
    faults: Faults = field(default_factory=Faults)
    """Filled by the engine for each page."""
