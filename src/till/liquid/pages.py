"""Pages of a list: the object `paginate`."""

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from till.liquid.drop import Drop, Record, shown

MOST = 250
"""Items of one page."""
LAST = 25_000
"""A page beyond is not asked for by anybody who reads."""


class Paginate(Drop):
    """Which page of a list this is, and the links to the others."""

    kind = "paginate"

    def __init__(self, url: str, items: int, size: int, window: int) -> None:
        self._url = urlsplit(url)
        self._items = items
        self._size = size
        self._window = max(window, 1)

    @property
    def start(self) -> int:
        """The place of the page's first item, from 0."""
        return (self._current() - 1) * self._size

    def _current(self) -> int:
        asked = dict(parse_qsl(self._url.query)).get("page", "")
        return min(max(int(asked), 1), LAST) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1

    def _count(self) -> int:
        return max(-(-self._items // self._size), 1)

    def _link(self, page: int, title: str) -> Record:
        query = [(name, value) for name, value in parse_qsl(self._url.query) if name != "page"]
        url = urlunsplit(("", "", self._url.path, urlencode([*query, ("page", page)]), ""))
        return Record("part", {"is_link": True, "title": title, "url": url})

    def _parts(self) -> Iterator[Record]:
        current, count, skipped = self._current(), self._count(), False
        near = range(max(current - self._window + 1, 1), min(current + self._window, count + 1))
        for page in sorted({1, count, *near, near.start - 1, near.stop} & set(range(1, count + 1))):
            if page == current:
                skipped = False
                yield Record("part", {"is_link": False, "title": str(page), "url": None})
            elif page in near or page in {1, count}:
                skipped = False
                yield self._link(page, str(page))
            elif not skipped:
                skipped = True
                yield Record("part", {"is_link": False, "title": "&hellip;", "url": None})

    @shown
    def current_offset(self) -> int:
        """The number of items on the pages before this one."""
        return self.start

    @shown
    def current_page(self) -> int:
        """From 1."""
        return self._current()

    @shown
    def items(self) -> int:
        """Items on all pages."""
        return self._items

    @shown
    def page_param(self) -> str:
        """The name of the parameter in the URL."""
        return "page"

    @shown
    def page_size(self) -> int:
        """Items on a page."""
        return self._size

    @shown
    def pages(self) -> int:
        """The number of pages."""
        return self._count()

    @shown
    def parts(self) -> list[Record]:
        """Numbers and gaps, to be written as links; a single page has none."""
        return list(self._parts()) if self._count() > 1 else []

    @shown
    def previous(self) -> Record | None:
        """The link to the page before."""
        return self._link(self._current() - 1, "&laquo; Previous") if self._current() > 1 else None

    @shown
    def next(self) -> Record | None:
        """The link to the page after."""
        return self._link(self._current() + 1, "Next &raquo;") if self._current() < self._count() else None
