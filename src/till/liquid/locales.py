"""Texts of a theme in a language: locales/*.json, looked up by dotted keys, with plurals."""

import json
from collections.abc import Iterator, Mapping

from till.liquid.faults import nearest

CATEGORIES = ("zero", "one", "two", "few", "many", "other")


def plural(locale: str, count: float) -> str:  # noqa: C901, PLR0911, PLR0912 -- a table of languages, flat on purpose
    """The plural category of a count in a language (the cardinal rules of Unicode CLDR)."""
    language = locale.replace("_", "-").split("-")[0].lower()
    whole = int(count) if float(count).is_integer() else None
    tens, ones = (abs(whole) % 100, abs(whole) % 10) if whole is not None else (-1, -1)
    match language:
        case "ja" | "ko" | "zh" | "th" | "vi" | "id" | "ms":
            return "other"
        case "fr" | "hy":
            return "one" if abs(count) < 2 else "other"
        case "pt":
            return "one" if whole is not None and whole in {0, 1} else "other"
        case "ru" | "uk" | "sr" | "hr" | "bs":
            if ones == 1 and tens != 11:
                return "one"
            if ones in {2, 3, 4} and tens not in {12, 13, 14}:
                return "few"
            return "other" if whole is None or language in {"sr", "hr", "bs"} else "many"
        case "pl":
            if whole == 1:
                return "one"
            if ones in {2, 3, 4} and tens not in {12, 13, 14}:
                return "few"
            return "other" if whole is None else "many"
        case "cs" | "sk":
            if whole == 1:
                return "one"
            if whole in {2, 3, 4}:
                return "few"
            return "many" if whole is None else "other"
        case "ar":
            if whole in {0, 1, 2}:
                return ("zero", "one", "two")[whole]
            if 3 <= tens <= 10:
                return "few"
            return "many" if 11 <= tens <= 99 else "other"
        case "lt":
            if ones == 1 and not 11 <= tens <= 19:
                return "one"
            if 2 <= ones <= 9 and not 11 <= tens <= 19:
                return "few"
            return "many" if whole is None else "other"
        case "he":
            return {1: "one", 2: "two"}.get(whole or 0, "other")
        case "ro":
            if whole == 1:
                return "one"
            return "few" if whole is None or whole == 0 or 1 <= tens <= 19 else "other"
        case _:
            return "one" if count == 1 else "other"


class Translations:
    """The texts of one language, with those of the default language behind them."""

    def __init__(self, locale: str, layers: list[tuple[str, Mapping[str, object]]]) -> None:
        self.locale = locale
        self._layers = layers
        self._keys: tuple[str, ...] | None = None

    def find(self, key: str) -> object:
        """What stands under a dotted key: a text, a mapping of plurals or of texts, or None."""
        for _, texts in self._layers:
            found = _walk(texts, key)
            if found is not None:
                return found
        return None

    def text(self, key: str, count: float | None = None) -> str | None:
        """The text under a key, in the plural form of `count` where it has plural forms; None if missing."""
        for locale, texts in self._layers:
            found = _walk(texts, key)
            if isinstance(found, Mapping):
                if count is None:
                    found = found.get("other")
                else:
                    exact = found.get("zero") if count == 0 else None
                    found = exact or found.get(plural(locale, count)) or found.get("other")
            if isinstance(found, (str, int, float)):
                return str(found)
        return None

    def nearest(self, key: str) -> str:
        """The key that `key` was probably meant to be, or an empty string."""
        if self._keys is None:
            self._keys = tuple({name for _, texts in self._layers for name in _leaves(texts)})
        return nearest(key, self._keys)


def _walk(texts: Mapping[str, object], key: str) -> object:
    found: object = texts
    for part in key.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return None
        found = found[part]
    return found


def _leaves(texts: Mapping[str, object], before: str = "") -> Iterator[str]:
    for name, value in texts.items():
        if isinstance(value, Mapping) and not set(value) <= set(CATEGORIES):
            yield from _leaves(value, f"{before}{name}.")
        else:
            yield before + name


def locales(files: Mapping[str, str]) -> dict[str, bool]:
    """The languages of a theme, each with whether it is the default: `{"en": True, "de": False}`."""
    found = {}
    for name in files:
        folder, _, rest = name.partition("/")
        if folder == "locales" and rest.endswith(".json") and not rest.endswith(".schema.json"):
            stem = rest.removesuffix(".json")
            found[stem.removesuffix(".default")] = stem.endswith(".default")
    return found


def translations(
    files: Mapping[str, str], locale: str, sections: Mapping[str, Mapping[str, object]] | None = None
) -> Translations:
    """The texts of `locale`: its own file, that of its language, and the theme's default file behind both.

    `sections` are texts of sections' own schemas, section -> language -> texts; they are found under
    `sections.<section>`.
    """
    known = locales(files)
    default = next((name for name, first in known.items() if first), "en")
    layers: list[tuple[str, Mapping[str, object]]] = []
    for name in dict.fromkeys((locale, locale.partition("-")[0], default)):
        if name in known:
            text = files[f"locales/{name}.default.json" if known[name] else f"locales/{name}.json"]
            layers.append((name, read(text)))
        own = {section: texts[name] for section, texts in (sections or {}).items() if name in texts}
        if own:
            layers.append((name, {"sections": own}))
    return Translations(locale, layers)


def read(text: str) -> Mapping[str, object]:
    """A locale file; one that cannot be read has no texts (`parsing` names what is wrong with it)."""
    try:
        found = json.loads(without_comments(text))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def without_comments(text: str) -> str:
    """A JSON file of a theme without the comments that tools write above it; lines stay where they are."""
    body = text.lstrip("\ufeff \t\r\n")
    if not body.startswith("/*"):
        return text.lstrip("\ufeff")
    end = body.find("*/")
    lead = text[: len(text) - len(body)] + body[: end + 2]
    return "\n" * lead.count("\n") + body[end + 2 :] if end >= 0 else text
