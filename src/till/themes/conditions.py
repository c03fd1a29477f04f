"""What who changes a file believes of it: that it has a certain checksum, or is not there."""

from collections.abc import Iterable

from till.errors import Stale
from till.themes.manifest import Manifest

# What a condition says that wants no such file to be there.
ABSENT = ""


def check_conditions(manifest: Manifest, wanted: Iterable[tuple[str, str | None]]) -> None:
    """Refuse where a file is not as who changes it believes; `fields` says of each file what it is."""
    faults = {}
    for name, condition in wanted:
        there = manifest.get(name)
        if not _holds(condition, None if there is None else there.checksum):
            now = "is not there" if there is None else f"has the checksum {there.checksum}"
            faults[name] = [f"{now} now"]
    if faults:
        name = next(iter(faults))
        raise Stale(
            f"{name} {faults[name][0]}: somebody changed it, so read it again and repeat.", fields=faults
        )


def _holds(condition: str | None, checksum: str | None) -> bool:
    """True when a file is as who changes it believes; without one, `checksum` is None."""
    if condition is None:
        return True
    if condition == ABSENT:
        return checksum is None
    return checksum is not None and not {checksum, "*"}.isdisjoint(condition.split(","))
