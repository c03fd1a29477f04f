"""Which bytes of an event a subscriber sees: in its profile, without what is hidden, cut to its fields."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from till.caller import Protected
from till.shop import Fidelity

# From a payload in the typed profile, with nothing hidden, to the same in a profile without some data.
Render = Callable[[bytes, Fidelity, frozenset[Protected]], bytes]


class Form(Struct, frozen=True, kw_only=True):
    """How a payload is shown to somebody; `fields` are dotted paths below its envelope, all if empty."""

    fidelity: Fidelity = Fidelity.TYPED
    hidden: frozenset[Protected] = frozenset()
    fields: tuple[str, ...] = ()

    @property
    def is_plain(self) -> bool:
        """True when the stored payload itself is what is seen."""
        return self.fidelity is Fidelity.TYPED and not self.hidden and not self.fields

    @property
    def digest(self) -> str:
        """A short name for this form; empty for the plain one."""
        if self.is_plain:
            return ""
        told = f"{self.fidelity};{','.join(sorted(self.hidden))};{','.join(sorted(self.fields))}"
        return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()


PLAIN = Form()
# The form of what is sent to try an address has a name that begins so, and bytes of its own.
TEST = "test"
NOTHING: Mapping[str, bytes] = {}


class Telling(Struct, frozen=True):
    """What a change tells: the payload of its topics, `own` ones by topic, and how to make forms of them.

    What concerns one installation is told to that one `only`.
    """

    payload: bytes
    render: Render
    own: Mapping[str, bytes] = NOTHING
    only: int | None = None

    def of(self, topic: str) -> bytes:
        return self.own.get(topic, self.payload)


def shown(payload: bytes, form: Form, render: Render) -> bytes:
    """`payload`, as it was stored, in `form`."""
    if form.is_plain:
        return payload
    if form.fidelity is not Fidelity.TYPED or form.hidden:
        payload = render(payload, form.fidelity, form.hidden)
    if form.fields:
        told = msgspec.json.decode(payload)
        kept = tree_of(form.fields)
        payload = msgspec.json.encode({name: _cut(each, kept) for name, each in told.items()})
    return payload


Tree = dict[str, "Tree"]


def tree_of(paths: Iterable[str]) -> Tree:
    """Dotted paths as nested names; a path that ends keeps all below it."""
    root: Tree = {}
    whole: set[str] = set(paths)
    for path in sorted(whole):
        if any(path.startswith(f"{other}.") for other in whole):
            continue
        node = root
        for name in path.split("."):
            node = node.setdefault(name, {})
    return root


def _cut(value: Any, kept: Tree) -> Any:
    """Only what `kept` names of an object, and of each object in a list."""
    if not kept:
        return value
    if isinstance(value, list):
        return [_cut(each, kept) for each in value]
    if isinstance(value, dict):
        return {name: _cut(each, kept[name]) for name, each in value.items() if name in kept}
    return value
