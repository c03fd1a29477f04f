"""Names of months and days, and the usual ways to write a date, in the languages that Till speaks dates in.

The page must not read files while it is rendered, so these stand here; a theme's own locale file goes before
them (`date_formats`, and `date.month_names` and its kin as Ruby's i18n calls them).
"""

from typing import NamedTuple


class Names(NamedTuple):
    """What a language calls its months (from January) and days (from Monday)."""

    months: tuple[str, ...]
    short_months: tuple[str, ...]
    days: tuple[str, ...]
    short_days: tuple[str, ...]


def _words(given: str) -> tuple[str, ...]:
    return tuple(given.split())


ENGLISH = Names(
    _words("January February March April May June July August September October November December"),
    _words("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"),
    _words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday"),
    _words("Mon Tue Wed Thu Fri Sat Sun"),
)
NAMES = {
    "en": ENGLISH,
    "de": Names(
        _words("Januar Februar März April Mai Juni Juli August September Oktober November Dezember"),
        _words("Jan Feb Mär Apr Mai Jun Jul Aug Sep Okt Nov Dez"),
        _words("Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag"),
        _words("Mo Di Mi Do Fr Sa So"),
    ),
    "fr": Names(
        _words("janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
        _words("janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc."),
        _words("lundi mardi mercredi jeudi vendredi samedi dimanche"),
        _words("lun. mar. mer. jeu. ven. sam. dim."),
    ),
    "es": Names(
        _words("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
        _words("ene feb mar abr may jun jul ago sept oct nov dic"),
        _words("lunes martes miércoles jueves viernes sábado domingo"),
        _words("lun mar mié jue vie sáb dom"),
    ),
    "it": Names(
        _words(
            "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"
        ),
        _words("gen feb mar apr mag giu lug ago set ott nov dic"),
        _words("lunedì martedì mercoledì giovedì venerdì sabato domenica"),
        _words("lun mar mer gio ven sab dom"),
    ),
    "nl": Names(
        _words("januari februari maart april mei juni juli augustus september oktober november december"),
        _words("jan feb mrt apr mei jun jul aug sep okt nov dec"),
        _words("maandag dinsdag woensdag donderdag vrijdag zaterdag zondag"),
        _words("ma di wo do vr za zo"),
    ),
}

# The platform's named formats; the words of English, the order of the others.
FORMATS = {
    "en": {
        "abbreviated_date": "%b %-d, %Y",
        "basic": "%-m/%-d/%Y",
        "date": "%B %-d, %Y",
        "date_at_time": "%B %-d, %Y at %-I:%M %P",
        "default": "%a, %b %-d, %Y, %-I:%M %P %z",
        "on_date": "on %b %-d, %Y",
        "short": "%-d %b %H:%M",
        "long": "%B %-d, %Y %H:%M",
    },
    "de": {
        "abbreviated_date": "%-d. %b %Y",
        "basic": "%-d.%-m.%Y",
        "date": "%-d. %B %Y",
        "date_at_time": "%-d. %B %Y um %H:%M",
        "default": "%a, %-d. %b %Y, %H:%M %z",
        "on_date": "am %-d. %b %Y",
        "short": "%-d. %b %H:%M",
        "long": "%-d. %B %Y %H:%M",
    },
}
# Elsewhere in Europe: day, month, year.
USUAL = {
    "abbreviated_date": "%-d %b %Y",
    "basic": "%d/%m/%Y",
    "date": "%-d %B %Y",
    "date_at_time": "%-d %B %Y, %H:%M",
    "default": "%a %-d %b %Y, %H:%M %z",
    "on_date": "%-d %b %Y",
    "short": "%-d %b %H:%M",
    "long": "%-d %B %Y %H:%M",
}


def names_of(locale: str) -> Names:
    """The names of a language; those of English where Till does not know it."""
    return NAMES.get(language_of(locale), ENGLISH)


def formats_of(locale: str) -> dict[str, str]:
    """The named formats of a language."""
    language = language_of(locale)
    return FORMATS.get(language) or (USUAL if language in NAMES else FORMATS["en"])


def language_of(locale: str) -> str:
    """`de` of `de-AT`."""
    return locale.replace("_", "-").partition("-")[0].lower()
