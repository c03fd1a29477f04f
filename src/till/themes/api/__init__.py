"""The REST endpoints of themes, their files and their history."""

from till.themes.api import assets, history, themes

ENDPOINTS = (*themes.ENDPOINTS, *assets.ENDPOINTS, *history.ENDPOINTS)
