"""Text: handles, cases, plurals, escaping, digests."""

import hashlib
import hmac
import re
from urllib.parse import quote

from till.liquid.filters.common import (
    MOST_ITEMS,
    Filter,
    Html,
    attribute,
    bounded,
    escaped,
    number,
    text,
    wrong,
)

# What `url_escape` leaves alone: what has a meaning in a URL (RFC 3986) besides what is plain.
RESERVED = ";/?:@&=+$,[]-_.!~*'()"
# What handles lose without a hyphen in its place (Shopify/liquid, performance/shopify/shop_filter.rb).
LOST = str.maketrans("", "", "'\"()[]")
_BETWEEN = re.compile(r"\W+")
_WORD = re.compile(r"[^\W_]+")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}
_SPECIAL = re.compile("[&<>\"']")


def handle_of(value: object) -> str:
    """`Polina's Potions!` -> `polinas-potions`; letters of every script stay."""
    return _BETWEEN.sub("-", text(value).lower().translate(LOST)).strip("-")


def handleize(value: object) -> str:
    """The handle of a title."""
    return handle_of(value)


def camelize(value: object) -> str:
    """`variable-name` -> `VariableName`; capitals inside a word stay."""
    return "".join(word[0].upper() + word[1:] for word in _WORD.findall(text(value)))


def pluralize(value: object, one: object = None, many: object = None) -> str:
    """`one` for 1, else `many`; English only, as the platform says."""
    if one is None or many is None:
        raise wrong("give the word for one and the word for many")
    return text(one) if number(value) == 1 else text(many)


def url_escape(value: object) -> str:
    """Percent-encode what cannot stand in a URL; what separates its parts stays."""
    return bounded(quote(text(value), safe=RESERVED))


def url_param_escape(value: object) -> str:
    """As `url_escape`, and the ampersand too."""
    return bounded(quote(text(value), safe=RESERVED.replace("&", "")))


def escape(value: object) -> Html | None:
    """The five characters of HTML as entities, in the spelling of Ruby's CGI.escapeHTML; nil stays nil.

    HTML of another filter is escaped once only: themes write `{{ 'key' | t | escape }}`, and mean the text.
    """
    if value is None:
        return None
    if isinstance(value, Html):
        return attribute(value)
    return Html(_SPECIAL.sub(lambda found: _ENTITIES[found[0]], text(value)))


def escape_once(value: object) -> Html:
    """As `escape`, but an entity is left as it is."""
    return attribute(value)


def highlight(value: object, term: object = None) -> Html:
    """Each place of `term`, whatever its case, in `<strong class="highlight">`; the rest is escaped."""
    sought = text(term).strip()
    given = text(value)
    if not sought or len(sought) > 1000:
        return escaped(value)
    parts = re.split(f"({re.escape(sought)})", given, maxsplit=MOST_ITEMS, flags=re.IGNORECASE)
    marked = (
        f'<strong class="highlight">{escaped(part)}</strong>' if at % 2 else escaped(part)
        for at, part in enumerate(parts)
    )
    return Html(bounded("".join(marked)))


def md5(value: object) -> str:
    """The MD5 digest of the text, as hex; for avatars and cache names, not for secrets."""
    return hashlib.md5(_bytes(value), usedforsecurity=False).hexdigest()


def sha1(value: object) -> str:
    """The SHA-1 digest of the text, as hex."""
    return hashlib.sha1(_bytes(value), usedforsecurity=False).hexdigest()


def sha256(value: object) -> str:
    """The SHA-256 digest of the text, as hex."""
    return hashlib.sha256(_bytes(value)).hexdigest()


def hmac_sha1(value: object, key: object = None) -> str:
    """The HMAC of the text with SHA-1, as hex."""
    return hmac.new(_key(key), _bytes(value), hashlib.sha1).hexdigest()


def hmac_sha256(value: object, key: object = None) -> str:
    """The HMAC of the text with SHA-256, as hex."""
    return hmac.new(_key(key), _bytes(value), hashlib.sha256).hexdigest()


def _bytes(value: object) -> bytes:
    return text(value).encode("utf-8", "replace")


def _key(key: object) -> bytes:
    if key is None:
        raise wrong("give the secret key")
    return _bytes(key)


def format_code(value: object) -> str:
    """The code of a gift card in groups of four."""
    code = text(value)
    return " ".join(code[at : at + 4] for at in range(0, len(code), 4))


FILTERS: dict[str, Filter] = {
    "camelize": camelize,
    "escape": escape,
    "escape_once": escape_once,
    "format_code": format_code,
    "handle": handleize,
    "handleize": handleize,
    "highlight": highlight,
    "hmac_sha1": hmac_sha1,
    "hmac_sha256": hmac_sha256,
    "md5": md5,
    "pluralize": pluralize,
    "sha1": sha1,
    "sha256": sha256,
    "url_escape": url_escape,
    "url_param_escape": url_param_escape,
}
