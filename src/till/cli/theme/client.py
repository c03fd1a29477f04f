"""The themes of a shop, through the API of a server."""

import base64
import secrets
import time
from collections.abc import Sequence
from typing import Any, NoReturn
from urllib.parse import quote

import msgspec
from msgspec import Struct, field

from till.cli.outcome import Exit, stop
from till.cli.remote import Json, Refused, Remote
from till.dialect.body import nearest
from till.errors import Invalid
from till.themes import package
from till.themes.files import is_text
from till.themes.theme import Status

# A batch may take long to arrive and to be parsed.
PATIENCE = 180.0
# The server takes 70 MB in one batch; files are Base64 or escaped text on their way.
LARGEST = 60_000_000
# Beyond so many files one package is quicker than each by itself.
FEW = 8
WAIT = 600.0
PAUSE = 0.2


class Unfinished(Invalid):
    """The server could not install a theme, or not in time."""


class Theme(Struct, rename="camel"):
    """A theme as the API shows it; what it shows besides is passed over."""

    shop_theme_id: str
    shop_theme_name: str
    is_current: bool
    status: str
    create_time: str = ""
    update_time: str = ""
    version: int | str | None = None
    reason: str | None = None

    @property
    def id(self) -> str:
        return self.shop_theme_id

    @property
    def name(self) -> str:
        return self.shop_theme_name

    @property
    def named(self) -> str:
        """As sentences name it."""
        return f"{self.shop_theme_name!r} ({self.shop_theme_id})"


class Held(Struct):
    """The checksums of a theme's files by name, and the version that they are of."""

    files: dict[str, str] = field(default_factory=dict)
    version: int | str | None = None


class Shelf:
    """The themes of one shop; raises as `Remote` does."""

    def __init__(self, remote: Remote) -> None:
        remote.patience = PATIENCE
        self.remote = remote

    @property
    def url(self) -> str:
        return self.remote.url

    def all(self) -> list[Theme]:
        return msgspec.convert(self.remote.get("/themes")["themes"], list[Theme])

    def find(self, wanted: str) -> Theme:
        """The theme of that id or name; ends the command where there is none, or more than one."""
        every = self.all()
        fit = [each for each in every if each.id == wanted]
        fit = fit or [each for each in every if each.name == wanted]
        fit = fit or [each for each in every if each.name.casefold() == wanted.casefold()]
        if len(fit) == 1:
            return fit[0]
        return _unclear(wanted, fit, every)

    def current(self) -> Theme:
        """The theme that the shop shows."""
        return next(each for each in self.all() if each.is_current)

    def held(self, theme: Theme) -> Held:
        """What the theme has, without its content."""
        answer = self.remote.get(_path(theme.id, "assets"))
        files = {each["assetName"]: str(each["checksum"]) for each in answer["assets"]}
        return Held(files=files, version=answer.get("version"))

    def content(self, theme: Theme, name: str) -> bytes:
        """The bytes of one file."""
        asset = self.remote.get(_path(theme.id, "assets"), assetName=name)["asset"]
        if asset.get("encoding") == "base64":
            return base64.b64decode(asset["context"])
        return str(asset["context"]).encode()

    def contents(self, theme: Theme, names: Sequence[str]) -> dict[str, bytes]:
        """The bytes of several files; in one package where they are many."""
        if len(names) <= FEW:
            return {name: self.content(theme, name) for name in names}
        try:
            whole = self.package(theme)
        except Refused:  # there is more than one package holds
            return {name: self.content(theme, name) for name in names}
        return {name: whole[name] for name in names if name in whole}

    def package(self, theme: Theme) -> dict[str, bytes]:
        """All files of a theme."""
        answer = self.remote.get(_path(theme.id, "package"))
        return package.read(base64.b64decode(answer["package"]["attachment"]))

    def create(self, name: str, packed: bytes | None = None, *, wait: bool = True) -> Theme:
        """A new theme of a package, or a copy of the default one; `Unfinished` says why there is none."""
        told: Json = {"shopThemeName": name}
        told |= {} if packed is None else {"attachment": base64.b64encode(packed).decode()}
        made = self._theme(self._write("POST", "/themes", {"theme": told}))
        return self.wait(made) if wait else made

    def wait(self, theme: Theme) -> Theme:
        """Wait until the theme is installed; `Unfinished` says why it could not be."""
        until = time.monotonic() + WAIT
        while theme.status == Status.INIT:
            if time.monotonic() > until:
                raise Unfinished(f"Theme {theme.named} is still {theme.status} after {WAIT:g} s.")
            time.sleep(PAUSE)
            theme = self._theme(self.remote.get(_path(theme.id)))
        if theme.status == Status.FAIL:
            raise Unfinished(
                f"Theme {theme.named} could not be installed: {theme.reason or 'no reason told.'}"
            )
        return theme

    def batch(self, theme: Theme, put: Sequence[Json], delete: Sequence[Json]) -> Json:
        """Change several files at once, all or none."""
        return self._write("POST", _path(theme.id, "assets"), {"assets": put, "delete": delete})

    def publish(self, theme: Theme) -> Theme:
        return self._theme(self._write("POST", _path(theme.id, "publish")))

    def rollback(self) -> Theme:
        """Show what was shown before."""
        return self._theme(self._write("POST", "/themes/rollback"))

    def restore(self, theme: Theme, version: int) -> Theme:
        """Make a theme what it was at an earlier version."""
        return self._theme(self._write("POST", _path(theme.id, "rollback"), {"version": version}))

    def duplicate(self, theme: Theme, name: str | None) -> Theme:
        body = {} if name is None else {"theme": {"shopThemeName": name}}
        return self.wait(self._theme(self._write("POST", _path(theme.id, "duplicate"), body)))

    def rename(self, theme: Theme, name: str) -> Theme:
        body = {"theme": {"shopThemeName": name}}
        return self._theme(self._write("PUT", _path(theme.id), body))

    def delete(self, theme: Theme) -> None:
        self._write("DELETE", _path(theme.id))

    def preview(self, theme: Theme) -> Json:
        """A link that shows the theme to whoever has it: `url` and `expireTime`."""
        answer: Json = self._write("POST", _path(theme.id, "preview"))["preview"]
        return answer

    def diff(self, theme: Theme, **query: Any) -> Json:
        """What differs between two versions of a theme, or between two themes."""
        answer: Json = self.remote.get(_path(theme.id, "diff"), **query)["diff"]
        return answer

    def versions(self, theme: Theme) -> list[Json]:
        """The versions of a theme that are kept."""
        found: list[Json] = []
        for page, _ in self.remote.pages(_path(theme.id, "versions")):
            found += page["versions"]
        return found

    def _write(self, method: str, path: str, body: Json | None = None) -> Json:
        # Each write is another one to the server, and safe to send again by itself.
        self.remote.key = f"till-theme-{secrets.token_hex(12)}"
        return self.remote.write(method, path, body)

    def _theme(self, answer: Json) -> Theme:
        return msgspec.convert(answer["theme"], Theme)


def as_asset(name: str, content: bytes, if_match: str | None) -> Json:
    """A file as the batch takes it: text as it is, anything else in Base64."""
    told: Json = {"assetName": name}
    try:
        text = content.decode() if is_text(name) else None
    except UnicodeDecodeError:
        text = None
    if text is None or "\0" in text:
        told |= {"context": base64.b64encode(content).decode(), "encoding": "base64"}
    else:
        told |= {"context": text}
    return told | ({} if if_match is None else {"ifMatch": if_match})


def as_deletion(name: str, if_match: str | None) -> Json:
    """A file that goes, as the batch takes it."""
    return {"assetName": name} | ({} if if_match is None else {"ifMatch": if_match})


def _path(theme_id: str, what: str = "") -> str:
    return f"/themes/{quote(theme_id, safe='')}" + (f"/{what}" if what else "")


def _unclear(wanted: str, fit: Sequence[Theme], every: Sequence[Theme]) -> NoReturn:
    if fit:
        ids = ", ".join(each.id for each in fit)
        stop(f"Several themes are called {wanted!r}: name one by its id: {ids}.", Exit.USAGE)
    names = ", ".join(each.named for each in every)
    hint = nearest(wanted, [each.name for each in every])
    stop(f"There is no theme {wanted!r}{hint}; there are {names}.")
