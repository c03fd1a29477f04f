"""What a push or a pull has to do: worked out from the checksums here, there, and of the last sync.

A name that is on one side only has no checksum on the other. `base` holds the checksums of the last push or
pull, by which it is known who changed what since; None where this folder and that theme never met.
"""

from collections.abc import Callable

from msgspec import Struct

Sums = dict[str, str]

# Of one name: its checksum here, there and in the base, and whether there is a base at all.
_Judge = Callable[[str | None, str | None, str | None, bool], str]

PUT, DELETE, KEEP, CONFLICT, SAME = "put", "delete", "keep", "conflict", "same"


class Plan(Struct, frozen=True):
    """Names by what is done with them.

    `put` are brought over, `delete` are taken away on the other side, `kept` differ, but stay as they are
    over there, and `conflicts` were changed on both sides.
    """

    put: tuple[str, ...] = ()
    delete: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.put or self.delete)

    @property
    def count(self) -> int:
        return len(self.put) + len(self.delete)


def plan_push(here: Sums, there: Sums, base: Sums | None, *, force: bool, delete: bool) -> Plan:
    """What has to go up so that the theme becomes what the folder is.

    What only the theme changed stays as it is there, for the folder has nothing newer; `force` makes the
    theme what the folder is. Without `delete` nothing is taken away.
    """
    return _plan(here, there, base, _push, force=force, delete=delete)


def plan_pull(here: Sums, there: Sums, base: Sums | None, *, force: bool, delete: bool) -> Plan:
    """What has to come down so that the folder becomes what the theme is.

    What only the folder changed stays as it is here, and so does a file that the theme never had; `force`
    makes the folder what the theme is. Without `delete` nothing is taken away.
    """
    return _plan(there, here, base, _pull, force=force, delete=delete)


def settled(here: Sums, there: Sums, base: Sums | None, plan: Plan) -> Sums:
    """The checksums to remember once `plan` was carried out: those that are the same on both sides.

    What was left as it was keeps what was known of it.
    """
    now = dict(base or {})
    for name in here.keys() | there.keys() | now.keys():
        if name in plan.kept or name in plan.conflicts:
            continue
        if name in plan.delete:
            now.pop(name, None)
        elif name in here and here[name] == there.get(name):
            now[name] = here[name]
        elif name not in here and name not in there:
            now.pop(name, None)
    return now


def _plan(source: Sums, target: Sums, base: Sums | None, judge: _Judge, *, force: bool, delete: bool) -> Plan:
    found: dict[str, list[str]] = {PUT: [], DELETE: [], KEEP: [], CONFLICT: [], SAME: []}
    for name in sorted(source.keys() | target.keys()):
        have, has = source.get(name), target.get(name)
        if have == has:
            verdict = SAME
        elif force:
            verdict = DELETE if have is None else PUT
        else:
            verdict = judge(have, has, (base or {}).get(name), base is not None)
        if verdict == DELETE and not delete:
            verdict = KEEP
        found[verdict].append(name)
    return Plan(tuple(found[PUT]), tuple(found[DELETE]), tuple(found[KEEP]), tuple(found[CONFLICT]))


def _push(here: str | None, there: str | None, base: str | None, met: bool) -> str:
    """What becomes of the theme's file; where they never met, the folder is what is wanted."""
    if not met or there == base:
        return DELETE if here is None else PUT
    return KEEP if here == base else CONFLICT


def _pull(there: str | None, here: str | None, base: str | None, met: bool) -> str:
    """What becomes of the folder's file; where they never met, what is here might be work of hours."""
    if not met:
        return PUT if here is None else (KEEP if there is None else CONFLICT)
    if here == base:
        return DELETE if there is None else PUT
    return KEEP if there == base else CONFLICT
