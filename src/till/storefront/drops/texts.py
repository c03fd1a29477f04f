"""Pages and policies."""

from till.liquid.drop import Drop, shown
from till.storefront.drops.scene import Scene, metafields
from till.storefront.stock import number
from till.storefront.world import Page, Policy


class PageDrop(Drop):
    kind = "page"

    def __init__(self, scene: Scene, page: Page) -> None:
        self._scene, self._page = scene, page

    def __str__(self) -> str:
        return str(self.title)

    @shown
    def id(self) -> int:
        return number("page", self._page.handle)

    @shown
    def title(self) -> str:
        return self._scene.stock.said(self._page.title)

    @shown
    def handle(self) -> str:
        return self._page.handle

    @shown
    def content(self) -> str:
        return self._scene.stock.said(self._page.content)

    @shown
    def author(self) -> str:
        return self._page.author

    @shown
    def object_type(self) -> str:
        """What a result of a search is."""
        return "page"

    @shown
    def url(self) -> str:
        return self._scene.url(f"/pages/{self._page.handle}")

    @shown
    def published_at(self) -> str | None:
        return self._scene.time(self._page.published_at)

    @shown
    def template_suffix(self) -> str | None:
        return self._page.template or None

    @shown
    def metafields(self) -> Drop:
        return metafields(self._page.metafields)


class PolicyDrop(Drop):
    kind = "policy"

    def __init__(self, scene: Scene, policy: Policy) -> None:
        self._scene, self._policy = scene, policy

    def __str__(self) -> str:
        return str(self.title)

    @shown
    def id(self) -> int:
        return number("policy", self._policy.handle)

    @shown
    def title(self) -> str:
        return self._scene.stock.said(self._policy.title)

    @shown
    def body(self) -> str:
        return self._scene.stock.said(self._policy.body)

    @shown
    def handle(self) -> str:
        return self._policy.handle

    @shown
    def url(self) -> str:
        return self._scene.url(f"/policies/{self._policy.handle}")
