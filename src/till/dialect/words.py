"""The words of a text, as searches on either store compare them."""

import re
import unicodedata

WORD = re.compile(r"[^\W_]+")
LONGEST = 40


def words(text: str) -> list[str]:
    """The searchable words of `text`: letters and digits, without case and accents."""
    folded = text.casefold()
    if not folded.isascii():
        apart = unicodedata.normalize("NFKD", folded)
        folded = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return [word[:LONGEST] for word in WORD.findall(folded)]


def tags_of(text: str | None) -> list[str]:
    """The tags of a comma-separated list."""
    return [tag.strip() for tag in (text or "").split(",") if tag.strip()]
