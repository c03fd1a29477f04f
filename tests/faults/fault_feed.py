"""Reads the whole event feed as any app may, into the evidence of the checker."""

import json
import urllib.request

from checker import Told, digest_of

PAGE = 250
ROOT = "/api/202412"


def told(event):
    """One event of the feed, which was asked for with `sign`, so that its exact bytes are there."""
    shown = event["payload"].get("order", {})
    return Told(
        cursor=int(event["cursor"]),
        id=event["id"],
        change=event["eventId"],
        topic=event["topic"],
        resource=event["resourceId"],
        version=event["resourceVersion"],
        digest=digest_of(event["body"].encode()),
        mark=shown.get("note"),
    )


def pages(get, after=0):
    """All pages after a cursor, with `get` answering the JSON of a path."""
    found, more = [], True
    while more:
        page = get(f"/events?after={after}&limit={PAGE}&sign=true")
        found.append((after, [told(each) for each in page["events"]], int(page["cursor"])))
        after, more = found[-1][2], page["more"]
    return found


def getter(url, token):
    """Ask a server that is a process of its own."""

    def get(path):
        asked = urllib.request.Request(f"{url}{ROOT}{path}", headers={"X-Genstore-Access-Token": token})
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return json.load(answer)

    return get


def walked(url, token, path, name):
    """All that a list of the API holds, page after page."""
    while path:
        asked = urllib.request.Request(f"{url}{ROOT}{path}", headers={"X-Genstore-Access-Token": token})
        with urllib.request.urlopen(asked, timeout=30) as answer:
            yield from json.load(answer)[name]
            links = (answer.headers["Link"] or "").split(", ")
        ahead = [link for link in links if 'rel="next"' in link]
        path = ahead[0].partition(ROOT)[2].partition(">")[0] if ahead else None
