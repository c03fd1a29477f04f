"""The theme that every shop is founded with: Till's own, read from the folders beside this file."""

from functools import lru_cache
from importlib import resources

from till.themes.files import FOLDERS

NAME = "Starter"


@lru_cache(maxsize=1)
def starter() -> dict[str, bytes]:
    """The files of the default theme by name, without what stands in no folder of a theme (its licence)."""
    root = resources.files(__name__)
    found = {}
    for folder in FOLDERS:
        place = root.joinpath(folder)
        if not place.is_dir():
            continue
        for file in place.iterdir():
            if file.is_file():
                found[f"{folder}/{file.name}"] = file.read_bytes()
    return dict(sorted(found.items()))
