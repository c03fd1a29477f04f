"""The endpoint table as an OpenAPI 3.1 document."""

from typing import Any


def document(endpoints: tuple[Any, ...]) -> dict[str, Any]:
    return {"openapi": "3.1.0", "paths": {each.path: {} for each in endpoints}}
