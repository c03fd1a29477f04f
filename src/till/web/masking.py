"""What of a request's address may be written down: never what names a person, nor what opens a door.

Only what is known to be harmless is kept as it came: words of Till's own paths, ids of its own, and the
values of some parameters. A name that nobody thought of keeps nothing.
"""

import re
from functools import lru_cache

HIDDEN = "***"
LONGEST = 300
# Parameters that say how much of what kind is asked for, in words of the API, numbers and times.
# fmt: off
PLAIN = frozenset((
    "after", "ascending", "by", "closedat", "createdat", "fields", "financialstatus",
    "form", "from", "fulfillmentstatus", "granularity", "installationid", "kind", "limit",
    "method", "minms", "orderid", "processedat", "requestid", "scope", "shop", "shopid", "sinceid",
    "sort", "sortby", "sortorder", "states", "status", "subscriptionid", "to", "topic",
    "topics", "updatedat", "wait", "createdatmin", "createdatmax", "updatedatmin", "updatedatmax",
    "processedatmin", "processedatmax",
))
# fmt: on
VALUE = re.compile(r"(?:[A-Za-z0-9_.,:/+*<>=-]|%2[0BCFbcf]|%3[ACDEacde]){0,120}")
VERSION = re.compile(r"20[0-9]{4}")
# Ids that Till gave: numbers of too many digits for a telephone's, of too few for one, and UUIDs.
OWN = re.compile(r"[0-9]{1,6}|[0-9]{14,20}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# A channel calls customers what it likes: by their e-mail address, or their telephone number.
FOREIGN = "{customerId}"


def masked(path: str, query: str, template: str) -> str:
    """The path and query of a request with all that may be personal or secret replaced by stars.

    `template` is the endpoint's path below the version; any other text where the path leads to none, of
    which only the version is kept.
    """
    shown = path if _harmless(template).fullmatch(path) else _masked_path(path, template)
    return f"{shown}?{_masked_query(query)}" if query else shown


@lru_cache(maxsize=512)
def _harmless(template: str) -> re.Pattern[str]:
    """What a path is that stays as it is: nearly all of them, in a quarter of the time of looking closely."""
    names = template.strip("/").split("/")
    parts = (f"(?:{OWN.pattern})" if name.startswith("{") else re.escape(name) for name in names)
    return re.compile("(?!)" if FOREIGN in names else f"/api/{VERSION.pattern}/{'/'.join(parts)}")


def _masked_path(path: str, template: str) -> str:
    said = path[:LONGEST].removesuffix(".json").strip("/").split("/", 2)
    head, version, rest = (*said, "", "")[:3]
    if head != "api":
        return f"/{HIDDEN}"
    if not VERSION.fullmatch(version):
        return f"/api/{HIDDEN}"
    parts, names = rest.split("/"), template.strip("/").split("/")
    if len(parts) != len(names):
        return f"/api/{version}/{HIDDEN}"
    return "/".join((f"/api/{version}", *map(_masked_part, parts, names)))


def _masked_part(part: str, name: str) -> str:
    if not name.startswith("{"):
        return part if part == name else HIDDEN
    return part if name != FOREIGN and OWN.fullmatch(part) else HIDDEN


@lru_cache(maxsize=4096)
def _masked_query(query: str) -> str:
    return "&".join(map(_masked_pair, query[: LONGEST * 4].split("&")))[:LONGEST]


def _masked_pair(pair: str) -> str:
    name, equals, value = pair.partition("=")
    if not equals or not re.fullmatch(r"[A-Za-z_]{1,40}", name):
        return HIDDEN
    if name.lower().replace("_", "") in PLAIN and VALUE.fullmatch(value):
        return pair
    return f"{name}={HIDDEN}"
