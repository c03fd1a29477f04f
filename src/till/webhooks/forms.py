"""Which bytes of an event a subscriber sees: in its profile, without what is hidden, cut to its fields."""

import hashlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import Struct

from till.caller import Protected
from till.shop import Fidelity
from till.webhooks.filters import compiled

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
        """A short name for this form, of which `hidden_of` tells what it hides; empty for the plain one."""
        return _digest(self)


@lru_cache(maxsize=4_096)
def _digest(form: Form) -> str:
    if form.is_plain:
        return ""
    told = f"{form.fidelity};{','.join(sorted(form.hidden))};{','.join(sorted(form.fields))}"
    letters = "".join(sorted(letter for letter, kind in LETTERS.items() if kind in form.hidden))
    rest = hashlib.blake2b(told.encode(), digest_size=8).hexdigest()
    return f"{letters}.{rest}" if letters else rest


def hidden_of(digest: str) -> frozenset[Protected]:
    """What a form of this name hides; the name may have that of a test before it."""
    return frozenset(LETTERS[letter] for letter in digest.rpartition("-")[2].rpartition(".")[0])


PLAIN = Form()
LETTERS = {kind.value[0]: kind for kind in Protected}
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


class Seen:
    """One event as those who hear of it see it: what several of them see, or ask, is worked out once."""

    def __init__(self, payload: bytes, render: Render) -> None:
        self._payload, self._render = payload, render
        self._shown: dict[Form, bytes] = {}
        self._told: dict[Form, dict[str, Any]] = {}
        self._met: dict[tuple[str, Form], bool] = {}

    def shown(self, form: Form) -> bytes:
        """The payload, which is as it was stored, in `form`."""
        if form.is_plain:
            return self._payload
        found = self._shown.get(form)
        if found is None:
            found = self._shown[form] = self._cut(form) if form.fields else self._rendered(form)
        return found

    def meets(self, condition: str | None, form: Form) -> bool:
        """True when the event meets the condition, which sees no more of it than `form` does."""
        if condition is None:
            return True
        whole = Form(hidden=form.hidden)
        met = self._met.get((condition, whole))
        if met is None:
            met = compiled(condition).matches(self._decoded(whole))
            self._met[condition, whole] = met
        return met

    def _rendered(self, form: Form) -> bytes:
        return self._render(self._payload, form.fidelity, form.hidden)

    def _cut(self, form: Form) -> bytes:
        told = self._decoded(Form(fidelity=form.fidelity, hidden=form.hidden))
        kept = tree_of(form.fields)
        return msgspec.json.encode({name: _cut(each, kept) for name, each in told.items()})

    def _decoded(self, whole: Form) -> dict[str, Any]:
        found = self._told.get(whole)
        if found is None:
            found = self._told[whole] = msgspec.json.decode(self.shown(whole))
        return found


def shown(payload: bytes, form: Form, render: Render) -> bytes:
    """`payload`, as it was stored, in `form`."""
    return Seen(payload, render).shown(form)


Tree = dict[str, "Tree"]


@lru_cache(maxsize=1_024)
def tree_of(paths: tuple[str, ...]) -> Tree:
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
        return {name: _cut(value[name], below) for name, below in kept.items() if name in value}
    return value
