"""The published samples, as the project keeps them."""

import json
from pathlib import Path

FOLDER = Path(__file__).parent / "fixtures" / "genstore"


def sample(name):
    """The sample of that name, e.g. `order_create_request`."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def paths(value, path=""):
    """Every key path of a JSON value; elements of lists stand under `[]`."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield f"{path}.{name}"
            yield from paths(each, f"{path}.{name}")
    elif isinstance(value, list):
        for each in value:
            yield from paths(each, f"{path}[]")
