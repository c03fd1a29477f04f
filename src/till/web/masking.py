"""What of a request's address may be written down: never what names a person, nor what opens a door.

Only what is known to be harmless is kept as it came; a name that nobody thought of keeps nothing.
"""

import re
from functools import lru_cache

HIDDEN = "***"
LONGEST = 300
# Parameters that say how much of what kind is asked for, in words of the API, numbers and times.
# fmt: off
PLAIN = frozenset((
    "after", "ascending", "by", "closedat", "createdat", "code", "fields", "financialstatus",
    "form", "from", "fulfillmentstatus", "granularity", "ids", "installationid", "kind", "limit",
    "method", "minms", "orderid", "processedat", "requestid", "scope", "shop", "shopid", "sinceid",
    "sort", "sortby", "sortorder", "state", "states", "status", "subscriptionid", "to", "topic",
    "topics", "updatedat", "wait", "createdatmin", "createdatmax", "updatedatmin", "updatedatmax",
    "processedatmin", "processedatmax",
))
# fmt: on
VALUE = re.compile(r"(?:[A-Za-z0-9_.,:/+*<>=-]|%2[0BCFbcf]|%3[ACDEacde]){0,120}")
SEGMENT = re.compile(r"[A-Za-z_.-]{1,40}|[0-9]{1,20}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PATH = re.compile(rf"(?:/(?:{SEGMENT.pattern})){{1,12}}")


def masked(path: str, query: str) -> str:
    """The path and query of a request with all that may be personal or secret replaced by stars."""
    shown = path if PATH.fullmatch(path) else _masked_path(path)
    return f"{shown}?{_masked_query(query)}" if query else shown


def _masked_path(path: str) -> str:
    return "/".join(
        part if not part or SEGMENT.fullmatch(part) else HIDDEN for part in path[:LONGEST].split("/")
    )


@lru_cache(maxsize=4096)
def _masked_query(query: str) -> str:
    return "&".join(map(_masked_pair, query[: LONGEST * 4].split("&")))[:LONGEST]


def _masked_pair(pair: str) -> str:
    name, equals, value = pair.partition("=")
    if not re.fullmatch(r"[A-Za-z_]{1,40}", name):
        return HIDDEN
    if not equals or (name.lower().replace("_", "") in PLAIN and VALUE.fullmatch(value)):
        return pair
    return f"{name}={HIDDEN}"
