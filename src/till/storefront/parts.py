"""What a site of storefronts is made of, put together where it stands."""

from collections.abc import Callable
from dataclasses import dataclass

from till.clock import Clock
from till.fence.pool import Fence
from till.liquid.engine import Rendered
from till.staff.origin import Network
from till.storefront.ports import Carts, Finish, SketchesOf, Source
from till.storefront.previews import Previews
from till.storefront.shipped import Catalogue
from till.storefront.visit import Visit


def as_rendered(_visit: Visit, rendered: Rendered) -> str:
    """The page as the theme made it."""
    return rendered.body


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a site is made of; `failed` is told of faults of ours.

    Without `previews` there are none, and without `sketches` they show only what is saved.
    """

    source: Source
    carts: Carts
    catalogue: Callable[[], Catalogue]
    fence: Fence
    now: Clock
    proxies: tuple[Network, ...] = ()
    previews: Previews | None = None
    sketches: SketchesOf | None = None
    finish: Finish = as_rendered
    failed: Callable[[str, Exception], None] = lambda _path, _error: None
