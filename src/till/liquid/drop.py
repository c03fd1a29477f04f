"""Objects that a template may read: declared names only, each computed when it is first read."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar


class shown:  # noqa: N801 -- a decorator, read like `property`
    """Marks a method of a Drop as a property that templates may read; `shown("name?")` renames it."""

    def __init__(self, read: Callable[[Any], object] | str) -> None:
        self.read: Callable[[Any], object] | None = None if isinstance(read, str) else read
        self.name = read if isinstance(read, str) else read.__name__

    def __call__(self, read: Callable[[Any], object]) -> "shown":
        """Take the method where the decorator was given a name."""
        self.read = read
        return self

    def __get__(self, owner: object, _kind: type | None = None) -> Any:
        """Python code reads it as an attribute: `product.title`."""
        if owner is None or not isinstance(owner, Drop):
            return self
        return owner[self.name]


class Drop(Mapping[str, object]):
    """The base of all objects of a storefront.

    A template can read the names declared with `@shown` (or given to `__init__` of a `Record`) and nothing
    else: no Python attribute, method or dunder is ever looked up. A name that is not declared is a fault
    that names the nearest one, unless it stands in `absent`: known to the platform, always nil here.
    """

    kind: ClassVar[str] = "object"
    """What messages call it: `product has no titel`."""
    absent: ClassVar[frozenset[str]] = frozenset()
    open: ClassVar[bool] = False
    """Whether a name that is not there is ordinary (metafields, settings of another section)."""
    table: ClassVar[dict[str, shown]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        own = {mark.name: mark for mark in vars(cls).values() if isinstance(mark, shown)}
        cls.table = {**cls.table, **own}

    def __getitem__(self, key: str) -> object:
        """The value of a declared name; KeyError otherwise."""
        read = self._read()
        if key in read:
            return read[key]
        mark = self.table[key]
        assert mark.read is not None  # noqa: S101 -- __init_subclass__ takes marks that have a method
        value = read[key] = mark.read(self)
        return value

    def _read(self) -> dict[str, object]:
        """What was computed already; kept in the instance, whatever its __init__ does."""
        found: dict[str, object] = self.__dict__.setdefault("_Drop__read", {})
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __len__(self) -> int:
        return len(self.names())

    def __contains__(self, key: object) -> bool:
        return key in self.names()

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def __bool__(self) -> bool:
        return True

    def __str__(self) -> str:
        return ""

    def __repr__(self) -> str:
        return f"<{self.kind}>"

    def names(self) -> tuple[str, ...]:
        """The names that a template may read."""
        return tuple(self.table)

    @contextmanager
    def lent(self, name: str, value: object) -> Iterator[None]:
        """While inside, a property has another value: `paginate` shows a page of a list."""
        read = self._read()
        before = read.get(name, self)
        read[name] = value
        try:
            yield
        finally:
            if before is self:
                del read[name]
            else:
                read[name] = before

    def plain(self) -> object:
        """What the `json` filter writes; by default every declared name."""
        return {name: self[name] for name in self.names()}


class Record(Drop):
    """A drop made of a mapping; a value that is a function is called when it is first read."""

    def __init__(
        self, kind: str, values: Mapping[str, object], *, is_open: bool = False, text: str = ""
    ) -> None:
        self._kind = kind
        self._values = values
        self._open = is_open
        self._text = text

    @property
    def kind(self) -> str:  # type: ignore[override] # a record is named one by one
        """What messages call it."""
        return self._kind

    @property
    def open(self) -> bool:  # type: ignore[override] # a record is opened one by one
        """Whether a name that is not there is ordinary."""
        return self._open

    def __getitem__(self, key: str) -> object:
        read = self._read()
        if key not in read:
            value = self._values[key]
            read[key] = value() if callable(value) and not isinstance(value, Drop) else value
        return read[key]

    def __str__(self) -> str:
        return self._text

    def names(self) -> tuple[str, ...]:
        """The names of the mapping."""
        return tuple(self._values)


class Shelf(Sequence[object]):
    """A list that also answers to handles: `collections`, `pages`, `linklists`, `images`.

    Loops and array filters see a list; `collections.frontpage` and `collections['frontpage']` look one up.
    """

    def __init__(
        self, kind: str, items: Callable[[], Sequence[object]], find: Callable[[str], object]
    ) -> None:
        self.kind = kind
        self._items = items
        self._find = find
        self._read: Sequence[object] | None = None

    @property
    def items(self) -> Sequence[object]:
        """The objects, read once."""
        if self._read is None:
            self._read = self._items()
        return self._read

    def find(self, handle: str) -> object:
        """The object with this handle; None where there is none."""
        return self._find(handle)

    def __getitem__(self, index: Any) -> Any:
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def __str__(self) -> str:
        return ""
