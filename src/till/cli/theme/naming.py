"""What a theme calls itself, in its `config/settings_schema.json`."""

import json
import re
from typing import Any

from till.cli.theme.folder import Folder

SCHEMA = "config/settings_schema.json"
LONGEST = 50


def theme_info(folder: Folder) -> dict[str, Any]:
    """The first entry of the settings' schema, which says name and version; empty where there is none."""
    try:
        groups = json.loads(folder.read(SCHEMA) or b"[]")
    except ValueError:
        return {}
    if not isinstance(groups, list):
        return {}
    fit = (each for each in groups if isinstance(each, dict) and each.get("name") == "theme_info")
    return next(fit, {})


def name_of(folder: Folder) -> str:
    """The name of the theme: its own, else that of its folder."""
    told = theme_info(folder).get("theme_name")
    name = told if isinstance(told, str) and told.strip() else folder.root.resolve().name
    return name.strip()[:LONGEST] or "Theme"


def package_name(folder: Folder) -> str:
    """The file name of its package: name-version.zip."""
    version = theme_info(folder).get("theme_version")
    parts = [name_of(folder), str(version)] if version else [name_of(folder)]
    return re.sub(r"[^A-Za-z0-9._-]+", "-", "-".join(parts)).strip("-.") + ".zip"
