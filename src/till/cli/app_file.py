"""Reads `genstore.app.toml`, the file in which a developer says what the app is (genstore.md §10.5)."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec import Struct

from till.apps import scope
from till.caller import Protected
from till.deliveries.catalog import KINDS
from till.dialect.body import nearest
from till.errors import Invalid, Refusal

CONFIG = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
REQUIRED = ("name", "client_id", "application_url", "embedded")
# Tables beside the documented [access_scopes] are Till's own, for what Genstore has entered in its portal.
TABLES = {
    "access_scopes": ("scopes",),
    "auth": ("redirect_urls",),
    "protected_data": ("fields",),
}
EMPTY_ID = re.compile(r"""^([ \t]*client_id[ \t]*=[ \t]*)(?:""|'')(?=[ \t]*(?:#.*)?\r?$)""", re.MULTILINE)
FIRST_TABLE = re.compile(r"^[ \t]*\[", re.MULTILINE)


class BadAppFile(Invalid):
    """The file is not there, cannot be read, or says what cannot be."""


class Declared(Struct, frozen=True, kw_only=True):
    """What the file says, None where it says nothing; `notices` are sentences on what is unknown."""

    path: Path
    name: str
    client_id: str
    application_url: str
    embedded: bool
    handle: str | None
    scopes: frozenset[str]
    redirect_urls: tuple[str, ...] | None
    protected: frozenset[Protected] | None
    webhooks: dict[str, str] | None
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Reader:
    """The values of a file; `BadAppFile` names file, key, what is wrong, and the way out."""

    path: Path
    values: dict[str, Any]

    def wrong(self, key: str, what: str) -> BadAppFile:
        return BadAppFile(f"{self.path.name}: {key} {what}.", fields={key: [what]})

    def text(self, key: str, example: str) -> str:
        value = self.values.get(key)
        if not isinstance(value, str):
            raise self.wrong(key, f'must be a text in quotes: write {key} = "{example}"')
        return value

    def table(self, name: str) -> dict[str, Any] | None:
        value = self.values.get(name)
        if value is not None and not isinstance(value, dict):
            raise self.wrong(name, f"must be a table: write [{name}], and its keys on the lines below")
        return value

    def words(self, table: str, key: str, example: str) -> tuple[str, ...] | None:
        """A list of texts, or one text with commas; None where the file has none."""
        value = (self.table(table) or {}).get(key)
        if value is None:
            return None
        words = value.split(",") if isinstance(value, str) else value
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise self.wrong(f"[{table}] {key}", f'must be texts: write {key} = "{example}"')
        return tuple(word.strip() for word in words if word.strip())


def read_app_file(folder: Path, config: str | None) -> Declared:
    """What `genstore.app.toml` in `folder` says, or `genstore.app.{config}.toml`; `BadAppFile`."""
    if config is not None and not CONFIG.match(config):
        raise BadAppFile(f"{config!r} is no configuration: --config prod reads genstore.app.prod.toml.")
    path = folder / (f"genstore.app.{config}.toml" if config else "genstore.app.toml")
    reader = _Reader(path, _parsed(path))
    for key in REQUIRED:
        if key not in reader.values:
            made = (
                ': write client_id = "" to have one made' if key == "client_id" else ", and has to be there"
            )
            raise reader.wrong(key, f"is missing{made}")
    embedded = reader.values["embedded"]
    if not isinstance(embedded, bool):
        raise reader.wrong("embedded", "must be true or false, without quotes")
    handle = reader.text("handle", "my-app") if "handle" in reader.values else None
    return Declared(
        path=path,
        name=reader.text("name", "My app"),
        client_id=reader.text("client_id", "").strip(),
        application_url=reader.text("application_url", "http://127.0.0.1:3000/"),
        embedded=embedded,
        handle=handle or None,
        scopes=_scopes(reader),
        redirect_urls=reader.words("auth", "redirect_urls", "http://127.0.0.1:3000/callback"),
        protected=_protected(reader),
        webhooks=_webhooks(reader),
        notices=_notices(reader),
    )


def check_rewritable(path: Path) -> None:
    """`BadAppFile` where `write_client_id` would refuse, or could not put the file in its place."""
    _with_client_id(path, "")
    new = _beside(path)
    try:
        new.touch()
        new.unlink()
    except OSError as error:
        raise BadAppFile(
            f"{path.name} cannot be written anew in {path.parent} ({error.strerror}): make the folder "
            f"writable, or leave out --write and copy the client id that is printed."
        ) from None


def write_client_id(path: Path, client_id: str) -> None:
    """Put `client_id` in the place of the empty one, and leave all else as it stands; `BadAppFile`."""
    new = _beside(path)
    new.write_bytes(_with_client_id(path, client_id).encode())
    new.chmod(path.stat().st_mode & 0o777)
    new.replace(path)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.new")


def _with_client_id(path: Path, client_id: str) -> str:
    text = path.read_bytes().decode()
    table = FIRST_TABLE.search(text)
    end = table.start() if table else len(text)
    top, count = EMPTY_ID.subn(rf'\g<1>"{client_id}"', text[:end], count=1)
    if not count:
        raise BadAppFile(
            f'{path.name}: client_id stands where it cannot be replaced: write client_id = "" on a line of '
            f"its own, or leave out --write and copy the client id that is printed."
        )
    return top + text[end:]


def _parsed(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError:
        raise BadAppFile(
            f"There is no {path.name} in {path.parent}: name the folder of the app, or the file's --config."
        ) from None
    except UnicodeDecodeError:
        raise BadAppFile(f"{path.name} is not UTF-8: save it so.") from None
    except tomllib.TOMLDecodeError as error:
        raise BadAppFile(f"{path.name} is no TOML: {str(error).rstrip('.')}.") from None


def _scopes(reader: _Reader) -> frozenset[str]:
    words = reader.words("access_scopes", "scopes", "read_orders,write_apps")
    if not words:
        raise reader.wrong(
            "[access_scopes] scopes",
            'is missing: write scopes = "read_orders,write_apps" below [access_scopes]',
        )
    try:
        return scope.parse(",".join(words))
    except Refusal as refusal:
        raise reader.wrong("[access_scopes] scopes", f"cannot be: {refusal.message.rstrip('.')}") from None


def _protected(reader: _Reader) -> frozenset[Protected] | None:
    words = reader.words("protected_data", "fields", "name,email")
    for word in words or ():
        if word not in set(Protected):
            known = ", ".join(Protected)
            raise reader.wrong("[protected_data] fields", f"has {word!r}: choose from {known}")
    return None if words is None else frozenset(map(Protected, words))


def _webhooks(reader: _Reader) -> dict[str, str] | None:
    table = reader.table("webhooks")
    for topic, url in (table or {}).items():
        if topic not in KINDS:
            raise reader.wrong(f"[webhooks] {topic!r}", f"is no topic{nearest(topic[:64], list(KINDS))}")
        if not isinstance(url, str):
            raise reader.wrong(f"[webhooks] {topic!r}", "must be an address in quotes")
    return table


def _notices(reader: _Reader) -> tuple[str, ...]:
    known = {*REQUIRED, "handle", "webhooks", *TABLES}
    unknown = [key for key in reader.values if key not in known]
    for name, keys in TABLES.items():
        unknown += [f"[{name}] {key}" for key in reader.table(name) or {} if key not in keys]
    return tuple(f"{reader.path.name}: {key} is not known here, and was passed over." for key in unknown)
