"""Examples for the description of the API: what is sent and answered of themes."""

import base64
from typing import Any

import msgspec
from msgspec import Struct

from till.clock import EPOCH, micros
from till.themes import wire
from till.themes.journal import payload
from till.themes.manifest import Entry, between, entry_of
from till.themes.shelf import Version
from till.themes.theme import Status, Theme

AT = micros(EPOCH.replace(year=2026, month=3, day=14, hour=15, minute=9, second=26, microsecond=421_000))
LATER = AT + 60_000_000
CLIENT = "9f86d081884c7d65"
# The smallest theme: a layout that writes nothing but the page.
ZIP = (
    "UEsDBBQAAAAAAAAAIQAh1EUGGAAAABgAAAATAAAAbGF5b3V0L3RoZW1lLmxpcXVpZHt7IGNvbnRlbnRfZm9yX2xheW91dCB9fVBL"
    "AQIUAxQAAAAAAAAAIQAh1EUGGAAAABgAAAATAAAAAAAAAAAAAACkgQAAAABsYXlvdXQvdGhlbWUubGlxdWlkUEsFBgAAAAABAAEA"
    "QQAAAEkAAAAAAA=="
)
NAME = "snippets/price.liquid"
OLD = b"{{ product.price }}\n"
NEW = b"{{ product.price | money }}\n"
THEME = Theme(
    shop_id=1,
    id=300_157_930_096_880,
    name="Harbour",
    status=Status.SUCCESS,
    version=2,
    revision=3,
    created_at=AT,
    updated_at=LATER,
)
NEW_THEME = {
    "default": {"theme": {"shopThemeName": "Harbour"}},
    "fetched": {"theme": {"shopThemeName": "Harbour", "src": "https://example.com/harbour.zip"}},
    "sent": {"theme": {"shopThemeName": "Harbour", "attachment": ZIP}},
}
RENAME = {"rename": {"theme": {"shopThemeName": "Harbour by night"}}}
COPY = {"copy": {"theme": {"shopThemeName": "Harbour, sale"}}}
ROLLBACK = {"rollback": {"version": 1}}
ASSET = {
    "text": {"asset": {"context": NEW.decode()}},
    "bytes": {"asset": {"context": base64.b64encode(NEW).decode(), "encoding": "base64"}},
}
BATCH = {
    "batch": {
        "assets": [{"assetName": "assets/price.css", "context": ".price { font-weight: bold; }"}],
        "delete": [{"assetName": "snippets/old-price.liquid"}],
    }
}


def _entry(content: bytes = NEW) -> Entry:
    return entry_of(NAME, content, at=AT)


def _plain(shown: Struct) -> Any:
    return msgspec.to_builtins(shown)


def theme() -> Any:
    return _plain(wire.ThemeAnswer(theme=wire.show(THEME)))


def themes() -> Any:
    return _plain(wire.ThemesAnswer(themes=(wire.show(THEME),)))


def asset() -> Any:
    return _plain(wire.AssetAnswer(asset=wire.show_asset(_entry(), NEW)))


def shop_assert() -> Any:
    return _plain(wire.ShopAssertAnswer(shop_assert=wire.show_asset(_entry(), NEW)))


def asset_changed() -> Any:
    return _plain(wire.AssetChangedAnswer(asset=wire.show_entry(_entry()), version=2))


def assets_changed() -> Any:
    entries = (wire.show_entry(_entry()),)
    deleted = ("snippets/old-price.liquid",)
    return _plain(wire.AssetsChangedAnswer(assets=entries, deleted=deleted, theme=wire.show(THEME)))


def versions() -> Any:
    change = between({NAME: _entry(OLD)}, {NAME: _entry()})
    found = Version(2, LATER, CLIENT, "change", 0, len(change.changed), 0)
    return _plain(wire.ThemeVersionsAnswer(versions=(wire.show_version(found, THEME, "Stock bridge"),)))


def diff() -> Any:
    sides = [wire.Side(THEME.id, number, {NAME: _entry(content)}) for number, content in ((1, OLD), (2, NEW))]
    text = f"--- a/{NAME}\n+++ b/{NAME}\n@@ -1 +1 @@\n-{OLD.decode()}+{NEW.decode()}".rstrip()
    return _plain(wire.ThemeDiffAnswer(diff=wire.show_diff(*sides, only=NAME, text=text)))


def told() -> bytes:
    """What topics of themes tell."""
    gone = "snippets/old-price.liquid"
    old = {NAME: _entry(OLD), gone: entry_of(gone, OLD, at=AT)}
    new = {NAME: _entry(), "assets/price.css": entry_of("assets/price.css", b".price {}", at=AT)}
    return payload(THEME, between(old, new))


def package() -> Any:
    shown = wire.ThemePackageOut(file_name="harbour-2.zip", attachment=ZIP, size=160)
    return _plain(wire.ThemePackageAnswer(package=shown))
