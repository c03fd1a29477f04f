"""Asks a server over HTTP, with nothing but the standard library."""

import json
import urllib.error
import urllib.request


def ask(url, path, token, body=None, method=None):
    """The status and the JSON of one answer."""
    request = urllib.request.Request(
        f"{url}/api/202412{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"X-Genstore-Access-Token": token, "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)


def every_order(url, token):
    """All orders of a shop, page after page."""
    path = "/orders?limit=250"
    while path:
        request = urllib.request.Request(
            f"{url}/api/202412{path}", headers={"X-Genstore-Access-Token": token}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            yield from json.load(answer)["orders"]
            links = (answer.headers["Link"] or "").split(", ")
        ahead = [link for link in links if 'rel="next"' in link]
        path = ahead[0].partition("/api/202412")[2].partition(">")[0] if ahead else None
