"""A product page through the fence, and a page that is open while its theme is saved."""

import asyncio
import contextlib
import json
import re
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from functools import partial
from http.client import HTTPConnection
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import liquid

from bench.progress import Shown
from bench.table import Row, Target
from bench.theming import took
from till.fence.pool import Fence, RenderJob
from till.liquid.bundle import Bundle
from till.storefront.rendering import render
from till.storefront.surveying import catalogue_of
from till.storefront.visit import Visit
from till.themes.starter import starter

import running  # type: ignore[import-not-found]  # isort: skip - bench.theming says where the tests are
import themer  # type: ignore[import-not-found]  # isort: skip - likewise

SHARES = {"p50": 0.5, "p95": 0.95}
FEWEST = 20
TEXT = (".liquid", ".json", ".css", ".js", ".svg")
TARGETS = {"save and repaint, p95": Target(300, unit="ms")}
SECTION = "sections/hero.liquid"
# Of nothing but tags and filters that Liquid has without a store, so that both can render it.
PAGE = """<h1>{{ product.title | escape }}</h1>
<p>{{ product.vendor | upcase }}{% if product.available %}, in stock{% endif %}</p>
{% assign words = product.description | strip_html | split: ' ' -%}
<p>{{ words | size }}: {{ product.description | strip_html | truncatewords: 30 | escape }}</p>
<ul>{% for variant in product.variants %}
  <li class="{% cycle 'odd', 'even' %}">{{ forloop.index }}. {{ variant.title | escape }}
    {% assign price = variant.price | divided_by: 100.0 %}{{ price | round: 2 }}
    {%- if variant.available %} now{% else %} later{% endif -%}</li>{% endfor %}
</ul>
{% for row in (1..25) -%}
{% capture line %}{{ row | times: 3 | modulo: 7 }}/{{ words[row] | downcase }}{% endcapture %}
<p>{% unless row == 1 %}{{ line | replace: '/', ': ' | escape }}{% endunless -%}
{{ product.tags | join: ', ' }}</p>
{% endfor %}"""


class Painting:
    """All rounds; no store has a part in them."""

    def __init__(self, *, seconds: float, rounds: int, shown: Shown) -> None:
        self._seconds, self._rounds, self._shown = seconds, rounds, shown
        self._ours: dict[str, list[float]] = defaultdict(list)
        self._limits: dict[str, list[float]] = defaultdict(list)

    def run(self) -> list[Row]:
        self._shown.begin(self._rounds * 3)
        asyncio.run(self._pages())
        self._repaints()
        return [
            Row(
                what,
                "none",
                1,
                "",
                ours,
                self._limits[what],
                "ms",
                TARGETS.get(what),
            )
            for what, ours in self._ours.items()
        ]

    async def _pages(self) -> None:
        world, path = await asyncio.to_thread(_catalogue)
        whole = await asyncio.to_thread(_starter)
        own = Bundle(
            "bench",
            "Bench",
            {"layout/theme.liquid": "{{ content_for_layout }}", "templates/product.liquid": PAGE},
            {},
        )
        tell = Bundle("tell", "Tell", {**own.files, "templates/product.liquid": "{{ product | json }}"}, {})
        visit = Visit(path=path)
        product = json.loads(render(tell, world, visit).body)
        plain = liquid.Environment().from_string(PAGE)
        if render(own, world, visit).body != plain.render(product=product):
            raise AssertionError("The page of the storefront and that of plain Liquid are not the same.")

        async def alone() -> object:
            return plain.render(product=product)

        async def unfenced() -> object:
            return render(whole, world, visit)

        async with Fence(1) as fence:
            for _ in range(self._rounds):
                self._shown.step("product page")
                await self._race("product page", _fenced(fence, own, world, visit), alone)
                self._shown.step("product page of the default theme")
                await self._race("product page, default theme", _fenced(fence, whole, world, visit), unfenced)

    async def _race(
        self, what: str, ours: Callable[[], Awaitable[object]], limit: Callable[[], Awaitable[object]]
    ) -> None:
        """One after the other, so that what else goes on hits both."""
        both: tuple[list[float], list[float]] = [], []
        until = time.perf_counter() + self._seconds
        await ours()
        await limit()
        while time.perf_counter() < until or len(both[0]) < FEWEST:
            for deed, found in zip((ours, limit), both, strict=True):
                began = time.perf_counter()
                await deed()
                found.append(time.perf_counter() - began)
        self._note(what, *both)

    def _repaints(self) -> None:
        """From saving a section until an open page has its new HTML; the limit is to ask for that alone."""
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "theme"
            running.till("theme", "init", folder)
            text = (folder / SECTION).read_text()
            open_page = Open(stack.enter_context(themer.developing(folder)).url)
            for number in range(self._rounds):
                self._shown.step("save and repaint")
                saved: list[float] = []
                asked: list[float] = []
                for turn in range(FEWEST):
                    mark = f"<!-- {number} {turn} -->"
                    saved.append(took(partial(open_page.save, folder / SECTION, mark + text, mark)))
                    asked.append(took(open_page.section))
                self._note("save and repaint", saved, asked)

    def _note(self, what: str, ours: list[float], limit: list[float]) -> None:
        for name, share in SHARES.items():
            self._ours[f"{what}, {name}"].append(_within(ours, share))
            self._limits[f"{what}, {name}"].append(_within(limit, share))


class Open:
    """A page of `till theme dev` as a browser has it open: told what to paint again, and asks for that."""

    def __init__(self, url: str) -> None:
        self._host = urlsplit(url).netloc
        page = self._get("/")
        found = re.search(r'id="shopify-section-([^"]*hero)"', page)
        assert found, page
        self._id = found[1]
        self._told = threading.Semaphore(0)
        threading.Thread(target=self._listen, daemon=True).start()
        self._told.acquire()

    def save(self, path: Path, text: str, mark: str) -> None:
        path.write_text(text)
        while True:
            assert self._told.acquire(timeout=20), "Nothing was told."
            if mark in self.section():
                return

    def section(self) -> str:
        return self._get(f"/?sections={self._id}")

    def _get(self, path: str) -> str:
        with contextlib.closing(HTTPConnection(self._host, timeout=20)) as connection:
            connection.request("GET", path)
            return connection.getresponse().read().decode()

    def _listen(self) -> None:
        connection = HTTPConnection(self._host)
        connection.request("GET", "/__till/events")
        stream = connection.getresponse()
        while line := stream.readline():
            if line.startswith(b"event:"):
                self._told.release()


def _fenced(fence: Fence, bundle: Bundle, world: bytes, visit: Visit) -> Callable[[], Awaitable[object]]:
    async def theme() -> Bundle:
        return bundle

    async def catalogue() -> bytes:
        return world

    job = RenderJob(bundle_key=bundle.key, bundle=theme, world_key="bench", world=catalogue, visit=visit)
    return lambda: fence.render(job)


def _within(took: list[float], share: float) -> float:
    return sorted(took)[int(share * (len(took) - 1))] * 1_000


def _catalogue() -> tuple[bytes, str]:
    """The catalogue that comes with Till, and the path of its first product."""
    with resources.as_file(resources.files("till.storefront") / "catalogue") as folder:
        world = catalogue_of(folder)
    products: list[dict[str, Any]] = json.loads(world)["products"]
    return world, f"/products/{products[0]['handle']}"


def _starter() -> Bundle:
    """The theme that comes with Till."""
    files = {name: content.decode() for name, content in starter().items() if name.endswith(TEXT)}
    return Bundle("starter", "Starter", files, {})


def explained() -> str:
    return """
A product page is rendered by a fenced worker; its limit is plain python-liquid in this process, with a
template of nothing but Liquid's own tags and a product of plain data, to the same text. That of the default
theme has as its limit the same without the fence. "Save and repaint" is from writing a section until an open
page of `till theme dev` has its new HTML; its limit is to ask for that HTML alone."""
