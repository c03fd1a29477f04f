"""Which host is whose: every shop's storefront has a host of its own, apart from the API and the admin."""

import traceback
from dataclasses import dataclass

from starlette.types import Receive, Scope, Send

from till.fence.pool import Fence
from till.settings import Settings
from till.shop import HANDLE, Shop
from till.staff.origin import Network
from till.storefront.guest import PREVIEW
from till.storefront.parts import Parts
from till.storefront.previews import Previews
from till.storefront.served import ServedCarts, ServedThemes
from till.storefront.shipped import shipped
from till.storefront.site import Site
from till.web.call import Request
from till.web.metrics import TEMPLATE
from till.web.services import PreviewLinks, Services

# Every browser takes what ends in `.localhost` for its own machine, and no cookie of one host for another's.
LOCAL = "store.localhost"


@dataclass(frozen=True, slots=True)
class Hosts:
    """Storefronts stand at `{shop}.{domain}`."""

    domain: str = LOCAL

    def handle(self, host: str) -> str | None:
        """The shop that a `Host` names; "" where it can be no shop's, None where it is no storefront's."""
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        name = name.lower().rstrip(".")
        if name == self.domain:
            # A shop called `store` has the API at `store.localhost`.
            return None if self.domain == LOCAL else ""
        label, dot, rest = name.partition(".")
        if dot and rest == self.domain:
            return label if HANDLE.match(label) else ""
        return "" if name.endswith(f".{self.domain}") else None

    def url(self, handle: str, *, scheme: str, host: str) -> str:
        """Where the storefront of a shop is, for somebody who asks the server as `host`: on the same port."""
        port = host.rpartition(":")[2]
        return f"{scheme}://{handle}.{self.domain}" + (f":{port}" if port.isdigit() and ":" in host else "")


def hosts_of(settings: Settings) -> Hosts:
    """Where the settings have the storefronts of this server."""
    return Hosts(settings.storefront_domain.lower().strip(".") or LOCAL)


def is_open(settings: Settings) -> bool:
    """Whether whoever reaches this server may visit the storefronts, without a link to a preview."""
    return settings.storefront == "open" or (settings.storefront == "local" and settings.is_local)


@dataclass(frozen=True, slots=True)
class Storefronts:
    """All storefronts of a server, behind its one port."""

    hosts: Hosts
    site: Site
    carts: ServedCarts

    def handle(self, scope: Scope) -> str | None:
        """The shop whose storefront a request asks for; None where it asks for none."""
        found = {value for name, value in scope["headers"] if name == b"host"}
        # Of two hosts neither is believed (RFC 9110 §7.2).
        return self.hosts.handle(found.pop().decode("latin-1")) if len(found) == 1 else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[TEMPLATE] = "/storefront"
        await self.site.serve(self.handle(scope) or "", scope, receive, send)


def storefronts_of(
    lent: Services, settings: Settings, fence: Fence, previews: Previews, proxies: tuple[Network, ...]
) -> Storefronts:
    """The storefronts of all shops of a server."""

    def failed(path: str, error: Exception) -> None:
        trace = [line.strip() for line in traceback.format_tb(error.__traceback__)]
        lent.log.now("failure", path=path, error=type(error).__name__, trace=trace)

    carts = ServedCarts(lent)
    themes = ServedThemes(lent.db, is_open=is_open(settings))
    parts = Parts(
        source=themes,
        sketches=themes.sketch,
        carts=carts,
        catalogue=shipped,
        fence=fence,
        now=lent.clock,
        proxies=proxies,
        previews=previews,
        failed=failed,
    )
    return Storefronts(hosts_of(settings), Site(parts), carts)


def link_maker(previews: Previews, hosts: Hosts) -> PreviewLinks:
    """What makes links to previews; each with when it ends, in microseconds."""

    def link(
        shop: Shop, theme_id: int, request: Request, at: int, *, editor: str = "", sketch: str = ""
    ) -> tuple[str, int]:
        token, found = previews.mint(shop_id=shop.id, theme_id=theme_id, at=at, editor=editor, sketch=sketch)
        place = hosts.url(shop.handle, scheme=request.scheme, host=request.host)
        return f"{place}/?{PREVIEW}={token}", found.expires_at

    return link
