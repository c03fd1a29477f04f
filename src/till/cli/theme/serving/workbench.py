"""The theme of a folder as it is at this moment, ready to be rendered; and what becomes of what is saved."""

import hashlib
from collections.abc import Mapping

import msgspec

from till.cli.theme.folder import Folder
from till.cli.theme.naming import name_of
from till.cli.theme.serving.hub import Hub
from till.cli.theme.serving.impact import Repaint, repaint
from till.fence.crew import Part
from till.fence.limits import Breached
from till.fence.pool import PARSE, Fence
from till.liquid.bundle import Asset, Bundle
from till.liquid.faults import Fault, fatal
from till.storefront.rendering import asset_url
from till.themes.files import is_text

ASSETS = "assets/"
Contents = Mapping[str, bytes | None]


class Workbench:
    """Holds the texts of the theme, and the digests of its other files, which stay on the disk."""

    def __init__(self, folder: Folder, fence: Fence, hub: Hub) -> None:
        self.folder, self._fence, self._hub = folder, fence, hub
        self._texts: dict[str, str] = {}
        self._assets: dict[str, Asset] = {}
        self._names: dict[str, str] = {}
        self._key = ""
        self._put(dict(folder.contents()))

    @property
    def name(self) -> str:
        return name_of(self.folder)

    @property
    def key(self) -> str:
        """Unique for what is in the theme."""
        return self._key

    async def bundle(self) -> Bundle:
        return Bundle(self._key, self.name, dict(self._texts), dict(self._assets))

    def asset(self, digest: str) -> bytes | None:
        """The bytes of an asset by the SHA-256 that it has, or had: then they are those of now."""
        now = (name for name, asset in self._assets.items() if asset.digest == digest)
        name = next(now, self._names.get(digest))
        return None if name is None else self.folder.read(ASSETS + name)

    async def saved(self, contents: Contents) -> tuple[Repaint, list[Fault]]:
        """Take in what was saved, and have every open page show it; answers what was told to them.

        Where a file cannot be parsed, the pages stay as they were, and say why.
        """
        before = dict(self._texts)
        self._put(contents)
        told = repaint(before, self._texts, contents.keys())
        faults = await self._faults(contents)
        shown = {"faults": msgspec.to_builtins(faults)}
        if fatal(faults):
            told = Repaint(files=tuple(sorted(contents)))
            self._hub.tell("faults", shown | {"files": told.files})
        else:
            urls = {name: self._url(name) for name in told.styles}
            self._hub.tell("repaint", shown | {"urls": urls} | msgspec.to_builtins(told))
        return told, faults

    def _url(self, name: str) -> str:
        """Where a stylesheet is found now."""
        return asset_url(Bundle(self._key, "", self._texts, self._assets), name)

    async def _faults(self, contents: Contents) -> list[Fault]:
        """What is wrong with what was saved."""
        texts = {
            name: self._texts[name] for name, content in contents.items() if content and name in self._texts
        }
        if not texts:
            return []
        try:
            return await self._fence.run(PARSE, [Part(texts)], list[Fault])
        except Breached as breach:
            file = breach.file or min(texts)
            return [Fault(file=file, line=breach.line, kind="limit", message=breach.message)]

    def _put(self, contents: Contents) -> None:
        for name, content in contents.items():
            asset = name.removeprefix(ASSETS) if name.startswith(ASSETS) else None
            if content is None:
                self._texts.pop(name, None)
                self._assets.pop(asset or "", None)
                continue
            if is_text(name):
                self._texts[name] = content.decode(errors="replace")
            if asset is not None:
                digest = hashlib.sha256(content).hexdigest()
                self._assets[asset] = Asset(digest, len(content))
                self._names[digest] = asset
        whole = hashlib.sha256()
        for name in sorted(self._texts):
            whole.update(f"{name}\0{len(self._texts[name])}\0{self._texts[name]}".encode())
        for name in sorted(self._assets):
            whole.update(f"{name}\0{self._assets[name].digest}".encode())
        self._key = whole.hexdigest()
