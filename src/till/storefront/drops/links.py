"""Menus and their links."""

import re

from till.liquid.drop import Drop, shown
from till.storefront.drops.scene import Scene
from till.storefront.world import Link, Menu

KINDS = (
    ("product_link", r"/(?:collections/[^/]+/)?products/([^/?]+)", "product"),
    ("catalog_link", r"/collections/all", ""),
    ("collection_link", r"/collections/([^/?]+)", "collection"),
    ("collections_link", r"/collections", ""),
    ("page_link", r"/pages/([^/?]+)", "page"),
    ("policy_link", r"/policies/([^/?]+)", "policy"),
    ("blog_link", r"/blogs/([^/?]+)", "blog"),
    ("search_link", r"/search", ""),
    ("frontpage_link", r"/", ""),
)


class LinkDrop(Drop):
    """A link of a menu."""

    kind = "link"
    absent = frozenset({"data_sharing_opt_out_icon"})

    def __init__(self, scene: Scene, link: Link, depth: int = 1) -> None:
        self._scene, self._link, self._depth = scene, link, depth

    def __str__(self) -> str:
        return str(self.title)

    @shown
    def title(self) -> str:
        return self._scene.stock.said(self._link.title)

    @shown
    def handle(self) -> str:
        return "-".join("".join(each if each.isalnum() else " " for each in self.title.casefold()).split())

    @shown
    def url(self) -> str:
        return self._scene.url(self._link.url)

    @shown
    def links(self) -> list["LinkDrop"]:
        return [LinkDrop(self._scene, each, self._depth + 1) for each in self._link.links]

    @shown
    def levels(self) -> int:
        return max((1 + each.levels for each in self.links), default=0)

    @shown
    def current(self) -> bool:
        return self._link.url.partition("?")[0] == self._scene.visit.path

    @shown
    def active(self) -> bool:
        path = self._link.url.partition("?")[0]
        return bool(self.current) or (len(path) > 1 and self._scene.visit.path.startswith(f"{path}/"))

    @shown
    def child_current(self) -> bool:
        return any(each.current or each.child_current for each in self.links)

    @shown
    def child_active(self) -> bool:
        return any(each.active or each.child_active for each in self.links)

    @shown
    def type(self) -> str:
        return next((name for name, path, _ in KINDS if re.fullmatch(path, self._link.url)), "http_link")

    @shown("object")
    def what(self) -> Drop | None:
        for _, path, kind in KINDS:
            found = re.fullmatch(path, self._link.url)
            if found:
                return self._scene.find(kind, found[1]) if kind else None
        return None

    def plain(self) -> object:
        """What the `json` filter writes."""
        return {name: self[name] for name in ("title", "url", "handle", "type", "current", "active")}


class MenuDrop(Drop):
    """A menu."""

    kind = "linklist"

    def __init__(self, scene: Scene, menu: Menu) -> None:
        self._scene, self._menu = scene, menu

    @shown
    def title(self) -> str:
        return self._scene.stock.said(self._menu.title)

    @shown
    def handle(self) -> str:
        return self._menu.handle

    @shown
    def links(self) -> list[LinkDrop]:
        return [LinkDrop(self._scene, each) for each in self._menu.links]

    @shown
    def levels(self) -> int:
        return max((1 + each.levels for each in self.links), default=0)
